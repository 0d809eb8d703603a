package giteatest

import (
	"fmt"
	"strings"
	"testing"
)

// referring are texts and whether they leave an event in the repository that
// they name: in a title or a commit message, which are plain text, and in a
// body, which is Markdown. R is owner/repo#n, U the server's URL, N the number.
var referring = []struct {
	text        string
	plain, body bool
}{
	{"R", true, true}, {"see (R)", true, true}, {"[R]", true, true}, {"R.", true, true}, {"R, and", true, true}, {"R)", true, true}, {"x\nR\ny", true, true},
	{"acme/playground!N", true, true}, {"ACME/Playground#N", true, true}, {"acme/playground#0N", true, true}, {"closes R", true, true}, {"R R", true, true},
	{"R...", false, false}, {"R.x", false, false}, {"R-x", false, false}, {"R/", false, false}, {"xR", false, false}, {"x/R", false, false}, {"-R", false, false}, {"a,R", false, false},
	{"{R}", false, false}, {`"R"`, false, false}, {"'R'", false, false}, {"acme/playground #N", false, false}, {"acme/playground＃N", false, false}, {"a\u00a0R", false, false}, {"a\u200bR", false, false},
	{"acme/playground@N", false, false}, {"acme/playground&#35;N", false, false}, {"acme/renamed-old#1", false, false},

	{"`R`", false, false}, {"x `R", false, false}, {"` R `", true, false}, {"`` R ``", true, false}, {"x `` ` ``R", false, true}, {"```\nR\n```", true, false}, {"~~~\nR\n~~~", true, false},
	{"    R", true, false}, {"x\n    R", true, true}, {"> R", true, true}, {"x >R", false, false}, {"- R", true, true}, {"*R*", false, true}, {"| a |\n|---|\n| R |", true, true}, {"|R|", false, false},
	{"<b>R</b>", false, true}, {"<code>R</code>", false, true}, {"<!-- R -->", true, false}, {"x <!-- R --> y", true, false}, {"<div>\nR\n</div>", true, false}, {"<div>\n\nR\n\n</div>", true, true}, {"<pre> R </pre>", true, false},
	{"x[^1]\n\n[^1]: R", true, true}, {`\R`, false, false}, {"![R](x)", true, true}, {"[R](https://x.test)", true, false},

	{"U/acme/playground/issues/N", true, true}, {"U/acme/playground/pulls/N.", true, true}, {"(U/ACME/playground/issues/N)", true, true}, {"U/acme/playground/issues/N#issuecomment-1", false, true},
	{"U/acme/playground/issues/N?x=1", false, true}, {"U/acme/playground/issues/N/", false, false}, {"U/x/acme/playground/issues/N", false, false}, {`"U/acme/playground/issues/N"`, false, false},
	{"https://H/acme/playground/issues/N", false, true}, {"HTTP://H/acme/playground/issues/N", false, false}, {"H/acme/playground/issues/N", false, false}, {"https://gitea.com/acme/playground/issues/N", false, false},
	{"U//acme/playground/issues/N", false, true}, {"<U/acme/playground/issues/N>", false, true}, {"<foo:/acme/playground/issues/N>", false, true}, {"`U/acme/playground/issues/N`", false, false},
	{"[x](U/acme/playground/issues/N)", true, true}, {"[x](/acme/playground/issues/N)", false, true}, {"[x](/acme/playground/issues/N?a#b)", false, true}, {"[x](//H/acme/playground/pulls/N)", false, true}, {"[x](ftp://a:b@H/acme/playground/issues/N)", false, true},
	{"[x](acme/playground/issues/N)", false, false}, {"[x](/acme/playground/issues/N/)", false, false}, {"[x](/acme/pl%61yground/issues/N)", false, false}, {"[x](../acme/playground/issues/N)", false, false}, {"[x](https://gitea.com/acme/playground/issues/N)", false, false},
	{"[x][y]\n\n[y]: /acme/playground/issues/N", false, true}, {"[y]: /acme/playground/issues/N", false, false}, {"![x](/acme/playground/issues/N)", false, false}, {`<a href="/acme/playground/issues/N">x</a>`, false, false}, {"/acme/playground/issues/N", false, false},
}

