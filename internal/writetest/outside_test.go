package writetest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// stranger is an issue of a repository that may not be written to, and what is to be
// seen of others at it.
type stranger struct {
	*scene
	repo   string
	number int64
}

// events is how many things refer to the issue.
func (s stranger) events(t *testing.T) (n int) {
	t.Helper()
	for page := 1; ; page++ {
		var all []struct{ Type string }
		s.with(t).keeper("GET", fmt.Sprintf("/repos/%s/issues/%d/timeline?limit=50&page=%d", s.repo, s.number, page), nil, &all)
		for _, event := range all {
			if strings.HasSuffix(event.Type, "_ref") {
				n++
			}
		}
		if len(all) < 50 {
			return n
		}
	}
}

// spell puts the stranger's issue into a form: %[1]s is owner/name, %[2]d the number,
// %[3]s where Gitea believes to be, %[4]s the owner and %[5]s the name.
func (s stranger) spell(form, told string) string {
	owner, name, _ := strings.Cut(s.repo, "/")
	return strings.ReplaceAll(fmt.Sprintf(form+"%[6]s", s.repo, s.number, told, owner, name, ""), "%%", "%")
}

// joined are forms of which Gitea makes a reference though it stands nowhere in one
// piece, or not where it seems to.
var joined = map[string]string{
	"a hard break and a quote":       "/  \n> %[4]s/\\\n%[5]s#%[2]d",
	"a hard break in a list":         "- x\n- %[4]s/  \n  %[5]s#%[2]d",
	"a hard break in a quote":        "> %[4]s\\\n> /%[5]s#%[2]d",
	"a hard break of Windows":        "%[4]s/\\\r\n%[5]s!%[2]d",
	"a hard break in a table's text": "| a |\nx %[4]s/\\\n%[5]s#%[2]d",
	"a footnote":                     "a[^1]\n\n[^1]: %[4]s/\\\n    %[5]s#%[2]d",
	"a table":                        "a | b\n--|--\nx ` | %[1]s#%[2]d `",
	"a task":                         "- [x] (%[4]s/\\\n  %[5]s#%[2]d)",
	"an image's text":                "![%[4]s/\\\n%[5]s#%[2]d](x.png)",
	"a destination with markup":      "[**x** `y`](</%[1]s/issues/%[2]d#_a_>)",
	"a definition's destination":     "[x]\n\n[x]: <%[3]s%[1]s/issues/%[2]d>\n  'a'",
	"a number behind an address":     "<%[3]s/%[1]s/issues/><b>%[2]d",
	"a number in emphasis":           "<%[3]s/%[1]s/pulls/>*%[2]d*",
	"an address in a word":           "x/%[6]s<%[3]s/(%[1]s/issues/%[2]d>",
	"what a bare address leaves":     "www.example.comzzz%[1]s#%[2]d",
}

// TestReferencesThatAreJoined plays each form twice: as the user it leaves an
// event at a stranger's issue, and through the door it leaves none.
func TestReferencesThatAreJoined(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	for name, folder := range map[string]string{"at the root": "", "in a folder": "git/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := giteatest.StartNew(t)
			told := s.URL + "/"
			if folder != "" {
				told = "http://git.example.org:8443/" + folder
				if err := s.Tell(t.Context(), told); err != nil {
					t.Fatal(err)
				}
			}
			w := s.World
			c := newScene(t, s, allowing, w.Playground)
			at := stranger{c, w.PublicSite.FullName, w.Issues.Injection}
			const path = "/repos/acme/playground/issues/1/comments"
			for name, form := range joined {
				body := at.spell(form, told)
				before := at.events(t)
				c.as(w.Writer, "POST", path, map[string]any{"body": body}, nil)
				if folder != "" && strings.Contains(form, "%[3]s%[1]s") {
					continue // below a folder that one is no reference
				}
				if at.events(t) != before+1 {
					t.Errorf("%s proves nothing: %q leaves no event", name, body)
				}
				before = at.events(t)
				for _, call := range []struct{ tool, args string }{
					{"create_comment", `,"number":1,"body":` + text(body)},
					{"create_comment", `,"dry_run":true,"number":1,"body":` + text(body)},
					{"create_issue", `,"title":"t","body":` + text(body)},
					{"update_issue", `,"number":1,"body":` + text(body)},
				} {
					c.with(t).refused("not_whitelisted", call.tool, args("acme/playground", call.args))
				}
				if after := at.events(t); after != before {
					t.Errorf("%s: %q left %d events", name, body, after-before)
				}
			}
		})
	}
}

