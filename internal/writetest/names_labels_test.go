package writetest

import (
	"fmt"
	"slices"
	"testing"

	"aegis/internal/giteatest"
)

// labelNames are what a label may be called.
var labelNames = []string{"Kind/Bug", "v1.x", "-leading", "a+b", "50% done", "#1", "[x] {y} (z)", "two  words", "🐛 bug", "Ошибка", "バグ", "a&b=c?d", "é", "\"quoted\"", "a:b@c", "~x^"}

// TestNames_Labels: labels of the repository and of its organisation are listed, found
// in any case, set, added and taken away, and what is ambiguous is said.
func TestNames_Labels(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground, w.WriterFork)
	label := func(owner, name string) int64 {
		t.Helper()
		var made struct{ ID int64 }
		c.keeper("POST", owner+"/labels", map[string]any{"name": name, "color": "#00aa00"}, &made)
		return made.ID
	}
	const own, org = "/repos/" + repo, "/orgs/acme"
	labels := func(number any) (names []string) {
		t.Helper()
		var got []struct{ Name string }
		c.keeper("GET", fmt.Sprintf("%s/issues/%v/labels", own, number), nil, &got)
		for _, l := range got {
			names = append(names, l.Name)
		}
		slices.Sort(names)
		return names
	}
	for i, name := range labelNames {
		label([]string{own, org}[i%2], name)
	}
	for range 60 { // more than a page
		label(own, fmt.Sprintf("many %d", committed.Add(1)))
	}
	label(own, "twice")
	label(own, "twice")
	label(own, "both")
	both := label(org, "both")
	label(own, "Case")
	label(own, "case")

	t.Run("are listed", func(t *testing.T) {
		c, seen := c.with(t), map[string]any{}
		for page, more := 1, true; more; page++ {
			a := c.do("list_labels", args(repo, fmt.Sprintf(`,"limit":20,"page":%d`, page)))
			for _, row := range a.Items() {
				seen[fmt.Sprint(row["name"])] = row["organization"]
			}
			more = a.Fields["has_more"] == true
			if a.Fields["note"] != nil {
				t.Error(a.All)
			}
		}
		for i, name := range labelNames {
			whose, there := seen[name]
			if !there || (whose != nil) != (i%2 == 1) {
				t.Errorf("%q: %v %v", name, there, whose)
			}
		}
		// A user has no labels of its own.
		c.do("list_labels", args(w.WriterFork.FullName, ""))
	})
	t.Run("are set by each name, in any case", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "one"})
		pull := c.anyPull(repo)
		for _, name := range labelNames {
			for _, tool := range []string{"update_issue", "update_pull_request"} {
				number := one.Number
				if tool == "update_pull_request" {
					number = pull
				}
				for _, spelled := range []string{name, upper(name)} {
					c.clean(tool, args(repo, fmt.Sprintf(`,"number":%d,"labels":[%s]`, number, text(spelled))))
					if got := labels(number); !slices.Equal(got, []string{name}) {
						t.Errorf("%s %q: %v", tool, spelled, got)
					}
				}
			}
		}
		a := c.clean("create_issue", args(repo, `,"title":"new","labels":["KIND/BUG","V1.X"]`))
		if got := labels(a.Fields["number"]); !slices.Equal(got, []string{"Kind/Bug", "v1.x"}) {
			t.Errorf("created with %v", got)
		}
		if found := c.do("list_issues", args(repo, `,"labels":["v1.X","kind/bug"]`)).Items(); len(found) != 1 {
			t.Errorf("found by label: %v", found)
		}
	})
	t.Run("are added and taken away, and the others stay", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "one"})
		pull := c.anyPull(repo)
		for tool, number := range map[string]int64{"update_issue": one.Number, "update_pull_request": pull} {
			call := func(more string) {
				t.Helper()
				c.clean(tool, args(repo, fmt.Sprintf(`,"number":%d%s`, number, more)))
			}
			is := func(names ...string) {
				t.Helper()
				if got := labels(number); !slices.Equal(got, names) {
					t.Errorf("%s: %v", tool, got)
				}
			}
			call(`,"labels":["v1.x","-leading"]`)
			call(`,"add_labels":["A+B","v1.x"]`)
			is("-leading", "a+b", "v1.x")
			call(`,"remove_labels":["V1.X"]`)
			is("-leading", "a+b")
			call(`,"remove_labels":["v1.x"]`) // which it has not
			is("-leading", "a+b")
			call(`,"add_labels":["#1"],"remove_labels":["a+b"],"title":"renamed"`)
			is("#1", "-leading")
			dry := c.do(tool, args(repo, fmt.Sprintf(`,"number":%d,"add_labels":["v1.x"],"dry_run":true`, number)))
			if dry.Fields["dry_run"] != true {
				t.Error(dry.All)
			}
			is("#1", "-leading")
			for _, row := range []struct{ code, more string }{
				{"invalid_arguments", `,"labels":["v1.x"],"add_labels":["a+b"]`},
				{"invalid_arguments", `,"clear":["labels"],"remove_labels":["a+b"]`},
				{"invalid_arguments", `,"add_labels":["a+b"],"remove_labels":["A+B"]`},
				{"not_found", `,"add_labels":["nope"]`}, {"not_found", `,"remove_labels":["nope"]`},
				{"conflict", `,"add_labels":["twice"]`}, {"conflict", `,"add_labels":["both"]`}, {"conflict", `,"labels":["CASE"]`},
				{"secret_in_arguments", `,"add_labels":[` + text(w.Plant.PAT) + `]`},
			} {
				c.refused(row.code, tool, args(repo, fmt.Sprintf(`,"number":%d%s`, number, row.more)))
			}
			call(`,"add_labels":["case"]`)
			is("#1", "-leading", "case")
			// Of two that are called alike, the one that is there is meant.
			c.keeper("POST", fmt.Sprintf("%s/issues/%d/labels", own, number), map[string]any{"labels": []int64{both}}, nil)
			call(`,"remove_labels":["both"]`)
			is("#1", "-leading", "case")
		}
	})
	t.Run("somebody adds one in between", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "one"})
		theirs := func() {
			c.keeper("POST", fmt.Sprintf("%s/issues/%d/labels", own, one.Number), map[string]any{"labels": []int64{both}}, nil)
		}
		door, proxy := between(t, s, allowing, fmt.Sprintf("/issues/%d", one.Number), 2, theirs, w.Playground)
		if a := door.Ask("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"add_labels":["v1.x"]`, one.Number))); a.Code != "conflict" || len(changes(proxy)) != 0 {
			t.Error(a.All, changes(proxy))
		}
	})
	t.Run("whose token may not read the organisation's", func(t *testing.T) {
		c := c.with(t)
		narrow := c.token(w.Writer, "write:repository", "write:issue", "read:user")
		d := doorOf(t, s, narrow, allowing, w.Playground)
		a := d.Ask("list_labels", args(repo, `,"limit":50`))
		if a.IsError || a.Fields["note"] == nil {
			t.Error(a.All)
		}
		a = d.Ask("create_issue", args(repo, `,"title":"x","labels":["v1.x"]`)) // the organisation's
		if a.Code != "not_found" || !contains(a, "read:organization") {
			t.Error(a.All)
		}
		if a = d.Ask("create_issue", args(repo, `,"title":"x","labels":["kind/bug"]`)); a.IsError {
			t.Error(a.All)
		}
	})
}

// TestNames_Milestones: a milestone is found in any case, and what is ambiguous is said.
func TestNames_Milestones(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	for _, title := range labelNames {
		b.api("POST", "/milestones", map[string]any{"title": title})
	}
	for _, title := range labelNames {
		for _, spelled := range []string{title, upper(title)} {
			a := b.ok("create_issue", `"title":"x","milestone":`+quoted(spelled))
			got := b.ok("get_issue", fmt.Sprintf(`"number":%v`, a.Fields["number"]))
			if got.Fields["milestone"] != title {
				t.Errorf("%q: %v", spelled, got.Fields["milestone"])
			}
			if found := b.ok("list_issues", `"milestone":`+quoted(spelled)).Items(); len(found) == 0 {
				t.Errorf("%q finds nothing", spelled)
			}
		}
	}
	b.api("POST", "/milestones", map[string]any{"title": "Next"})
	b.api("POST", "/milestones", map[string]any{"title": "next"})
	b.ok("create_issue", `"title":"x","milestone":"next"`)
	b.refused("conflict", "2 milestones", "create_issue", `"title":"x","milestone":"NEXT"`)
	b.refused("not_found", "in any case", "create_issue", `"title":"x","milestone":"nope"`)
}
