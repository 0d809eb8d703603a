package writetest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestReleasesAreMade(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	first := b.repo.Head
	second := b.push("main", file("second.txt", "second"))
	b.api("POST", "/branches", map[string]any{"new_branch_name": "work", "old_ref_name": first})
	tagged := func(tag string) any {
		commit, _ := b.api("GET", "/tags/"+tag, nil)["commit"].(map[string]any)
		return commit["sha"]
	}
	release := func(id any) map[string]any { return b.api("GET", fmt.Sprintf("/releases/%.0f", id), nil) }

	a := b.ok("create_release", `"tag":"v1","title":"One","body":"## Notes\n`+"`code`"+`","prerelease":true`)
	stored := release(a.Fields["id"])
	if a.Fields["commit"] != second || tagged("v1") != second || a.Fields["made_tag"] != true || a.Fields["prerelease"] != true || a.Fields["note"] != nil ||
		stored["name"] != "One" || stored["prerelease"] != true || stored["draft"] != false || !strings.HasSuffix(fmt.Sprint(a.Fields["html_url"]), "/acme/playground/releases/tag/v1") {
		t.Errorf("%s %v", a.Object, stored)
	}
	if read := b.ok("get_release", `"tag":"v1"`); read.Fields["title"] != "One" || !strings.Contains(fmt.Sprint(read.Fields["body"]), "Notes") {
		t.Error(read.All)
	}
	if a := b.ok("create_release", `"tag":"v2","target":"work"`); a.Fields["commit"] != first || tagged("v2") != first {
		t.Errorf("%s", a.Object)
	}
	if a := b.ok("create_release", `"tag":"v3","dry_run":true`); b.there("/tags/v3") || !strings.Contains(string(a.Object), `"makes_tag":true`) {
		t.Errorf("%s", a.Object)
	}
	b.api("POST", "/tags", map[string]any{"tag_name": "there", "target": first, "message": "annotated"})
	b.refused("conflict", "not moved", "create_release", `"tag":"there","target":"main"`)
	if a := b.ok("create_release", `"tag":"there","target":"work"`); a.Fields["commit"] != first || a.Fields["made_tag"] != nil || tagged("there") != first {
		t.Errorf("%s", a.Object)
	}
	b.api("POST", "/tags", map[string]any{"tag_name": "Other", "target": first})
	if a := b.ok("create_release", `"tag":"Other"`); a.Fields["commit"] != first || tagged("Other") != first {
		t.Errorf("%s", a.Object)
	}

	t.Run("refused", func(t *testing.T) {
		b := b.in(t)
		b.refused("conflict", "already", "create_release", `"tag":"v1"`)
		b.refused("conflict", "another case", "create_release", `"tag":"V1"`)
		b.api("POST", "/tags", map[string]any{"tag_name": "case", "target": first})
		b.refused("conflict", "another case", "create_release", `"tag":"CASE"`) // Gitea would make case's
		b.refused("conflict", "branch of this name", "create_release", `"tag":"work"`)
		b.refused("not_found", "", "create_release", `"tag":"v9","target":"nowhere"`)
		b.refused("not_found", "", "create_release", `"tag":"v9","target":"0123456789012345678901234567890123456789"`)
		for _, tag := range []string{strings.Repeat("a", 40), "refs/tags/v9", "--v9", "latest", "a b", "heads/main", "v\u200b9"} {
			b.refused("invalid_arguments", "tag", "create_release", `"tag":`+quoted(tag))
		}
		b.refused("invalid_arguments", "blank", "create_release", `"tag":"v9","title":" "`)
		b.refused("invalid_arguments", "no argument", "create_release", `"tag":"v9","target_commitish":"main"`)
		b.refused("secret_in_arguments", "body", "create_release", `"tag":"v9","body":"`+b.s.World.Plant.AWS+`"`)
		b.refused("redaction_marker", "body", "create_release", `"tag":"v9","body":"[redacted:aws]"`)
		if b.there("/tags/v9") || b.there("/tags/CASE") {
			t.Error("a tag was made")
		}
		closed := b.in(t)
		closed.door = open(t, b.s, agents, b.repo) // a new tag has to be one that branches name
		closed.refused("branch_denied", "policy.yaml", "create_release", `"tag":"v9"`)
		closed.ok("create_release", `"tag":"case"`)
	})

	t.Run("a branch called by the commit's id does not take its place", func(t *testing.T) {
		b := b.in(t)
		b.api("POST", "/branches", map[string]any{"new_branch_name": second, "old_ref_name": first})
		if a := b.ok("create_release", `"tag":"shadowed"`); a.Fields["commit"] != second || tagged("shadowed") != second {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("the tag comes in between", func(t *testing.T) {
		b := b.in(t)
		make := func(tag string) func() {
			return func() { b.api("POST", "/tags", map[string]any{"tag_name": tag, "target": first}) }
		}
		door := b.through(allowing, nth(2, "/tags/late"), make("late"))
		if a := b.askAt(door, "create_release", `"tag":"late"`); a.Code != "conflict" || b.there("/releases/tags/late") {
			t.Errorf("%s", a.Object)
		}
		door = b.through(allowing, writing, make("gap"))
		if a := b.askAt(door, "create_release", `"tag":"gap"`); a.IsError || a.Fields["commit"] != first || a.Fields["planned_commit"] != second || a.Fields["note"] == nil {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("edited", func(t *testing.T) {
		b := b.in(t)
		draft := b.ok("create_release", `"tag":"d1","draft":true,"title":"Draft","target":"work","body":"old"`)
		id := fmt.Sprintf("%.0f", draft.Fields["id"])
		if draft.Fields["draft"] != true || draft.Fields["made_tag"] != nil || draft.Fields["commit"] != nil || b.there("/tags/d1") {
			t.Errorf("%s", draft.Object)
		}
		b.refused("conflict", "draft", "create_release", `"tag":"d1"`)
		b.refused("conflict", "draft", "create_release", `"tag":"D1"`)
		if a := b.ok("edit_release", `"id":`+id+`,"title":"Title"`); b.there("/tags/d1") || release(draft.Fields["id"])["name"] != "Title" || release(draft.Fields["id"])["body"] != "old" || a.Fields["draft"] != true {
			t.Errorf("%s", a.Object)
		}
		if a := b.ok("edit_release", `"id":`+id+`,"draft":false,"dry_run":true`); b.there("/tags/d1") || !strings.Contains(string(a.Object), `"makes_tag":true`) || !strings.Contains(string(a.Object), first) {
			t.Errorf("%s", a.Object)
		}
		closed := b.in(t)
		closed.door = open(t, b.s, agents, b.repo)
		closed.refused("branch_denied", "policy.yaml", "edit_release", `"id":`+id+`,"draft":false`)
		closed.ok("edit_release", `"id":`+id+`,"prerelease":true`)
		a := b.ok("edit_release", `"id":`+id+`,"draft":false,"body":"new"`)
		if a.Fields["made_tag"] != true || a.Fields["commit"] != first || tagged("d1") != first || a.Fields["prerelease"] != true || a.Fields["note"] != nil {
			t.Errorf("%s", a.Object)
		}
		if a := b.ok("edit_release", `"id":`+id+`,"draft":true`); a.Fields["draft"] != true || tagged("d1") != first {
			t.Errorf("%s", a.Object)
		}
		for words, args := range map[string]string{
			"one of title":      `"id":` + id + `,"body":""`, // which is as if it were not there
			"no argument \\\"t": `"id":` + id + `,"tag":"v8"`,
			"no argument":       `"id":` + id + `,"target":"main"`,
			"be blank":          `"id":` + id + `,"title":"  "`,
			"id must be":        `"id":0,"title":"x"`,
		} {
			b.refused("invalid_arguments", words, "edit_release", args)
		}
		b.refused("not_found", "this id", "edit_release", `"id":999,"title":"x"`)
	})

	t.Run("a draft's target", func(t *testing.T) {
		b := b.in(t)
		b.api("POST", "/tags", map[string]any{"tag_name": "both", "target": second})
		b.api("POST", "/branches", map[string]any{"new_branch_name": "x/both", "old_ref_name": first})
		for target, words := range map[string]string{"main~1": "names no branch", "HEAD": "names no branch", "nowhere": ""} {
			draft := b.api("POST", "/releases", map[string]any{"tag_name": "t-" + fmt.Sprint(len(target)), "target_commitish": target, "draft": true})
			a := b.ask("edit_release", fmt.Sprintf(`"id":%.0f,"draft":false`, draft["id"]))
			if a.Code != "conflict" && a.Code != "not_found" || !strings.Contains(string(a.Object), words) {
				t.Errorf("%s: %s", target, a.Object)
			}
		}
		draft := b.api("POST", "/releases", map[string]any{"tag_name": "moving", "target_commitish": "work", "draft": true})
		args := fmt.Sprintf(`"id":%.0f,"draft":false`, draft["id"])
		door := b.through(allowing, nth(2, fmt.Sprintf("/releases/%.0f", draft["id"])), func() { b.push("work", file("moved.txt", "x")) })
		if a := b.askAt(door, "edit_release", args); a.Code != "conflict" || b.there("/tags/moving") {
			t.Errorf("%s", a.Object)
		}
		planned, moved := b.head("work"), ""
		door = b.through(allowing, writing, func() { moved = b.push("work", file("moved2.txt", "x")) })
		if a := b.askAt(door, "edit_release", args); a.IsError || a.Fields["commit"] != moved || a.Fields["planned_commit"] != planned || a.Fields["note"] == nil {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("somebody edits it as well", func(t *testing.T) {
		b := b.in(t)
		made := b.ok("create_release", `"tag":"shared","body":"ours"`)
		path := fmt.Sprintf("/releases/%.0f", made.Fields["id"])
		door := b.through(allowing, nth(2, path), func() { b.api("PATCH", path, map[string]any{"body": "theirs"}) })
		if a := b.askAt(door, "edit_release", fmt.Sprintf(`"id":%.0f,"body":"mine"`, made.Fields["id"])); a.Code != "conflict" || b.api("GET", path, nil)["body"] != "theirs" {
			t.Errorf("%s", a.Object)
		}
		broken := b.through(allowing, func(*http.Request) bool { return false }, nil)
		if a := b.askAt(broken, "edit_release", fmt.Sprintf(`"id":%.0f,"body":"mine"`, made.Fields["id"])); a.IsError {
			t.Errorf("%s", a.Object)
		}
	})
}
