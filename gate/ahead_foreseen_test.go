package gate_test

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
)

// What the caller knows of a repository's names and parents is asked before anything is
// asked ahead: of what would be refused nothing leaves but the question for the record.
func TestI4_NothingIsAskedAheadOfWhatIsKnownToBeRefused(t *testing.T) {
	t.Parallel()
	file := record{
		"path": "docs/x", "type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte("x\n")), "sha": commit, "size": 2,
		"html_url": "http://gitea.example/acme/app/src/commit/" + commit + "/docs/x",
	}
	secret := `{"owner":"acme","repo":"app","path":"secrets/x"}`
	hidden := "repositories:\n  \"acme/base\": {read: deny}\n"
	for name, c := range map[string]struct {
		before, after string // policies; after "" the same
		renamed       bool   // acme/app was called acme/base before
		tool, args    string
		code          gate.Code
	}{
		"a parent's rule on paths":              {before: "repositories:\n  \"acme/base\": {paths: {deny: [\"secrets/**\"]}}\n", tool: "get_file_contents", args: secret, code: gate.PathDenied},
		"a former name's":                       {before: "repositories:\n  \"acme/base\": {paths: {deny: [\"secrets/**\"]}}\n", renamed: true, tool: "get_file_contents", args: secret, code: gate.PathDenied},
		"a former name's on tools":              {before: "repositories:\n  \"acme/base\": {tools: {deny: [get_issue]}}\n", renamed: true, tool: "get_issue", args: issueOne, code: gate.PolicyDenied},
		"a former name's on humans":             {before: "repositories:\n  \"acme/base\": {approve: [get_issue]}\n", renamed: true, tool: "get_issue", args: issueOne, code: gate.ApprovalUnavailable},
		"a policy that hides the parent by now": {after: hidden, tool: "get_issue", args: issueOne, code: gate.PolicyDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := repository("acme/base", record{"default_branch": "main"})
			fake := newFake(record{
				"/repos/acme/app": repository("acme/app", forkOf(base)), "/repos/acme/base": base, issuePath: issueRecord(),
				"/repos/acme/app/contents/docs/x": file, "/repos/acme/app/contents/secrets/x": file,
			})
			if c.renamed {
				fake.records["/repos/acme/app"] = repository("acme/app")
				fake.records["/repos/acme/base"] = repository("acme/base", record{"id": 7})
			}
			forge := fake.proxy(t)
			door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\n" + c.before})
			door.Ask("get_repository", `{"owner":"acme","repo":"base"}`)
			if answer := door.Ask("get_file_contents", `{"owner":"acme","repo":"app","path":"docs/x"}`); answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			if c.after != "" {
				if err := os.WriteFile(door.Policy, []byte("version: 1\n"+c.after), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				forge.Reset()
				want(t, door.Ask(c.tool, c.args), c.code)
				for _, r := range forge.Requests() {
					if strings.HasSuffix(r.Path, "/secrets/x") || strings.HasSuffix(r.Path, "/issues/1") {
						t.Errorf("%s left", r.Path)
					}
				}
			}
		})
	}
}

// A name that leads to what policy hides by now is one that the caller has not met: what
// was asked ahead once is not asked a second time.
func TestI4_WhoIsRefusedOnceIsNotMetAnyMore(t *testing.T) {
	t.Parallel()
	fake := newFake(record{issuePath: issueRecord()})
	forge := fake.proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: denyHR})
	door.Ask("get_repository", inApp)
	fake.mu.Lock()
	fake.records["/repos/acme/app"] = repository("acme/app", record{"id": 8}, forkOf(repository("acme/hr-people")))
	fake.mu.Unlock()
	want(t, door.Ask("get_issue", issueOne), gate.PolicyDenied)
	forge.Reset()
	want(t, door.Ask("get_issue", issueOne), gate.PolicyDenied)
	if requests := forge.Requests(); len(requests) != 1 {
		t.Errorf("%d requests left", len(requests))
	}
}
