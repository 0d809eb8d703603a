package reference_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/giteatest"
	"aegis/internal/reference"
)

// referring writes texts into one repository, and looks for the events that they left
// at an issue of another.
type referring struct {
	t       *testing.T
	api     giteatest.API
	to      string // owner/name
	number  int64
	written []written
}

// written is a text, and what Gitea calls where it stands.
type written struct {
	text string
	as   reference.Syntax
	code bool // it is known to be code
	in   string
}

// write posts a body that holds text; in names where it stands from the answer.
func (r *referring) write(path string, body map[string]any, w written, in func(made record) string) {
	r.t.Helper()
	var made record
	if err := r.api.Into(r.t.Context(), "POST", path, body, &made); err != nil {
		r.t.Fatal(err)
	}
	w.in = in(made)
	r.written = append(r.written, w)
}

// record is what Gitea answers of what was written.
type record struct {
	ID, Number int64
	Commit     struct{ SHA string }
}

func comment(r record) string { return fmt.Sprint("comment ", r.ID) }
func issue(r record) string   { return fmt.Sprint("issue ", r.Number) }
func commit(r record) string  { return "commit " + r.Commit.SHA }

// events are the texts that left an event, by where they stand.
func (r *referring) events() map[string]bool {
	r.t.Helper()
	left := make(map[string]bool)
	for page := 1; ; page++ {
		var all []struct {
			Comment *record `json:"ref_comment"`
			Issue   *record `json:"ref_issue"`
			Commit  string  `json:"ref_commit_sha"`
		}
		path := fmt.Sprintf("/repos/%s/issues/%d/timeline?limit=50&page=%d", r.to, r.number, page)
		if err := r.api.Into(r.t.Context(), "GET", path, nil, &all); err != nil {
			r.t.Fatal(err)
		}
		for _, event := range all {
			switch {
			case event.Comment != nil && event.Comment.ID != 0:
				left[comment(*event.Comment)] = true
			case event.Issue != nil:
				left[issue(*event.Issue)] = true
			}
			left["commit "+event.Commit] = true
		}
		if len(all) < 50 {
			return left
		}
	}
}

// texts are with %[1]s for owner/name, %[2]d for the number, %[3]s for the address
// of the instance with its slash, %[4]s for owner and %[5]s for name.
var texts = []string{
	"%[1]s#%[2]d", "%[1]s!%[2]d", "See %[1]s#%[2]d.", "(%[1]s#%[2]d)", "[%[1]s#%[2]d]", `"%[1]s#%[2]d"`, "'%[1]s#%[2]d'",
	"%[1]s#%[2]d, and", "%[1]s#%[2]dx", "x%[1]s#%[2]d", "x/%[1]s#%[2]d", "%[1]s#%[2]d/x", "@%[1]s#%[2]d", "closes %[1]s#%[2]d",
	"%[1]s #%[2]d", "%[1]s@3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4d", "%[4]s/%[5]s.git#%[2]d", "%[4]s%%2F%[5]s#%[2]d", "%[4]s&#47;%[5]s#%[2]d",
	"_%[1]s#%[2]d_", "**%[1]s#%[2]d**", "~~%[1]s#%[2]d~~", "# %[1]s#%[2]d", "> %[1]s#%[2]d", "- %[1]s#%[2]d", "1. %[1]s#%[2]d\n", "| a |\n|---|\n| %[1]s#%[2]d |",
	"%[4]s/\\\n%[5]s#%[2]d", "%[4]s/  \n%[5]s#%[2]d", "> %[4]s/  \n> %[5]s#%[2]d", "%[4]s/\n%[5]s#%[2]d", "%[4]s/<b></b>%[5]s#%[2]d", "%[4]s/\u200b%[5]s#%[2]d", `%[4]s/%[5]s\#%[2]d`,
	"![%[1]s#%[2]d](x)", "[%[1]s#%[2]d](x)", "<!-- %[1]s#%[2]d -->", "<b>%[1]s#%[2]d</b>", "<div>\n%[1]s#%[2]d\n</div>", "[^a]\n\n[^a]: %[1]s#%[2]d",
	"%[3]s%[1]s/issues/%[2]d", "%[3]s%[1]s/pulls/%[2]d", "<%[3]s%[1]s/issues/%[2]d>", "[x](%[3]s%[1]s/issues/%[2]d)", "[x](/%[1]s/issues/%[2]d)", "[x](/%[1]s/issues/%[2]d#a)",
	"[x](http:/%[1]s/issues/%[2]d)", "[x](javascript:/%[1]s/issues/%[2]d)", "[x]\n\n[x]: /%[1]s/issues/%[2]d", "[x](%[1]s/issues/%[2]d)", "[x](/%[1]s/issues/+%[2]d)",
	"%[3]s%[1]s/issues/%[2]d/x", "%[3]sapi/v1/repos/%[1]s/issues/%[2]d", "https://github.com/%[1]s/issues/%[2]d", "<%[3]s/%[1]s/issues/%[2]d>", "<%[3]s/x(%[1]s/issues/%[2]d>",
	"x www.a.comzzzzz%[1]s#%[2]d", "www.a.com %[1]s#%[2]d", "www.a.org/`%[1]s#%[2]d`",
	"`%[1]s#%[2]d`", "``%[1]s#%[2]d``", "` %[1]s#%[2]d", "`` %[1]s#%[2]d `", "\\` %[1]s#%[2]d `", "`a\n%[1]s#%[2]d`", "x ` y\n` %[1]s#%[2]d `",
	"<a title=\"`\"> %[1]s#%[2]d `", "[a](`) %[1]s#%[2]d `", "a | b\n--|--\na ` | %[1]s#%[2]d `", "x`y@example.org %[1]s#%[2]d `", "# ` %[1]s#%[2]d {a=`}",
	"```\n%[1]s#%[2]d\n```", "~~~\n%[1]s#%[2]d\n~~~", "```\n```\n%[1]s#%[2]d", "```\n%[1]s#%[2]d", "``` `\n%[1]s#%[2]d\n```", "```\n  ```\n%[1]s#%[2]d\n```",
	"/  \n> %[4]s/\\\n%[5]s#%[2]d", "- x\n- %[4]s/  \n  %[5]s#%[2]d", "> %[4]s\\\n> /%[5]s#%[2]d", "%[4]s/\\\r\n%[5]s#%[2]d", "[^a]\n\n[^a]: %[4]s/\\\n    %[5]s#%[2]d", "- [ ] %[1]s#%[2]d",
	"<%[3]s/%[1]s/issues/><b>%[2]d", "<%[3]s/%[1]s/pulls/>*%[2]d*", "www.example.comzzz%[1]s#%[2]d", "term\n: %[1]s#%[2]d", "[x](</%[1]s/issues/%[2]d#_a_>)", "x\r%[4]s/\\\r%[5]s#%[2]d", "![^a]%[1]s#%[2]d\n\n[^a]: x", "!a^ %[1]s#%[2]d[^a]\n\n[^a]: x",
	"    %[1]s#%[2]d", "<script>\n```\n</script>\n\n%[1]s#%[2]d\n```", "> ```\n%[1]s#%[2]d\n> ```", "<%[3]s%[1]s/issues/%[2]d?`> %[1]s#%[2]d `",
}

