//go:build unix

package cli

import (
	"crypto/sha1"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/audit"
	"aegis/internal/browsertest"
)

var screenshot = flag.String("screenshot", "", "file for a picture of the report that docs/ shows")

// weeks are the entries of some weeks: who reads, who writes, and what was refused.
func weeks() (all []audit.Entry, clock func() time.Time) {
	repos := []string{"acme/service", "acme/website", "acme/infrastructure", "acme/hr-records", "acme/sandbox"}
	tools := []string{"get_file_contents", "search_code", "list_commits", "get_pull_request", "get_file_tree"}
	clients := []string{"claude-code 2.1.4", "Visual Studio Code 1.119", "Cursor 3.2"}
	people := []string{"alice", "bob", "ci-docs"}
	var times []time.Time
	at := time.Date(2031, 2, 3, 8, 0, 0, 0, time.UTC)
	add := func(e audit.Entry) {
		at = at.Add(time.Duration(37+len(times)%11) * time.Second)
		all, times = append(all, e), append(times, at)
	}
	for day := range 19 {
		at = time.Date(2031, 2, 3+day, 8, 13*day%60, 0, 0, time.UTC)
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			continue
		}
		person := day % 3
		session := fmt.Sprintf("%016x", 0x5e1f00d+day*7919)
		who := audit.Entry{Session: session, Principal: people[person], Client: clients[person]}
		start := who
		start.Kind = audit.KindSessionStart
		add(start)
		for n := range 8 + day*5%17 {
			e := who
			e.Kind, e.Call, e.Stage, e.Decision = audit.KindDecision, fmt.Sprintf("%s-%d", session, n+1), audit.StageStatic, audit.Allow
			e.Repo, e.Tool, e.Capability, e.Paths = repos[(n*n+day)%4], tools[(n+day)%5], "read", []string{"docs/index.md"}
			if writes := n%7 == 5; writes {
				e.Repo, e.Tool, e.Capability = "acme/sandbox", "create_issue", "write"
			}
			if e.Repo == "acme/hr-records" {
				e.Decision, e.Code, e.Rule = audit.Deny, "policy_denied", "policy.yaml:14 read"
				add(e)
				continue
			}
			add(e)
			o := e
			o.Kind, o.Stage, o.Decision, o.Bytes = audit.KindOutcome, "", "", int64(900+37*n)
			switch {
			case e.Capability == "write":
				o.Written, o.Made = 1, []string{fmt.Sprintf("issue %d", 10+day)}
				if n == 12 {
					o.Tool, o.Made = "commit_files", []string{fmt.Sprintf("commit %x", sha1.Sum([]byte{byte(day)})), fmt.Sprintf("parent %x", sha1.Sum([]byte{byte(day - 1)}))}
				}
			case n%6 == 3:
				o.Redactions = map[string]int{"aws-access-token": 1, "private-key": n % 2}
			case n == 9:
				o.Code, o.Withheld = "not_found", 2
			}
			add(o)
		}
		end := who
		end.Kind, end.Reason = audit.KindSessionEnd, "end of input"
		add(end)
	}
	next := 0
	return all, func() time.Time {
		next++
		return times[min(next, len(times))-1]
	}
}

// reportPage writes the report of a log.
func reportPage(t *testing.T, log string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "a report #1.html")
	_, stderr, status := auditRun("report", log, "--html", file, "--gitea-url", "https://git.example.org")
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	return file
}

// contrasts lists what of the page's text has too little contrast with what is behind it
// (WCAG 2, 1.4.3).
const contrasts = `(() => {
	const parts = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const [r, g, b] = parts(c).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, p = parts(c); if (p.length < 4 || p[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
	return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.tagName !== 'METER').filter(e => {
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05) < 4.5;
	}).map(e => e.outerHTML.slice(0, 80));
})()`