func TestGitea_References(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	p := pen{t, s, s.As(s.World.Writer.Token)}
	const from, to = "/repos/acme/sandbox", "/repos/acme/playground"
	fill := func(text string, n string) string {
		text = strings.ReplaceAll(text, "R", "acme/playground#N")
		for _, row := range [][2]string{{"&#35;N", "&#35;" + n}, {"#N", "#" + n}, {"#0N", "#0" + n}, {"!N", "!" + n}, {"＃N", "＃" + n}, {"@N", "@" + n}, {" #N", " #" + n}, {"issues/N", "issues/" + n}, {"pulls/N", "pulls/" + n},
			{"U/", s.URL + "/"}, {"//H/", strings.TrimPrefix(s.URL, "http:") + "/"}, {"@H/", "@" + strings.TrimPrefix(s.URL, "http://") + "/"}} {
			text = strings.ReplaceAll(text, row[0], row[1])
		}
		if rest, ok := strings.CutPrefix(text, "H/"); ok {
			text = strings.TrimPrefix(s.URL, "http://") + "/" + rest
		}
		return text
	}
	target := func(t *testing.T) string {
		return p.in(t).must("POST", to+"/issues", object{"title": "target"}).text("number")
	}
	events := func(t *testing.T, p pen, issue string) (kinds []string) {
		for _, e := range p.in(t).list(issue + "/timeline") {
			if strings.HasSuffix(e.text("type"), "_ref") {
				kinds = append(kinds, e.text("type")+" "+e.text("ref_action"))
			}
		}
		return kinds
	}

	t.Run("in titles and comments", func(t *testing.T) {
		p := p.in(t)
		source := from + "/issues/" + p.must("POST", from+"/issues", object{"title": "source"}).text("number")
		for _, row := range referring {
			n := target(t)
			p.must("POST", from+"/issues", object{"title": "x " + fill(row.text, n)})
			if got := len(events(t, p, to+"/issues/"+n)) > 0; got != row.plain {
				t.Errorf("title %q: %v, want %v", fill(row.text, n), got, row.plain)
			}
			n = target(t)
			p.must("POST", source+"/comments", object{"body": fill(row.text, n)})
			if got := len(events(t, p, to+"/issues/"+n)) > 0; got != row.body {
				t.Errorf("comment %q: %v, want %v", fill(row.text, n), got, row.body)
			}
		}
	})

	t.Run("in one commit message", func(t *testing.T) { // of many lines: a push takes a while
		p := p.in(t)
		numbers := make([]string, len(referring))
		message := "subject\n"
		for i, row := range referring {
			numbers[i] = target(t)
			message += "\n" + fill(row.text, numbers[i]) + "\n"
		}
		p.branch("acme/sandbox", "agent/message")
		if status, r := p.commit("acme/sandbox", "agent/message", message, change("create", "x.txt", "x")); status != 201 {
			t.Fatalf("%d %s", status, r.text("message"))
		}
		p.settle()
		for i, row := range referring {
			if got := len(events(t, p, to+"/issues/"+numbers[i])) > 0; got != row.plain {
				t.Errorf("%q: %v, want %v", fill(row.text, numbers[i]), got, row.plain)
			}
		}
	})

	t.Run("where text may stand", func(t *testing.T) {
		p := p.in(t)
		for _, name := range []string{"pull", "pull2"} {
			p.must("POST", from+"/contents", object{"branch": "main", "new_branch": name, "message": "x", "files": []any{change("create", name, "x")}})
		}
		source := from + "/issues/" + p.must("POST", from+"/issues", object{"title": "source"}).text("number")
		pull := from + "/pulls/" + p.must("POST", from+"/pulls", object{"title": "x", "head": "pull", "base": "main"}).text("number")
		for _, row := range []struct {
			what, method, path string
			body               func(r string) object
			want               string
		}{
			{"issue's body", "POST", from + "/issues", func(r string) object { return object{"title": "x", "body": r} }, "issue_ref none"},
			{"edited title", "PATCH", source, func(r string) object { return object{"title": r} }, "issue_ref none"},
			{"edited body", "PATCH", source, func(r string) object { return object{"body": "closes " + r} }, "issue_ref none"},
			{"pull request", "POST", from + "/pulls", func(r string) object {
				return object{"title": "x", "body": "closes " + r, "head": "pull2", "base": "main"}
			}, "pull_ref closes"},
			{"edited pull request", "PATCH", pull, func(r string) object { return object{"title": r} }, "pull_ref none"},
			{"review", "POST", pull + "/reviews", func(r string) object { return object{"event": "COMMENT", "body": r} }, "comment_ref none"},
			{"review's comment", "POST", pull + "/reviews", func(r string) object {
				return object{"event": "COMMENT", "body": "x", "comments": []any{object{"path": "pull", "new_position": 1, "body": r}}}
			}, "comment_ref none"},
			{"release", "POST", from + "/releases", func(r string) object { return object{"tag_name": "v1", "name": r, "body": r, "tag_message": r} }, ""},
			{"wiki", "POST", from + "/wiki/new", func(r string) object { return object{"title": "x", "message": r, "content_base64": []byte(r)} }, ""},
			{"milestone", "POST", from + "/milestones", func(r string) object { return object{"title": r, "description": r} }, ""},
			{"label", "POST", from + "/labels", func(r string) object { return object{"name": r, "description": r, "color": "#aabbcc"} }, ""},
		} {
			n := target(t)
			p.must(row.method, row.path, row.body("acme/playground#"+n))
			p.settle()
			if got := strings.Join(events(t, p, to+"/issues/"+n), ", "); got != row.want {
				t.Errorf("%s: %q, want %q", row.what, got, row.want)
			}
		}
	})

	t.Run("who sees what", func(t *testing.T) {
		p := p.in(t)
		nobody := p.as("")
		const public = "/repos/acme/noticeboard/issues/1"
		p.must("POST", from+"/issues", object{"title": "private title", "body": "acme/noticeboard#1"})
		if got := events(t, nobody, public); got != nil {
			t.Errorf("nobody sees a private issue's reference: %v", got)
		}
		if status, _ := p.commit("acme/sandbox", "main", "private subject\n\nacme/noticeboard#1", change("create", "y.txt", "x")); status != 201 {
			t.Fatal(status)
		}
		p.settle()
		if got := fmt.Sprint(nobody.list(public + "/timeline")); !strings.Contains(got, "private subject") {
			t.Errorf("nobody does not see a private commit's subject: %s", got)
		}
	})

	t.Run("a commit closes elsewhere, on the default branch", func(t *testing.T) {
		p := p.in(t)
		for branch, want := range map[string]string{"main": "closed", "agent/message": "open"} {
			n := target(t)
			if status, _ := p.commit("acme/sandbox", branch, "x\n\nFixes acme/playground#"+n+" @1h", change("create", "z.txt", "x")); status != 201 {
				t.Fatal(status)
			}
			p.settle()
			if got := p.must("GET", to+"/issues/"+n, nil).text("state"); got != want {
				t.Errorf("%s: the issue is %s, want %s", branch, got, want)
			}
			if times := len(p.list(to + "/issues/" + n + "/times")); (times > 0) != (want == "closed") {
				t.Errorf("%s: %d times were booked", branch, times)
			}
		}
	})
}
