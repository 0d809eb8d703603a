package gate_test

import (
	"context"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// second is a tool that goes to head from acme/app, and tells where it came to
// and which of three files show there.
func second(t *testing.T, head string) tools.Tool {
	t.Helper()
	owner, ref, err := gate.SplitHead(head)
	if err != nil {
		t.Fatal(err)
	}
	return toy("compare_refs", gate.Repository(repo(t, "acme/app")), func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
		found, err := v.OtherRef(owner, ref)
		if err != nil {
			return nil, err
		}
		files := gate.Files(v, []string{"a", "b", "c"}, func(s string) []string { return []string{s} })
		return &gate.Result{Fields: record{"name": found.FullName, "commit": found.Commit, "files": strings.Join(files, "")}}, nil
	})
}

func TestI6_SecondRepositories(t *testing.T) {
	t.Parallel()
	const other = "ffeeddccbbaa99887766554433221100ffeeddcc"
	head := record{"name": "dev", "commit": record{"id": other}}
	app := repository("acme/app")
	origin := repository("zoe/origin", record{"id": 9})
	fork := func(name string, of record) record { return repository(name, forkOf(of), record{"id": 8}) }
	const open = "version: 1\n"
	for name, test := range map[string]struct {
		records record
		policy  string
		head    string
		code    gate.Code
		want    string // name and files
	}{
		"the target's other branch": {record{"/repos/acme/app/branches/dev": head}, open, "dev", "", "acme/app abc"},
		"the target's own owner":    {record{"/repos/acme/app/branches/dev": head}, open, "ACME:dev", "", "acme/app abc"},
		"a fork":                    {record{"/repos/zoe/app": fork("zoe/app", app), "/repos/zoe/app/branches/dev": head}, open, "zoe:dev", "", "zoe/app abc"},
		"the parent":                {record{"/repos/acme/app": fork("acme/app", origin), "/repos/zoe/origin": origin, "/repos/zoe/origin/branches/dev": head}, open, "zoe:dev", "", "zoe/origin abc"},
		"another fork of it":        {record{"/repos/acme/app": repository("acme/app", forkOf(origin)), "/repos/ada/app": fork("ada/app", origin), "/repos/ada/app/branches/dev": head}, open, "ada:dev", "", "ada/app abc"},
		"rules of both": {
			record{"/repos/zoe/app": fork("zoe/app", app), "/repos/zoe/app/branches/dev": head},
			open + `repositories: {"acme/*": {paths: {deny: [a]}}, "zoe/*": {paths: {deny: [b]}}}`, "zoe:dev", "", "zoe/app c",
		},
		"no relation":        {record{"/repos/zoe/app": repository("zoe/app", record{"id": 8})}, open, "zoe:dev", gate.NotFound, ""},
		"no repository":      {nil, open, "zoe:dev", gate.NotFound, ""},
		"no branch":          {record{"/repos/zoe/app": fork("zoe/app", app)}, open, "zoe:dev", gate.NotFound, ""},
		"empty":              {record{"/repos/zoe/app": repository("zoe/app", forkOf(app), record{"id": 8, "empty": true})}, open, "zoe:dev", gate.NotFound, ""},
		"renamed":            {record{"/repos/zoe/app": fork("zoe/elsewhere", app)}, open, "zoe:dev", gate.Moved, ""},
		"denied":             {record{"/repos/zoe/app": fork("zoe/app", app), "/repos/zoe/app/branches/dev": head}, open + `repositories: {"zoe/*": {read: deny}}`, "zoe:dev", gate.PolicyDenied, ""},
		"the tool is denied": {record{"/repos/zoe/app": fork("zoe/app", app), "/repos/zoe/app/branches/dev": head}, open + `repositories: {"zoe/*": {tools: {deny: [compare_refs]}}}`, "zoe:dev", gate.PolicyDenied, ""},
		"a human is asked":   {record{"/repos/zoe/app": fork("zoe/app", app), "/repos/zoe/app/branches/dev": head}, open + `repositories: {"zoe/*": {approve: [compare_refs]}}`, "zoe:dev", gate.ApprovalUnavailable, ""},
		"the parent is hidden, the fork is not": {
			record{"/repos/acme/app": fork("acme/app", origin), "/repos/zoe/origin": origin, "/repos/zoe/origin/branches/dev": head},
			open + `repositories: {"zoe/*": {read: deny}, "acme/*": {forks: separate}}`, "zoe:dev", gate.PolicyDenied, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge := newFake(test.records).proxy(t)
			door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: test.policy, Tools: []tools.Tool{second(t, test.head)}})
			answer := door.Ask("compare_refs", `{}`)
			if test.code != "" {
				want(t, answer, test.code)
				return
			}
			if got := answer.Fields["name"].(string) + " " + answer.Fields["files"].(string); got != test.want || answer.Fields["commit"] != other {
				t.Errorf("%s", answer.Object)
			}
		})
	}
}

// A denied second repository is not even asked for.
func TestDeniedSecondIsNotAskedFor(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\nrepositories: {\"zoe/*\": {read: deny}}\n", Tools: []tools.Tool{second(t, "zoe:dev")}})
	want(t, door.Ask("compare_refs", `{}`), gate.PolicyDenied)
	for _, r := range forge.Requests() {
		if strings.Contains(r.Path, "zoe") {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
}

// FuzzSplitHead holds that a head is an owner and a ref in canonical form, and
// nothing else.
func FuzzSplitHead(f *testing.F) {
	for _, seed := range []string{"main", "zoe:main", "zoe:refs/heads/x", ":x", "a:b:c", "zoe/app:main", "HEAD", "zoe:HEAD~1", "Zoe:ü"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		owner, ref, err := gate.SplitHead(s)
		if err != nil {
			return
		}
		again, err := canon.ParseRef(ref.String())
		if err != nil || again != ref || ref.IsZero() || strings.Contains(ref.String(), ":") {
			t.Errorf("%q has the ref %q", s, ref)
		}
		if !owner.IsZero() {
			if same, err := canon.ParseOwner(owner.String()); err != nil || same != owner || !strings.Contains(s, ":") {
				t.Errorf("%q has the owner %q", s, owner)
			}
		} else if strings.Contains(s, ":") {
			t.Errorf("%q has no owner", s)
		}
	})
}
