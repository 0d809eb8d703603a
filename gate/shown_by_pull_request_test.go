package gate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/tools"
)

// committer is a tool for tests that writes a file to the branch agent/x.
func committer(t *testing.T) tools.Tool {
	tool := writer()
	tool.Name = "commit_files"
	prepare := tool.Prepare
	tool.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
		p, err := prepare(raw)
		path, bad := canon.ParsePath("a.txt")
		if bad != nil {
			t.Fatal(bad)
		}
		p.Target = p.Target.OnBranch("agent/x").Writing(path)
		return p, err
	}
	return tool
}

// What is committed to a branch that an open pull request comes from is seen by
// whoever sees the pull request.
func TestFlow_ReachesWhereABranchIsProposed(t *testing.T) {
	t.Parallel()
	pull := func(repo int, ref string) record {
		side := func(id int, ref string) record { return record{"ref": ref, "sha": commit, "repo_id": id} }
		return record{"number": 1, "id": 1, "state": "open", "head": side(repo, ref), "base": side(1, "main")}
	}
	hidden := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	for name, row := range map[string]struct {
		reads, policy string
		pulls         any
		want          gate.Code
	}{
		"proposed":                     {"closed", "", []record{pull(3, "agent/x")}, gate.FlowDenied},
		"proposed, of the same":        {"inside", "", []record{pull(3, "agent/x")}, gate.FlowDenied},
		"proposed, and nothing read":   {"open", "", []record{pull(3, "agent/x")}, ""},
		"another branch":               {"inside", "", []record{pull(3, "agent/y")}, ""},
		"another fork":                 {"inside", "", []record{pull(4, "agent/x")}, ""},
		"nothing":                      {"inside", "", []record{}, ""},
		"proposals that are not shown": {"inside", "", hidden, gate.FlowDenied},
		"it is allowed":                {"inside", "flow: {private_to_public: allow}\n", []record{pull(3, "agent/x")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			inside := f.records["/repos/acme/inside"].(record)
			inside["fork"] = true
			inside["parent"] = f.records["/repos/acme/open"]
			f.records["/repos/acme/open/pulls"] = row.pulls
			d := f.open(t, row.policy, committer(t))
			read(t, d, "acme/"+row.reads)
			a := d.Ask("commit_files", map[string]any{"repo": "acme/inside", "text": "x"})
			if a.Code != row.want {
				t.Fatalf("want %q: %s", row.want, a.All)
			}
			if row.want == gate.FlowDenied && !strings.Contains(a.All, "acme/open, which shows this branch in an open pull request, is public") {
				t.Error(a.All)
			}
		})
	}
}
