package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aegis/audit"
)

// auditShow runs the command in this process.
func auditShow(args ...string) (stdout, stderr string, status int) {
	return auditRun(append([]string{"show"}, args...)...)
}

// forged returns a log as somebody could write who knows how it is hashed: the
// members between kind and prev_hash of each line, as they are.
func forged(t testing.TB, members ...string) (path string) {
	t.Helper()
	var log strings.Builder
	prev := strings.Repeat("0", 64)
	for i, m := range members {
		line := fmt.Sprintf(`{"v":1,"seq":%d,"time":"2031-02-03T04:05:%02d.000000000Z",%s,"prev_hash":"%s"`, i+1, i, m, prev)
		prev = fmt.Sprintf("%x", sha256.Sum256([]byte(line)))
		fmt.Fprintf(&log, "%s,\"entry_hash\":\"%s\"}\n", line, prev)
	}
	path = filepath.Join(t.TempDir(), "copy.jsonl")
	if err := os.WriteFile(path, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hostile is what a caller would like a terminal to obey.
const hostile = "a\x1b[2J\x1b]0;owned\a\x7f\u009b31m\r\n!! \u202egnp.exe\u2066\u200b\u00ad\ufe0f\U000e0041\u2028\u3164\u05d0\u0627"

// Nothing that a log holds reaches the terminal but as visible characters, be
// it stored escaped or, in a log that somebody made, as it is.
func TestATerminalCantBeAttacked(t *testing.T) {
	t.Parallel()
	stored := filepath.Join(t.TempDir(), "state", "audit.jsonl")
	log, err := audit.Open(stored, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	evil := audit.Entry{
		Session: hostile, Principal: hostile, Call: hostile, Request: []byte(`7`), Client: hostile, Tool: hostile, Capability: "write",
		Repo: hostile, Second: hostile, Paths: []string{hostile, hostile}, Ref: hostile, Code: hostile, Rule: hostile, PolicySHA256: hostile,
		Redactions: map[string]int{hostile: 1}, Exceptions: map[string]int{hostile: 1}, ArgsHMAC: hostile, ShownSHA256: hostile, Reason: hostile,
	}
	for _, kind := range []audit.Kind{audit.KindSessionStart, audit.KindDecision, audit.KindPolicy} {
		e := evil
		if e.Kind = kind; kind == audit.KindDecision {
			e.Stage, e.Decision = audit.StageResolved, audit.Allow
		}
		if err := log.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	raw := strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1 // which JSON has to escape
		}
		return r
	}, hostile)
	member := `"kind":"decision","session":"` + raw + `","call":"` + raw + `","tool":"` + raw + `","capability":"write","stage":"resolved","decision":"allow"`
	made := forged(t, member, strings.Replace(member, `"allow"`, `"`+raw+`"`, 1), strings.Replace(member, `"resolved"`, `"`+raw+`"`, 1))
	fragment := filepath.Join(t.TempDir(), "fragment.jsonl")
	if err := os.WriteFile(fragment, []byte(hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.jsonl")
	if err := os.WriteFile(changed, []byte(`{"v":1,"seq":1,"`+raw+`":1`+"\n"+hostile+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, log string
		lines     int // of entries
		status    int
		args      []string
	}{
		{"stored", stored, 3, 0, nil},
		{"stored, entry by entry", stored, 3, 0, []string{"--entries"}},
		{"stored, as it is", stored, 3, 0, []string{"--json"}},
		{"stored, unfinished", stored, 4, 1, []string{"--unfinished"}},
		{"forged", made, 2, 0, nil}, // of one call
		{"forged, entry by entry", made, 3, 0, []string{"--entries"}},
		{"forged, as it is", made, 0, 1, []string{"--json"}},
		{"forged, unfinished", made, 4, 1, []string{"--unfinished"}},
		{"forged, unfinished, as it is", made, 0, 1, []string{"--unfinished", "--json"}},
		{"a fragment", fragment, 2, 1, nil},
		{"no entries", changed, 3, 1, nil},
		{"no entries, as they are", changed, 0, 1, []string{"--json"}},
	} {
		stdout, stderr, status := auditShow(append(c.args, c.log)...)
		if status != c.status || strings.Count(stdout, "\n") != c.lines {
			t.Errorf("%s: status %d, %d lines: %q %q", c.name, status, strings.Count(stdout, "\n"), stdout, stderr)
		}
		for _, text := range []string{stdout, stderr} {
			if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && obeyed(r) }); at >= 0 || !utf8.ValidString(text) {
				t.Errorf("%s: prints %q", c.name, text)
			}
		}
		if (c.args == nil || c.args[0] == "--entries") && strings.ContainsFunc(strings.ReplaceAll(stdout, "\n", ""), concealed) {
			t.Errorf("%s: conceals something: %q", c.name, stdout)
		}
	}
}

func TestAQuestionToAHumanIsVisible(t *testing.T) {
	t.Parallel()
	shown := strings.Repeat("c0", 32)
	decision := func(stage, decision, more string) string {
		return `"kind":"decision","session":"s","call":"s-1","tool":"create_issue","capability":"write","repo":"a/b","stage":"` + stage + `","decision":"` + decision + `"` + more
	}
	log := forged(t,
		decision("static", "allow", ""),
		decision("resolved", "ask", `,"shown_sha256":"`+shown+`"`),
		decision("resolved", "deny", `,"code":"approval_declined","rule":"policy.yaml:4 approve","shown_sha256":"`+shown+`"`),
	)
	stdout, _, status := auditShow("--entries", log)
	want := "1 2031-02-03T04:05:00.000Z allow static   call=s-1 tool=create_issue capability=write repo=a/b\n" +
		"2 2031-02-03T04:05:01.000Z ask resolved   call=s-1 tool=create_issue capability=write repo=a/b shown_sha256=" + shown + "\n" +
		"3 2031-02-03T04:05:02.000Z deny resolved  call=s-1 tool=create_issue capability=write repo=a/b code=approval_declined rule=\"policy.yaml:4 approve\" shown_sha256=" + shown + "\n"
	if stdout != want || status != 0 {
		t.Errorf("status %d\n%s\nwant\n%s", status, stdout, want)
	}
	if stdout, _, _ := auditShow("--entries", "--denied", log); !strings.HasPrefix(stdout, "3 ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("%s", stdout)
	}
}

// What an unfinished write means is said in words that are true of it.
func TestUnfinishedInWords(t *testing.T) {
	t.Parallel()
	sends := func(session, call, tool, more string) string {
		return `"kind":"decision","session":"` + session + `","call":"` + call + `","tool":"` + tool + `","capability":"write","repo":"a/b"` + more + `,"stage":"resolved","decision":"allow"`
	}
	log := forged(t,
		sends("s", "s-1", "commit_files", `,"paths":["docs/a.md","docs/b c.md"],"paths_total":25,"ref":"agent/x"`),
		sends("s", "s-1", "commit_files", `,"paths":["docs/a.md","docs/b c.md"],"paths_total":25,"ref":"agent/x"`),
		sends("q", "q-1", "unheard_of", ""),
		`"kind":"session_end","session":"q"`,
	)
	stdout, stderr, status := auditShow("--unfinished", log)
	want := `2031-02-03T04:05:01.000Z commit_files call=s-1 repo=a/b ref=agent/x paths=docs/a.md,"docs/b c.md",… (25 in all)
    2 requests were announced; what is said here is about the last.
    It was about to be sent when the process ended, or is under way if session s still runs. Gitea may or may not hold it.
    Look at the branch and its newest commits in a/b, at agent/x. Gitea got the call's id as X-Request-Id.
2031-02-03T04:05:02.000Z unheard_of call=q-1 repo=a/b
    1 request was announced.
    It was about to be sent, and its session ended without an outcome. Gitea may or may not hold it.
    Look at what changed in a/b. Gitea got the call's id as X-Request-Id.
`
	if stdout != want || status != exitFailed || !strings.Contains(stderr, "aegis: 2 writes have no outcome\n") {
		t.Errorf("status %d\n%s\nwant\n%s\n%s", status, stdout, want, stderr)
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	for text, want := range map[string]string{
		"90m": "2031-02-03T02:35:06Z", "36h": "2031-02-01T16:05:06Z", "7d": "2031-01-27T04:05:06Z", "0s": "2031-02-03T04:05:06Z",
		"2031-01-01T00:00:00Z": "2031-01-01T00:00:00Z", "2031-01-01T00:00:00+02:00": "2030-12-31T22:00:00Z",
		"": "", "d": "", "-1d": "", "1.5d": "", "99999999d": "", "-1h": "", "1": "", "2031-01-01": "2031-01-01T00:00:00Z", "2031-13-01": "", "yesterday": "", "1h ": "",
	} {
		got, err := since(text, now)
		if (err != nil) != (want == "") || err == nil && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v, want %q", text, got, err, want)
		}
	}
}

// A value takes no more of the screen than its share, however long it is, and
// no member goes without being named.
func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 30_000)
	log := forged(t, `"kind":"decision","session":"s","call":"s-1","tool":"`+long+`","paths":["`+long+`"],"stage":"static","decision":"allow","rule":"last"`)
	stdout, _, status := auditShow("--entries", log)
	if status != 0 || len(stdout) > 1500 || strings.Count(stdout, "…(30000 bytes)") != 2 || !strings.HasSuffix(stdout, " rule=last\n") {
		t.Errorf("status %d, %d bytes: %s", status, len(stdout), stdout)
	}
	stdout, _, _ = auditShow("--json", log)
	if raw, err := os.ReadFile(log); err != nil || stdout != string(raw) {
		t.Errorf("%v: %d bytes of %d", err, len(stdout), len(raw))
	}
}
