package gate_test

import (
	"fmt"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
)

// A fork has its parent's files, so that a rule on the parent's paths which did
// not hold in it would be a rule on nothing.
func TestI6_PathRulesHoldInForks(t *testing.T) {
	t.Parallel()
	const secrets = "version: 1\nrepositories:\n  \"acme/base\":\n    paths: {deny: [\"secrets/**\"]}\n"
	fork := forkOf(repository("acme/base"))
	for name, c := range map[string]struct {
		fork   record
		policy string
		code   gate.Code // of reading secrets/x
	}{
		"of one with the rule": {fork: fork, policy: secrets, code: gate.PathDenied},
		"of a fork of it":      {fork: forkOf(repository("acme/middle", record{"fork": true})), policy: secrets, code: gate.PathDenied},
		"of another":           {fork: forkOf(repository("acme/other")), policy: secrets, code: gate.NotFound},
		"separate":             {fork: fork, policy: secrets + "  \"acme/app\":\n    forks: separate\n", code: gate.NotFound},
		"of an allow-list":     {fork: fork, policy: "version: 1\nrepositories: {\"acme/base\": {paths: {allow: [\"src/**\"]}}}\n", code: gate.PathDenied},
		"of nobody knows what": {fork: record{"fork": true}, policy: secrets, code: gate.PolicyDenied},
		"no fork":              {policy: secrets, code: gate.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge := newFake(record{
				"/repos/acme/app":    repository("acme/app", c.fork),
				"/repos/acme/middle": repository("acme/middle", fork),
				"/user":              record{},
			}).proxy(t)
			door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: c.policy})
			for _, tool := range []string{"get_file_contents", "list_commits"} {
				want(t, door.Ask(tool, `{"owner":"acme","repo":"app","path":"secrets/x"}`), c.code)
			}
			// What touches no file has no path to be judged by.
			if answer := door.Ask("get_repository", inApp); answer.IsError {
				t.Errorf("the record: %s", answer.Object)
			}
		})
	}
}

// Each ancestor is asked for once, and no more of them than a bound.
func TestAncestorsAreBounded(t *testing.T) {
	t.Parallel()
	records := record{}
	middle := func(i int) string { return fmt.Sprintf("acme/middle%d", i) }
	var rows []record
	for i := range 150 {
		records["/repos/"+middle(i)] = repository(middle(i), forkOf(repository("acme/base")))
		for range 2 {
			rows = append(rows, repository(fmt.Sprintf("acme/fork%d", i), forkOf(repository(middle(i), record{"fork": true}))))
		}
	}
	records["/repos/search"] = record{"ok": true, "data": rows}
	forge := newFake(records).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: denyHR})
	answer := door.Ask("list_repositories", `{}`)
	if answer.IsError || len(answer.Items()) != 200 || answer.Fields["withheld"] != 100.0 {
		t.Errorf("%d rows: %.300s", len(answer.Items()), answer.Object)
	}
	if n := len(forge.Requests()); n != 101 {
		t.Errorf("%d requests", n)
	}
}

func TestCanHidePathsOfSome(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		"": false, "paths: {deny: [x]}": false, "repositories: {a/b: {read: deny}}": false,
		"repositories: {a/b: {paths: {deny: [x]}}}": true, "repositories: {a/b: {paths: {allow: []}}}": true,
	} {
		p, _, err := policy.Parse("policy.yaml", []byte("version: 1\n"+source+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if p.CanHidePathsOfSome() != want {
			t.Errorf("%q: %t", source, !want)
		}
	}
}
