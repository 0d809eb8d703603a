package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

func TestReleases(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	list := ok(t, d.Ask("list_releases", `{"owner":"acme","repo":"reading"}`))
	if got := column(list, "tag"); len(got) != 2 || !slices.Contains(got, "v1") || !slices.Contains(got, "latest") {
		t.Errorf("the reader's releases: %v", got)
	}
	get := func(d *gatetest.Door, tag string) gatetest.Answer {
		return d.Ask("get_release", object{"owner": "acme", "repo": "reading", "tag": tag})
	}
	for tag, want := range map[string]string{"latest": "v1", "v1": "v1", "refs/tags/v1": "v1", "refs/tags/latest": "latest"} {
		a := ok(t, get(d, tag))
		if a.Fields["tag"] != want || a.Fields["target"] != "main" {
			t.Errorf("%s: %s", tag, a.Object)
		}
	}
	if a := get(d, "v1"); strings.Contains(a.All+list.All, f.secret) || !strings.HasPrefix(fmt.Sprint(a.Fields["body"]), "Notes.") || strings.Contains(a.All, "tarball") || strings.Contains(a.All, "/api/v1") {
		t.Errorf("%s", a.Object)
	}
	for _, tag := range []string{"V1", "nope", "draft", "refs/heads/main", strings.Repeat("a", 40)} {
		refused(t, get(d, tag), "not_found")
	}
	keeper := doorOf(t, s, s.World.Keeper.Token, hidesPeople)
	if a := ok(t, get(keeper, "draft")); a.Fields["draft"] != true {
		t.Errorf("a draft for who may see it: %s", a.Object)
	}
	refused(t, d.Ask("get_release", `{"owner":"acme","repo":"branchy","tag":"latest"}`), "not_found")
}

// A package is judged by its repository, and by its owner if it has none.
func TestPackages(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	keeper := s.World.Keeper.Token
	names := func(token, policy, args string) (string, gatetest.Answer) {
		a := ok(t, doorOf(t, s, token, policy).Ask("list_packages", args))
		got := column(a, "name")
		slices.Sort(got)
		return fmt.Sprint(got), a
	}
	const all = `{"owner":"acme"}`
	for name, row := range map[string]struct{ policy, args, want string }{
		"everything":       {"version: 1\n", all, "[open-tool people-tool reading-tool]"},
		"a hidden one's":   {hidesPeople, all, "[open-tool reading-tool]"},
		"a hidden owner's": {"version: 1\nrepositories: {\"acme/*\": {read: deny}}\n", all, "[]"},
		"none but one":     {"version: 1\ndefaults: {read: deny}\nrepositories: {\"acme/reading\": {read: allow}}\n", all, "[reading-tool]"},
		"by query":         {hidesPeople, `{"owner":"acme","query":"tool read"}`, "[reading-tool]"},
		"by hidden query":  {hidesPeople, `{"owner":"acme","query":"people"}`, "[]"},
		"the owner folds":  {hidesPeople, `{"owner":"ACME","query":"open"}`, "[open-tool]"},
		"wildcards":        {hidesPeople, `{"owner":"acme","query":"%"}`, "[]"},
	} {
		got, a := names(keeper, row.policy, row.args)
		if got != row.want {
			t.Errorf("%s: %s", name, a.Object)
		}
		if strings.Contains(row.args, "query") && a.Fields["withheld"] != nil {
			t.Errorf("%s counts: %s", name, a.Object)
		}
	}
	_, a := names(keeper, hidesPeople, all)
	for _, row := range a.Items() {
		if row["name"] == "reading-tool" && row["repository"] != "acme/reading" || row["version"] != "1.0" || row["type"] != "generic" {
			t.Errorf("%v", row)
		}
	}
	_ = f
	refused(t, doorOf(t, s, keeper, hidesPeople).Ask("list_packages", `{"owner":"nobody-at-all"}`), "not_found")
	refused(t, doorOf(t, s, keeper, hidesPeople).Ask("list_packages", `{"owner":"oldorg"}`), "not_found") // only repositories move
}

// Notifications are rows of their repositories; one of a repository that was
// lost can't be judged and is withheld.
func TestNotifications(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	open := ok(t, door(t, s, "version: 1\n").Ask("list_notifications", `{}`))
	if got := column(open, "repository"); !slices.Contains(got, "acme/hr-people") || !slices.Contains(got, "acme/reading") {
		t.Fatalf("%s", open.Object)
	}
	a := ok(t, door(t, s, hidesPeople).Ask("list_notifications", `{}`))
	if slices.Contains(column(a, "repository"), "acme/hr-people") || a.Fields["withheld"] != 1.0 || strings.Contains(a.All, "Raise") {
		t.Errorf("%s", a.Object)
	}
	for _, row := range a.Items() {
		if row["repository"] == "acme/reading" && (row["number"] != float64(f.long) || row["title"] != "Long talk" || row["type"] != "Issue" || row["state"] != "open" || row["unread"] != true) {
			t.Errorf("%v", row)
		}
	}
	if strings.Contains(a.All, "http://") {
		t.Errorf("addresses show: %s", a.Object)
	}
	if hidden := ok(t, door(t, s, "version: 1\nuntrusted: hide\n").Ask("list_notifications", `{}`)); strings.Contains(hidden.All, "Long talk") {
		t.Errorf("untrusted: hide: %s", hidden.Object)
	}
	refused(t, doorOf(t, s, "", hidesPeople).Ask("list_notifications", `{}`), "gitea_unauthorized")
}