// The page shows all that it is to show, on a narrow and on a wide screen, light and dark,
// and asks nobody for anything.
func TestReportInABrowser(t *testing.T) {
	t.Parallel()
	entries, clock := weeks()
	file := reportPage(t, logOf(t, audit.Options{Now: clock, MaxSize: 40_000}, entries...))
	for name, view := range map[string]browsertest.View{
		"narrow, light": {Width: 375, Height: 812}, "narrow, dark": {Width: 375, Height: 812, Dark: true},
		"wide, light": {Width: 1280, Height: 1200}, "wide, dark": {Width: 1280, Height: 1200, Dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := browsertest.Open(t, file, view)
			if len(p.Requests) != 1 || !strings.HasPrefix(p.Requests[0], "file:///") || len(p.Messages) > 0 {
				t.Errorf("asks for %q, and says %q", p.Requests, p.Messages)
			}
			var wide int
			if p.Eval("document.documentElement.scrollWidth", &wide); wide > view.Width {
				t.Errorf("is %d wide on a screen of %d", wide, view.Width)
			}
			var faint []string
			if p.Eval(contrasts, &faint); len(faint) > 0 {
				t.Errorf("is hard to read: %q", faint)
			}
			var dark bool
			if p.Eval("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 128", &dark); dark != view.Dark {
				t.Errorf("is dark: %v", dark)
			}
			var headings, links, bars string
			p.Eval("[...document.querySelectorAll('h2')].map(h => h.textContent).join(', ')", &headings)
			if headings != "Calls by day, Tools, Repositories, Principals, Clients, Refusals and failures, Redactions, What was written, Sessions" {
				t.Errorf("shows %s", headings)
			}
			p.Eval("[...new Set([...document.links].map(a => a.host))].join(' ')", &links)
			if links != "git.example.org" {
				t.Errorf("links to %s", links)
			}
			p.Eval("[...document.querySelectorAll('.bars span')].map(s => Math.sign([...s.children].reduce((h, i) => h + i.getBoundingClientRect().height, 0))).join('')", &bars)
			if bars != "1111100111110011111" {
				t.Errorf("bars %s", bars)
			}
			var chain struct{ Text, Colour string }
			p.Eval("({text: document.querySelector('.good').textContent, colour: getComputedStyle(document.querySelector('.good')).color})", &chain)
			if !strings.HasPrefix(chain.Text, "The chain holds") {
				t.Errorf("says %v", chain)
			}
			if *screenshot != "" { // which is to show no folder and no day of whoever takes it
				p.Eval("document.querySelector('.soft').textContent = 'audit.jsonl, 2031-02-03 08:00 to 2031-02-21 09:10 UTC'", new(string))
			}
			if shot := p.Screenshot(); len(shot) < 10_000 {
				t.Errorf("the picture has %d bytes", len(shot))
			} else if *screenshot != "" && name == "wide, light" {
				if err := os.WriteFile(*screenshot, shot, 0o644); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Whatever callers chose to be called by, the page says what it is to say, where it is to
// say it, and nothing of theirs runs.
func TestAHostileReportInABrowser(t *testing.T) {
	t.Parallel()
	const evil = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><style>body{display:none}</style></table></div>` + hostile
	var entries []audit.Entry
	for _, text := range []string{evil, strings.Repeat("long", 200), strings.Repeat("M\u0301\u0302\u0303\u0304", 60)} {
		entries = append(entries, hostileEntries(text)...)
	}
	log := logOf(t, audit.Options{Now: from2031(time.Second)}, entries...)
	for _, width := range []int{375, 1280} {
		p := browsertest.Open(t, reportPage(t, log), browsertest.View{Width: width, Height: 900})
		var title string
		var strange, wide int
		var at float64
		p.Eval("document.title", &title)
		p.Eval("document.querySelectorAll('script, img, iframe, link, object, embed, form, svg, body style').length", &strange)
		p.Eval("document.documentElement.scrollWidth", &wide)
		p.Eval("(r => document.elementFromPoint(r.left + 5, r.top + 5).className === 'good' ? r.top : -1)(document.querySelector('.good').getBoundingClientRect())", &at)
		if title != "Aegis audit log" || strange > 0 || wide > width || at < 0 || at > 400 || len(p.Requests) != 1 || len(p.Messages) > 0 {
			t.Errorf("%d: title %q, %d strange elements, %d wide, the verdict at %.0f, %q %q", width, title, strange, wide, at, p.Requests, p.Messages)
		}
	}
}
