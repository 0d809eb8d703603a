package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aegis/audit"
)

// What callers chose is text on the page, and what was made is linked to the forge that
// was named, and nowhere else.
func TestAReportCantBeAttacked(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>` + hostile
	file := filepath.Join(t.TempDir(), "state", "audit.jsonl")
	log, err := audit.Open(file, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []audit.Entry{
		{Kind: audit.KindSessionStart, Session: evil, Principal: evil, Client: evil},
		{Kind: audit.KindDecision, Session: evil, Call: "c", Tool: evil, Repo: evil, Stage: audit.StageStatic, Decision: audit.Deny, Code: evil, Rule: evil, Principal: evil, Client: evil},
		{
			Kind: audit.KindOutcome, Session: evil, Call: evil, Tool: evil, Repo: "acme/app", Principal: evil, Client: evil, Written: 2,
			Made: []string{"issue 12", "commit " + strings.Repeat("a", 40), evil, "issue javascript:1"}, Redactions: map[string]int{evil: 1},
		},
	} {
		if err := log.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := run(context.Background(), environment{
		args:   []string{"audit", "report", file, "--html", "-", "--gitea-url", "https://git.example.org/sub"},
		lookup: func(string) (string, bool) { return "", false },
		stdout: &out, stderr: &errs,
	})
	page := out.String()
	if status != 0 || !strings.Contains(page, "</html>") {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	for _, text := range []string{"<script", "<img", "src=\"", "url("} {
		if strings.Contains(page, text) {
			t.Errorf("%s is on the page", text)
		}
	}
	var links []string
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		links = append(links, link[1])
	}
	if got := strings.Join(links, " "); got != "https://git.example.org/sub/acme/app/issues/12 https://git.example.org/sub/acme/app/commit/"+strings.Repeat("a", 40) {
		t.Errorf("links %s", got)
	}
	if at := strings.IndexFunc(page, func(r rune) bool { return r != '\n' && obeyed(r) }); at >= 0 {
		t.Errorf("%q", page[at:min(len(page), at+20)])
	}
}

func TestBytesOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "10": 10, "100MB": 100_000_000, "1 GiB": 1 << 30, "2kB": 2000, "2KB": 2000, "3KiB": 3072,
		"": -1, "MB": -1, "-1": -1, "1.5MB": -1, "1mb": -1, "99999999GB": -1, "10 apples": -1,
	} {
		got, err := bytesOf(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