// TestReferencesInOtherTexts: titles, messages, reviews and their comments.
func TestReferencesInOtherTexts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	const told = "https://git.example.org/git/"
	if err := s.Tell(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	w := s.World
	c := newScene(t, s, allowing, w.Playground)
	at := stranger{c, w.PublicSite.FullName, w.Issues.Injection}
	const repo = "acme/playground"
	c.branch(repo, "agent/x", "main", "docs/page.md")
	var pull issue
	c.keeper("POST", "/repos/"+repo+"/pulls", map[string]any{"title": "A pull", "head": "agent/x", "base": "main"}, &pull)
	plain, body := at.spell("(%[3]s%[1]s/issues/%[2]d)", told), at.spell("/  \n> %[4]s/\\\n%[5]s#%[2]d", told)
	before := at.events(t)
	c.as(w.Writer, "POST", "/repos/"+repo+"/issues", map[string]any{"title": plain}, nil)
	c.as(w.Writer, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, pull.Number), map[string]any{
		"event": "COMMENT", "body": body, "comments": []any{map[string]any{"path": "docs/page.md", "body": body, "new_position": 1}}}, nil)
	c.as(w.Writer, "POST", "/repos/"+repo+"/contents/a.txt", map[string]any{
		"branch": "agent/x", "message": "m\n\n" + plain, "content": base64.StdEncoding.EncodeToString([]byte("x"))}, nil)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := at.events(t) - before; n < 4 {
		t.Errorf("it proves nothing: %d events are left", n)
	}
	before = at.events(t)
	review := fmt.Sprintf(`,"number":%d,"event":"comment"`, pull.Number)
	for _, call := range []struct{ tool, args string }{
		{"create_issue", `,"title":` + text(plain)},
		{"update_issue", `,"number":1,"title":` + text(plain)},
		{"create_pull_request", `,"head":"agent/x","base":"main","title":` + text(plain)},
		{"create_pull_request", `,"head":"agent/x","base":"main","title":"t","body":` + text(body)},
		{"update_pull_request", fmt.Sprintf(`,"number":%d,"body":`, pull.Number) + text(body)},
		{"create_pull_request_review", review + `,"body":` + text(body)},
		{"create_pull_request_review", review + `,"body":"x","comments":[{"path":"docs/page.md","line":1,"body":` + text(body) + `}]`},
		{"commit_files", `,"branch":"agent/x","files":[{"operation":"create","path":"b.txt","content":"x"}],"message":` + text("m\n\n"+plain)},
		{"write_wiki_page", `,"name":"Home","content":"x","message":` + text(plain)},
		{"create_comment", `,"number":1,"body":"a torn\rline"`},
		{"create_issue", `,"title":"t","body":"a torn end\r"`},
		{"create_pull_request_review", review + `,"body":"x\r\r\ny"`},
	} {
		c.refused("not_whitelisted", call.tool, args(repo, call.args))
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := at.events(t); after != before {
		t.Errorf("%d events are left", after-before)
	}
	for _, other := range []string{"`" + at.spell("%[1]s#%[2]d", told) + "`", "```\n" + body + "\n```", "x\r\ny", "https://github.com/acme/site/issues/1"} {
		c.clean("create_comment", args(repo, `,"number":1,"body":`+text(other)))
	}
	if after := at.events(t); after != before {
		t.Errorf("%d events are left by what is no reference", after-before)
	}
}
