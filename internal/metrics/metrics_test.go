package metrics

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func known() Known {
	words := func(all ...string) func() []string { return func() []string { return all } }
	return Known{Version: "1.2.3", Tools: words("get_me", "get_issue"), Codes: words("policy_denied", "not_found"), Rules: words("own-credential", "aws-access-token")}
}

// everything reports all that can be, with words that are meant.
func everything(o *Observer) {
	o.CallBegins("get_me")("ok", "", map[string]int{"aws-access-token": 2})
	o.CallBegins("get_issue")("refused", "policy_denied", nil)
	o.GiteaAnswered("GET", 200, 3*time.Millisecond)
	o.GiteaAnswered("POST", NoAnswer, time.Minute)
	o.GiteaAnswered("GET", GivenUp, 0)
	o.Appended(nil)
	o.Appended(errors.New("full"))
	o.PolicyRead(nil)
	o.PolicyRead(errors.New("torn"))
	o.AuthFailed("no_key")
	o.Limited("rate_key")
	o.Served(401)
	o.Jobs("stale-issues")
	o.JobEnded("stale-issues", "done")
	o.Delivered("accepted")
}

// watched has all gauges.
func watched(o *Observer) {
	for _, name := range []string{Sessions, HTTPConnections, AuditOK, PolicyOK, KeysOK, StateOK, KillSwitch, JobsWaiting} {
		o.Watch(name, func() float64 { return 1 })
	}
}

func shown(t *testing.T, o *Observer) string {
	t.Helper()
	var all bytes.Buffer
	if err := o.Write(&all); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// hostile is what nobody should ever report, and somebody could.
var hostile = []string{
	"", "acme/secret-repo", "/etc/aegis/ci.token", "10.1.2.3", "aegis_kkkkkkkk", "x\"} 1\nevil{a=\"b", "GET\n", "get_me ", "GET_ME", "über", "\x00\xff", strings.Repeat("a", 1<<16),
	"other", "200", "custom", "{", "\\", "policy_denied\x00", "get_me\"",
}

var labelled = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)

// Whatever is reported, a label has a value of its closed set.
func TestLabelsAreOfClosedSets(t *testing.T) {
	t.Parallel()
	o := New(known())
	everything(o)
	want := map[string][]string{
		"version": {"1.2.3"}, "tool": {"get_me", "get_issue", "other"}, "code": {"policy_denied", "not_found", "other"}, "rule": {"own-credential", "aws-access-token", "custom"},
		"outcome": {"ok", "asked", "refused", "failed", "cancelled", "done", "later", "unknown", "dropped", "other"}, "job": {"stale-issues", "other"},
		"delivery": append(slices.Clone(labels["delivery"]), "other"), "method": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"},
		"status": {"2xx", "3xx", "4xx", "5xx", "error", "cancelled"}, "reason": {"no_key", "malformed", "unknown", "not_in_force", "wrong_address", "other"},
		"limit": {"rate_key", "rate_address", "auth_throttled", "sessions", "pending", "bodies", "body", "slow_body", "connections", "hooks", "other"}, "result": {"loaded", "failed"},
	}
	before := len(strings.Split(shown(t, o), "\n"))
	for _, word := range hostile {
		o.CallBegins(word)(word, word, map[string]int{word: 1})
		o.GiteaAnswered(word, len(word), time.Hour)
		o.GiteaAnswered("GET", -len(word)-2, -time.Hour)
		o.AuthFailed(word)
		o.Limited(word)
		o.Served(len(word))
		o.JobEnded(word, word)
		o.Delivered(word)
	}
	all := shown(t, o)
	for line := range strings.Lines(all) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !regexp.MustCompile(`^[a-z_]+(\{[^{}]*\})? [0-9.e+-]+\n$`).MatchString(line) {
			t.Errorf("%q", line)
		}
		for _, found := range labelled.FindAllStringSubmatch(line, -1) {
			if found[1] == "le" || found[1] == "go_version" {
				continue
			}
			if !slices.Contains(want[found[1]], found[2]) {
				t.Errorf("%s is not in the closed set of %s: %s", found[2], found[1], line)
			}
		}
	}
	if after := len(strings.Split(all, "\n")); after > before+60 {
		t.Errorf("%d lines have become %d", before, after)
	}
	for _, word := range []string{"acme", "secret-repo", "/etc", "10.1.2.3", "evil", "aegis_kkk", "über"} {
		if strings.Contains(all, word) {
			t.Errorf("%s is told", word)
		}
	}
}

