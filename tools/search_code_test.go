package tools_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/gatetest"
)

// found are an answer's hits as "path:line text".
func found(t testing.TB, a gatetest.Answer) []string {
	t.Helper()
	if a.IsError {
		t.Fatalf("failed: %s", a.Object)
	}
	all := []string{}
	for _, hit := range a.Items() {
		all = append(all, fmt.Sprintf("%v:%v %v", hit["path"], hit["line"], hit["text"]))
	}
	return all
}

var awsKey = "AKIA" + "Q3EGWTZ7V2KXN5BD" // made up, and in halves so that no scanner takes it for a leak

var codeFiles = map[string]string{
	"README.md":        "# App\n\nFind the needle.\n",
	"src/a.go":         "package a\n\n// needle here\nfunc Needle() {}\n// needle, twice a needle\n",
	"src/deep/b.go":    "package b\r\n// needle\r\n\r\nend",
	"src/ünï/ç d.txt":  "Grüße, needle\n",
	"secrets/prod.txt": "the hidden needle\nonly-hidden\n",
	"config.env":       "id = " + awsKey + "\nowner " + canary + " needle\n",
	"old.txt":          "caf\xe9 needle\n",
	"logo.png":         "\x89PNG\x00needle",
	"model.bin":        "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 5\n",
	"big.txt":          strings.Repeat("needle\n", 160_000),
	"empty.txt":        "",
	"long.txt":         strings.Repeat("ä", 1000) + " needle " + strings.Repeat("z", 1000) + "\n",
}

const hidesSecrets = "version: 1\npaths: {deny: [\"secrets/**\"]}\n"

func TestSearchCode(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, codeFiles)
	f.more = []map[string]any{
		{"path": "link", "mode": "120000", "type": "blob", "size": 6, "sha": strings.Repeat("1", 40)},
		{"path": "vendor/lib", "mode": "160000", "type": "commit", "size": 0, "sha": strings.Repeat("2", 40)},
		{"path": "a\\b", "mode": "100644", "type": "blob", "size": 6, "sha": strings.Repeat("3", 40)},
	}
	d := f.door(t, hidesSecrets)
	all := d.Ask("search_code", inApp+`"needle"}`)
	if got := found(t, all); len(got) != 8 || all.Fields["total_hits"] != 8.0 || all.Fields["files_searched"] != 8.0 ||
		all.Fields["withheld"] != nil || all.Fields["has_more"] != false || all.Fields["commit"] != codeCommit {
		t.Errorf("%s", all.Object)
	}
	skipped, _ := json.Marshal(all.Fields["files_skipped"])
	if string(skipped) != `{"binary":1,"lfs":1,"too_large":1}` {
		t.Errorf("skipped: %s", skipped)
	}
	if all.Fields["redacted"] == nil || strings.Contains(all.All, canary) || strings.Contains(all.All, awsKey) {
		t.Errorf("what was redacted is not told, or shows: %s", all.Object)
	}

	readme, go1, go2, go3 := "README.md:3 Find the needle.", "src/a.go:3 // needle here", "src/a.go:5 // needle, twice a needle", "src/deep/b.go:2 // needle"
	text, old := "src/ünï/ç d.txt:1 Grüße, needle", "old.txt:1 café needle"
	env := "config.env:2 owner [redacted:own-credential] needle"
	for name, row := range map[string]struct {
		args string
		want []string
	}{
		"a text":              {`"the needle"`, []string{readme}},
		"with its case":       {`"Needle"`, []string{"src/a.go:4 func Needle() {}"}},
		"in a folder":         {`"needle","path":"src"`, []string{go1, go2, go3, text}},
		"in one file":         {`"needle","path":"src/a.go"`, []string{go1, go2}},
		"by a glob":           {`"needle","path":"src/**/*.go"`, []string{go1, go2, go3}},
		"by alternatives":     {`"needle","path":"{README.md,old.*}"`, []string{readme, old}},
		"by case":             {`"needle","path":"SRC/**"`, []string{}},
		"at the root":         {`"needle","path":"*.env"`, []string{env}},
		"a hidden folder":     {`"needle","path":"secrets"`, []string{}},
		"hidden text":         {`"only-hidden"`, []string{}},
		"no regexp":           {`"n.edle"`, []string{}},
		"a regexp":            {`"^// (needle|x)$","regexp":true`, []string{go3}},
		"in any case":         {`"(?i)func NEEDLE","regexp":true`, []string{"src/a.go:4 func Needle() {}"}},
		"anchors of a line":   {`"\\Apackage b\\z","regexp":true`, []string{"src/deep/b.go:1 package b"}},
		"never over lines":    {`"(?s)here.func","regexp":true`, []string{}},
		"no line break":       {`"here\\s","regexp":true`, []string{}},
		"unicode":             {`"Grüße"`, []string{text}},
		"decoded":             {`"café"`, []string{old}},
		"no end of line":      {`"end"`, []string{"src/deep/b.go:4 end"}},
		"a credential":        {`"` + canary + `"`, []string{}},
		"a key":               {`"` + awsKey + `"`, []string{}},
		"a key's begin":       {`"AKIA"`, []string{}},
		"a marker":            {`"redacted"`, []string{}},
		"what a marker says":  {`"own-credential"`, []string{}},
		"around a marker":     {`"owner [redacted"`, []string{}},
		"beside a marker":     {`"^owner . needle$","regexp":true`, []string{env}},
		"a symlink":           {`"needle","path":"link"`, []string{}},
		"what has no name":    {`"needle","path":"a[!a]b"`, []string{}},
		"a page":              {`"needle","path":"src/**","page":2,"limit":3`, []string{text}},
		"a page behind":       {`"needle","page":20,"limit":50`, []string{}},
		"a ref":               {`"Needle","ref":"refs/heads/main"`, []string{"src/a.go:4 func Needle() {}"}},
		"nothing":             {`"haystack"`, []string{}},
		"a pointer to a file": {`"git-lfs"`, []string{}},
	} {
		if got := found(t, d.Ask("search_code", inApp+row.args+"}")); !slices.Equal(got, row.want) {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, row.want)
		}
	}
	if got := f.asked(); got != 1 {
		t.Errorf("the archive was asked for %d times", got)
	}
}

