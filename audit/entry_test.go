package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"
)

// everything has all members a caller may set, but for those of writes and exceptions, which came
// later and left every line without them as it was.
func everything() Entry {
	e := sample()
	e.Kind, e.Stage, e.Decision = KindOutcome, StageResolved, Deny
	e.Request = []byte(`"a\u0062c"`)
	e.Paths = []string{"a b.txt", `quote".txt`, "<&>"}
	e.Code, e.PolicySHA256, e.GiteaStatus = "path_denied", strings.Repeat("0f", 32), 403
	e.Redactions = map[string]int{"generic-api-key": 2, "aws-access-token": 1}
	e.Withheld, e.Bytes, e.DurationMS, e.ArgsHMAC, e.Reason = 3, 4096, 1.23456, strings.Repeat("ab", 32), "why"
	return e
}

// The format is a contract with every log there is: this file changes only
// together with the version.
func TestGoldenChain(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	for _, e := range []Entry{
		{Kind: KindSessionStart, Session: "s1", Principal: "alice", Client: "test/1"},
		sample(),
		everything(),
		{Kind: KindPolicy, Session: "s1", PolicySHA256: strings.Repeat("1e", 32), Reason: "policy.yaml changed"},
		{Kind: KindSessionEnd, Session: "s1"},
	} {
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, path)
	want, err := os.ReadFile("testdata/chain.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
	if head := string(read(t, path+".head")); head != fmt.Sprintf(`{"seq":5,"hash":"%s","size":%d}`+"\n", l.seen.hash[:], len(got)) {
		t.Errorf("the head is %s", head)
	}
}

// The chain as anybody can check it, without this package.
func TestTheChainIsWhatItSays(t *testing.T) {
	t.Parallel()
	prev := strings.Repeat("0", 64)
	for i, line := range strings.Split(strings.TrimSuffix(string(read(t, filled(t, 4))), "\n"), "\n") {
		body, _, _ := strings.Cut(line, `,"entry_hash":"`)
		sum := sha256.Sum256([]byte(body))
		hash := hex.EncodeToString(sum[:])
		var e struct {
			V, Seq    int
			PrevHash  string `json:"prev_hash"`
			EntryHash string `json:"entry_hash"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.V != 1 || e.Seq != i+1 || e.PrevHash != prev || e.EntryHash != hash || line != body+`,"entry_hash":"`+hash+`"}` {
			t.Errorf("line %d: %s", i+1, line)
		}
		prev = hash
	}
}

func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	for _, c := range []struct {
		name   string
		change func(*Entry)
		want   string
	}{
		{"the zero entry", func(e *Entry) { *e = Entry{} }, "no known kind"},
		{"an unknown kind", func(e *Entry) { e.Kind = "secret" }, "no known kind"},
		{"a kind of the log's own", func(e *Entry) { e.Kind = KindRecovery }, "the log's own"},
		{"no session", func(e *Entry) { e.Session = "" }, "no session"},
		{"a decision without one", func(e *Entry) { e.Decision = "" }, "needs decision"},
		{"a decision of no stage", func(e *Entry) { e.Stage = "" }, "needs decision"},
		{"a decision on no call", func(e *Entry) { e.Call = "" }, "needs decision"},
		{"an unknown decision", func(e *Entry) { e.Decision = "maybe" }, "unknown decision"},
		{"an unknown stage", func(e *Entry) { e.Stage = "later" }, "unknown stage"},
		{"more than a line may hold", func(e *Entry) { e.Ref = strings.Repeat("x", MaxLine) }, "more than the 57344 it may have"},
		{"an object for a request id", func(e *Entry) { e.Request = []byte(`{"a":1}`) }, "neither a number nor a string"},
		{"a request id that closes the line", func(e *Entry) { e.Request = []byte(`1,"decision":"allow"`) }, "not JSON"},
	} {
		e := sample()
		c.change(&e)
		if err := l.Append(ctx, e); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if size(t, path) != 0 {
		t.Error("something was written")
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`7`: `7`, `-1`: `-1`, ` 7 `: `7`, `12345678901234567890`: `12345678901234567890`, `1.50e+3`: `1.50e+3`,
		`"x"`: `"x"`, `"é\n"`: `"é\u000a"`, "\"\u202e\"": `"\u202e"`, `null`: ``, ``: ``,
	} {
		e := Entry{Kind: KindOutcome, Session: "s", Request: []byte(in)}
		line := encode(t, &e)
		if got := string(line["request"]); got != want {
			t.Errorf("request %q is stored as %s, want %s", in, got, want)
		}
	}
}

// encode returns the members of e's line.
func encode(t testing.TB, e *Entry) map[string]json.RawMessage {
	t.Helper()
	b, _, err := appendLine(nil, e, 1, tick()(), noHash)
	if err != nil {
		t.Fatal(err)
	}
	if reason := new(line).parse(bytes.TrimSuffix(b, []byte("\n"))); reason != "" {
		t.Fatalf("the line %s: %s", reason, b)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return members
}

// A hundred paths of 500 bytes are stored whole; of longer lists, what fits is stored,
// and how many there were.
func TestPathsAreBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what         string
		path         string
		n, of        int // so many paths, and so many in the case
		stored, also int
	}{
		{"none", "a", 0, 0, 0, 0},
		{"one", "a", 1, 0, 1, 0},
		{"as many as a call may have", strings.Repeat("x", 500), 100, 0, 100, 0},
		{"more", strings.Repeat("x", 500), 102, 0, 101, 0},
		{"what is stored as escapes", strings.Repeat("\u00ad", 250), 100, 1, 34, 0},
		{"two lists share the room", strings.Repeat("x", 500), 60, 60, 60, 41},
		{"there is room for one", strings.Repeat("x", 500), 101, 3, 101, 0},
		{"the largest that is none", strings.Repeat("x", MaxListed), 1, 1, 0, 0},
	} {
		e := sample()
		e.Paths = slices.Repeat([]string{c.path}, c.n)
		e.Case.Paths = slices.Repeat([]string{c.path}, c.of)
		line := encode(t, &e)
		for name, list := range map[string][2]int{"paths": {c.n, c.stored}, "of_paths": {c.of, c.also}} {
			var stored []string
			if line[name] != nil {
				if err := json.Unmarshal(line[name], &stored); err != nil {
					t.Fatal(err)
				}
			}
			total := ""
			if list[0] > list[1] {
				total = fmt.Sprint(list[0])
			}
			if len(stored) != list[1] || string(line[name+"_total"]) != total {
				t.Errorf("%s: of %d %s %d are stored, want %d; the total is %q", c.what, list[0], name, len(stored), list[1], line[name+"_total"])
			}
		}
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	for ms, want := range map[float64]string{0: "", 1.23456: "1.235", 1e-9: "", -1: "", math.Inf(1): "", math.MaxFloat64: "", 1e6: "1000000"} {
		if got := string(encode(t, &Entry{Kind: KindOutcome, Session: "s", DurationMS: ms})["duration_ms"]); got != want {
			t.Errorf("%g ms are stored as %q, want %q", ms, got, want)
		}
	}
	encode(t, &Entry{Kind: KindOutcome, Session: "s", DurationMS: math.NaN(), Bytes: math.MinInt64, Withheld: -1})
}

// Whatever a member holds, the line is one line of JSON that says the same, and
// printing it can't do anything to a terminal.
func TestStringsSurvive(t *testing.T) {
	t.Parallel()
	survives := func(s string) bool {
		e := Entry{Kind: KindOutcome, Session: s, Principal: "p" + s, Paths: []string{s}, Redactions: map[string]int{s: 1, s + "\xff": 2, s + "\xfe": 3}, Reason: s + `"}`}
		line := encode(t, &e)
		var session string
		if err := json.Unmarshal(line["session"], &session); err != nil {
			return false
		}
		for _, r := range string(line["session"]) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r <= 0x9f || r == '\u202e' || r == '\u2028' || r == utf8.MaxRune {
				return false
			}
		}
		return session == string([]rune(s))
	}
	for _, s := range []string{"", "plain", "\n\r\x00\x1b[2J\x7f", "\u0085\u009b31m", "\u202eabc\u2028", "\xff\xfe", "a\xc3", `"\/`, "日本", "\U0010ffff\U0001f600", "\ud7ff\ue000", `","entry_hash":"`} {
		if !survives(s) {
			t.Errorf("%q does not survive", s)
		}
	}
	if err := quick.Check(survives, nil); err != nil {
		t.Error(err)
	}
}