// The documentation has each metric with its type and its labels, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][2]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:aegis|process)_[a-z_]+)` \\| (counter|gauge|histogram) \\| ([^|]*)\\|").FindAllStringSubmatch(string(page), -1) {
		var named []string
		for _, label := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[3], -1) {
			named = append(named, label[1])
		}
		documented[row[1]] = [2]string{row[2], strings.Join(named, " ")}
	}
	for _, f := range append(slices.Clone(families), process...) {
		if got, want := documented[f.name], [2]string{f.kind, strings.Join(f.labels, " ")}; got != want {
			t.Errorf("%s is documented as %q, and is %q", f.name, got, want)
		}
		delete(documented, f.name)
	}
	for name := range documented {
		t.Errorf("%s is documented and not there", name)
	}
	for label, words := range labels {
		for _, word := range words {
			if !strings.Contains(string(page), "`"+word+"`") && label != "method" && label != "status" {
				t.Errorf("the %s %s is not documented", label, word)
			}
		}
	}
}

// Each family is shown once, with what it says and what it is before its values.
func TestEachFamilyHasItsHelpAndType(t *testing.T) {
	t.Parallel()
	o := New(known())
	everything(o)
	watched(o)
	all := shown(t, o)
	for _, f := range families {
		head := "# HELP " + f.name + " " + f.help + "\n# TYPE " + f.name + " " + f.kind + "\n" + f.name
		if strings.Count(all, "# TYPE "+f.name+" ") != 1 || !strings.Contains(all, head) {
			t.Errorf("%s is not shown as it should be", f.name)
		}
	}
	if lines := strings.Count(all, "\n# TYPE process_"); lines == 0 {
		t.Log("this system tells nothing of the process")
	}
}

func promtool(t *testing.T, text string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("NOT RUN: promtool is not here (Debian: apt-get install prometheus)")
	}
	check := exec.Command(program, "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("promtool: %v\n%s", err, said)
	}
}

// Prometheus' own tool has nothing to say about what is shown.
func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	t.Parallel()
	o := New(known())
	promtool(t, shown(t, o))
	everything(o)
	watched(o)
	promtool(t, shown(t, o))
	watched(o) // by somebody else
}

// What is counted at once is all counted, and a nil observer counts nothing.
func TestCountingAtOnce(t *testing.T) {
	t.Parallel()
	o := New(known())
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 100 {
				everything(o)
				o.CallBegins("get_me")
			}
		})
	}
	for range 20 {
		_ = shown(t, o)
		_ = o.Counters()
	}
	all.Wait()
	text := shown(t, o)
	for _, line := range []string{
		`aegis_calls_total{tool="get_me",outcome="ok"} 1600`, `aegis_redactions_total{rule="aws-access-token"} 3200`, `aegis_calls_running 1600`,
		`aegis_gitea_request_duration_seconds_count 4800`, `aegis_http_requests_total{status="4xx"} 1600`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("lacks %s", line)
		}
	}
	if n := o.Counters()["aegis_calls_total"].(map[string]any)["get_issue"].(map[string]any)["refused"]; n != int64(1600) {
		t.Errorf("counters say %v", n)
	}
	var nobody *Observer
	everything(nobody)
	if len(nobody.Counters()) > 0 {
		t.Error("nobody has counted")
	}
}

// What counting adds to a call: its outcome, a request to Gitea and two entries of the log.
func BenchmarkACall(b *testing.B) {
	for name, o := range map[string]*Observer{"nobody": nil, "counted": New(known())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ends := o.CallBegins("get_me")
				o.GiteaAnswered("GET", 200, time.Millisecond)
				o.Appended(nil)
				o.Appended(nil)
				ends("ok", "", nil)
			}
		})
	}
}