func TestSearchCodeShowsWhatIsAround(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.txt": "1\n2\n" + canary + "\n4 x\n5\n6\n", "long.txt": strings.Repeat("ä", 1000) + canary + " needle " + strings.Repeat("z", 1000) + "\n"}
	d := newCodeForge(t, files).door(t, "")
	a := d.Ask("search_code", inApp+`"x","context_lines":2}`)
	hit, _ := json.Marshal(a.Items()[0])
	if string(hit) != `{"after":["5","6"],"before":["2","[redacted:own-credential]"],"line":4,"path":"a.txt","text":"4 x"}` {
		t.Errorf("%s", hit)
	}
	a = d.Ask("search_code", inApp+`"1","context_lines":10}`)
	if hit := a.Items()[0]; hit["before"] != nil || len(hit["after"].([]any)) != 5 {
		t.Errorf("%v", hit)
	}
	a = d.Ask("search_code", inApp+`"needle"}`)
	text := a.Items()[0]["text"].(string)
	if len(text) > 350 || !strings.HasPrefix(text, "…ä") || !strings.HasSuffix(text, "z…") || !strings.Contains(text, "[redacted:own-credential] needle z") {
		t.Errorf("%q", text)
	}
}

func TestSearchCodeCountsWhatItDoesNotList(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 30 {
		files[fmt.Sprintf("f%02d.txt", i)] = strings.Repeat("x\n", 50)
	}
	d := newCodeForge(t, files).door(t, "")
	last := ""
	for page := 1; page <= 20; page++ {
		a := d.Ask("search_code", fmt.Sprintf(inApp+`"x","limit":50,"page":%d}`, page))
		got := found(t, a)
		if len(got) != 50 || got[0] <= last || a.Fields["total_hits"] != 1500.0 || a.Fields["has_more"] != true || a.Fields["listed_at_most"] != 1000.0 {
			t.Fatalf("page %d: %s", page, a.Object)
		}
		last = got[0]
	}
	if a := d.Ask("search_code", inApp+`"x","limit":50,"page":21}`); a.Code != "invalid_arguments" {
		t.Errorf("%s", a.Object)
	}
}