// code is what is sure to be code.
var code = []string{"`%[1]s#%[2]d`", "``%[1]s#%[2]d``", "```\n%[1]s#%[2]d\n```", "~~~\n%[1]s#%[2]d\n~~~"}

// Whatever leaves an event on the real Gitea is found, and what is let through as code
// leaves none.
func TestGitea_WhatLeavesAnEventIsFound(t *testing.T) {
	t.Parallel()
	s := giteatest.StartNew(t)
	w := s.World
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := &referring{t: t, api: s.As(w.Keeper.Token), to: w.PublicSite.FullName, number: w.Issues.Injection}
	owner, name, _ := strings.Cut(r.to, "/")
	form := func(form string) string { return fmt.Sprintf(form+"%[6]s", r.to, r.number, s.URL+"/", owner, name, "") }
	sandbox := "/repos/" + w.Sandbox.FullName
	var into record
	if err := r.api.Into(t.Context(), "POST", sandbox+"/issues", map[string]any{"title": "References"}, &into); err != nil {
		t.Fatal(err)
	}
	comments := fmt.Sprintf("%s/issues/%d/comments", sandbox, into.Number)
	asComment := func(text string, code bool) {
		r.write(comments, map[string]any{"body": text}, written{text: text, as: reference.Markdown, code: code}, comment)
	}

	for i, text := range texts {
		text = form(text)
		asComment(text, false)
		if i%5 == 0 {
			title := strings.ReplaceAll(text, "\n", " ")
			r.write(sandbox+"/issues", map[string]any{"title": title}, written{text: title, as: reference.Plain}, issue)
		}
	}
	for _, text := range code {
		asComment(form(text), true)
	}
	for i, text := range []string{code[0], "x\n\n" + code[2], "%[3]s%[1]s/issues/%[2]d", "%[4]s/\\\n%[5]s#%[2]d"} {
		text = form(text)
		r.write(fmt.Sprintf("%s/contents/references/%d.txt", sandbox, i), map[string]any{
			"message": text, "content": base64.StdEncoding.EncodeToString([]byte("x")), "branch": "main",
		}, written{text: text, as: reference.Plain}, commit)
	}
	pieces := append(slices.Clone(texts), "`", "`", "\n", "\n\n", "```\n", " ", "  \n", "\\", "[", "](", "<", ">", "_", "|", "www.a.com", "x@y.org", "> ", "- ")
	random := rand.New(rand.NewPCG(23, 1))
	for range 60 {
		var b strings.Builder
		for range 2 + random.IntN(6) {
			b.WriteString(form(pieces[random.IntN(len(pieces))]))
		}
		asComment(b.String(), false)
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	events, left := r.events(), 0
	for _, w := range r.written {
		repos, unclear := reference.Find(w.text, w.as, base)
		found := unclear || slices.ContainsFunc(repos, func(repo canon.Repo) bool { return repo.String() == r.to })
		switch {
		case events[w.in]:
			left++
			if !found {
				t.Errorf("%q left an event in %s, and refers to %v", w.text, r.to, repos)
			}
		case w.code && found:
			t.Errorf("%q is code, and is taken for a reference to %v", w.text, repos)
		}
	}
	for kind, atLeast := range map[string]int{"comment": 40, "issue": 5, "commit": 2} {
		n := 0
		for _, w := range r.written {
			if strings.HasPrefix(w.in, kind) && events[w.in] {
				n++
			}
		}
		if n < atLeast {
			t.Errorf("only %d texts of kind %s left an event: something is wrong with the test", n, kind)
		}
	}
	t.Logf("%d of %d texts left an event", left, len(r.written))
}
