package audit

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// writing is the life of a call that writes, from the decision on its arguments
// to its outcome: asked about, allowed, sent.
func writing() []Entry {
	e := Entry{
		Kind: KindDecision, Session: "s1", Principal: "alice", Call: "s1-1", Request: []byte("7"), Client: "test/1",
		Tool: "create_pull_request", Capability: "write", Repo: "acme/sandbox", RepoID: 4, Second: "bob/sandbox", Ref: "agent/fix",
		Stage: StageStatic, Decision: Allow, Rule: "policy.yaml:3 write", ArgsHMAC: strings.Repeat("ab", 32),
	}
	asked, resolved, outcome, dry := e, e, e, e
	asked.Stage, asked.Decision, asked.ShownSHA256 = StageResolved, Ask, strings.Repeat("c0", 32)
	resolved.Stage, resolved.ShownSHA256 = StageResolved, asked.ShownSHA256
	outcome.Kind, outcome.Stage, outcome.Decision, outcome.GiteaStatus, outcome.Withheld, outcome.Written, outcome.Bytes = KindOutcome, "", "", 201, 1, 2, 512
	dry.Call, dry.DryRun = "s1-2", true
	return []Entry{{Kind: KindSessionStart, Session: "s1"}, e, asked, resolved, outcome, dry}
}

// As with the other golden chain: what is stored once is read for ever.
func TestGoldenWrites(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	for _, e := range writing() {
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, path)
	want, err := os.ReadFile("testdata/writes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
	good(t, path)
}

// What a write says of itself has one place and one type each.
func TestMembersOfWritesAreHeldToTheirPlace(t *testing.T) {
	t.Parallel()
	e := everything()
	e.DryRun, e.Second, e.Written, e.ShownSHA256 = true, "bob/sandbox", 2, strings.Repeat("c0", 32)
	b, _, err := appendLine(nil, &e, 1, tick()(), noHash)
	if err != nil {
		t.Fatal(err)
	}
	stored := strings.TrimSuffix(string(b), "\n")
	for _, want := range []string{
		`"capability":"read","dry_run":true,"repo":"acme/service-a"`, `"repo_id":4,"second":"bob/sandbox","paths":`,
		`"withheld":3,"written":2,"bytes":4096`, `,"shown_sha256":"` + e.ShownSHA256 + `","reason":"why"`,
	} {
		if !strings.Contains(stored, want) {
			t.Errorf("no %s in %s", want, stored)
		}
	}
	if reason := new(line).parse([]byte(stored)); reason != "" {
		t.Fatalf("the line %s", reason)
	}
	for name, change := range map[string][2]string{
		"a dry run that is none":       {`"dry_run":true`, `"dry_run":false`},
		"a dry run in words":           {`"dry_run":true`, `"dry_run":"true"`},
		"half a truth":                 {`"dry_run":true`, `"dry_run":tru`},
		"more than the truth":          {`"dry_run":true`, `"dry_run":true1`},
		"twice":                        {`"dry_run":true`, `"dry_run":true,"dry_run":true`},
		"dry_run out of place":         {`"capability":"read","dry_run":true`, `"dry_run":true,"capability":"read"`},
		"second that is no text":       {`"second":"bob/sandbox"`, `"second":4`},
		"second out of place":          {`"repo_id":4,"second":"bob/sandbox"`, `"second":"bob/sandbox","repo_id":4`},
		"written in words":             {`"written":2`, `"written":"2"`},
		"written out of place":         {`"withheld":3,"written":2`, `"written":2,"withheld":3`},
		"a hash that is no text":       {`"shown_sha256":"` + e.ShownSHA256 + `"`, `"shown_sha256":1`},
		"what was shown, out of place": {`"reason":"why"`, `"reason":"why","shown_sha256":"` + e.ShownSHA256 + `"`},
	} {
		changed := strings.Replace(stored, change[0], change[1], 1)
		if reason := new(line).parse([]byte(changed)); changed == stored || reason == "" {
			t.Errorf("%s: passes for an entry: %s", name, changed)
		}
	}
}