// Bad patterns are refused before Gitea is asked, and are not repeated.
func TestSearchCodeRefusesBadPatterns(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, codeFiles)
	d := f.door(t, "")
	for _, args := range []string{
		`"needle(","regexp":true`, `"[z-a]","regexp":true`, `"needle**","regexp":true`, `"\\p{Needle}","regexp":true`, `"(?P<needle","regexp":true`,
		`"needle{1001}","regexp":true`, `"((n{1,10}){1,10}){1,10}","regexp":true`, `"(?:[a-z]?){900}needle","regexp":true`,
		`"x","path":"needle/["`, `"x","path":"needle//x"`, `"x","path":"{a,needle/../b}"`, `"x","path":"needle\\*"`, `"x","path":"**/.git/needle"`, `"x","context_lines":11`,
	} {
		a := d.Ask("search_code", inApp+args+"}")
		if a.Code != "invalid_arguments" || strings.Contains(a.All, "needle") || strings.Contains(a.All, "Needle") {
			t.Errorf("%s: %s", args, a.Object)
		}
	}
	if n := len(f.Requests()); n != 0 {
		t.Errorf("%d requests reached Gitea", n)
	}
}

// What is kept is no way around a policy that changed, nor of a commit that did.
func TestSearchCodeAsksPolicyEachTime(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{"a.txt": "needle\n", "b.txt": "needle too\n"})
	d := f.door(t, "version: 1\npaths: {deny: [\"b.*\"]}\n")
	search := func() (got []string) { return found(t, d.Ask("search_code", inApp+`"needle"}`)) }
	load := func(text string, want int) {
		t.Helper()
		if err := os.WriteFile(d.Policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); len(search()) != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("under %q: %q", text, search())
			}
		}
	}
	if got := search(); !slices.Equal(got, []string{"a.txt:1 needle"}) {
		t.Fatalf("%q", got)
	}
	load("version: 1\n", 2) // what was hidden was not kept: it is read now
	if f.asked() != 2 {
		t.Errorf("the archive was asked for %d times", f.asked())
	}
	load("version: 1\npaths: {deny: [\"a.*\", \"b.*\"]}\n", 0) // what was kept is hidden now
	load("version: 1\npaths: {deny: [\"a.*\"]}\n", 1)
	if f.asked() != 2 {
		t.Errorf("the archive was asked for %d times", f.asked())
	}
	f.mu.Lock()
	f.commit, f.files = strings.Repeat("ab", 20), map[string]string{"b.txt": "needle too\n", "c.txt": "needle new\n"}
	f.mu.Unlock()
	if got := search(); !slices.Equal(got, []string{"b.txt:1 needle too", "c.txt:1 needle new"}) {
		t.Errorf("another commit: %q", got)
	}
}

// TestI3_GuessingFindsNothing guesses a planted key character by character, in
// the ways that a query allows: no guess is answered in another way than a wrong
// one.
func TestI3_GuessingFindsNothing(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{
		"config.env":   "aws_access_key_id = " + awsKey + "\nself: " + canary + "\n",
		"hidden/x.txt": "password = correct-horse\n",
	})
	d := f.door(t, "version: 1\npaths: {deny: [\"hidden/**\"]}\nlimits: {calls_per_minute: 100000, calls_per_minute_per_tool: 100000}\n")
	ask := func(query string, regexp bool) string {
		a := d.Ask("search_code", map[string]any{"owner": "acme", "repo": "app", "query": query, "regexp": regexp, "context_lines": 2})
		if a.IsError {
			t.Fatalf("%s", a.Object)
		}
		delete(a.Fields, "call")
		said, _ := json.Marshal(a.Fields)
		return string(said)
	}
	const wrong = "no-such-text-anywhere"
	literal, pattern := ask(wrong, false), ask(wrong, true)
	for _, secret := range []string{awsKey, canary, "correct-horse"} {
		step := 1
		if testing.Short() {
			step = 6
		}
		for n := 4; n <= len(secret); n += step {
			for _, part := range []string{secret[:n], secret[len(secret)-n:]} {
				if got := ask(part, false); got != literal {
					t.Fatalf("%q is answered in another way: %s", part, got)
				}
				for _, query := range []string{part, "^.*" + part, "(?i)" + part, `[ =:]+` + part[:1] + `[A-Za-z0-9-]{3}`} {
					if got := ask(query, true); got != pattern {
						t.Fatalf("%q is answered in another way: %s", query, got)
					}
				}
			}
		}
	}
	// How long a secret is can't be measured either: it is one character.
	if one, two := ask(`self: .$`, true), ask(`self: ..`, true); !strings.Contains(one, `"total_hits":1`) || two != pattern {
		t.Errorf("%s\n%s", one, two)
	}
}
