package remote

import (
	"net/url"
	"strings"
	"testing"
)

// Fetching is what a browser would fetch from another host.
var Fetching = map[string]string{
	"a tag in an attribute of none":   "<span style=\"background:url(\\(<img alt='>' src='//evil.example/1'>",
	"an image":                        "![x](http://evil.example/1.png)",
	"over TLS":                        "a\n\n- b ![](https://evil.example/1)",
	"of the same scheme":              "![x](//evil.example/1.png)",
	"by backslashes":                  `![x](<\\evil.example\1.png>)`,
	"by a slash and a backslash":      `![x](</\evil.example/1.png>)`,
	"by a scheme without slashes":     "![x](http:evil.example/1.png)",
	"by an entity":                    "![x](http&#58;//evil.example/1)",
	"by an escape":                    `![x](http\://evil.example/1)`,
	"with a title":                    "![x]( http://evil.example/1 \"t\" )",
	"in a link":                       "[![x](http://evil.example/1)](y)",
	"in a table":                      "a | b\n--|--\n![x](http://evil.example/1) | c",
	"in a quote of a list":            "- > ![x](http://evil.example/1)",
	"in a footnote":                   "a[^1]\n\n[^1]: ![x](http://evil.example/1)",
	"by a reference":                  "![x][y]\n\n[y]: http://evil.example/1",
	"by a short reference":            "![y]\n\n[y]: <http://evil.example/1>",
	"by a reference over lines":       "![x]\n[Y]:\n  http://evil.example/1 \n\n![Y][]\n\n[y]:\n http://evil.example/1",
	"a tag":                           `<img src="http://evil.example/1">`,
	"without quotes":                  "a <img alt=x src=http://evil.example/1> b",
	"over lines":                      "<img\n  alt='>'\n  src='https://evil.example/1'>",
	"in large letters":                `<IMG SRC="HTTP://EVIL.EXAMPLE/1">`,
	"by an entity in a tag":           `<img src="&#104;ttp://evil.example/1">`,
	"by a tab in a tag":               "<img src=\"ht\ttp://evil.example/1\">",
	"by a line in a tag":              "<img src=\"/\n/evil.example/1\">",
	"a picture":                       `<picture><source media="x" srcset="a.png 1x, //evil.example/1 2x"><img src="a.png"></picture>`,
	"a film":                          `<video src="http://evil.example/1" autoplay></video>`,
	"its poster":                      `<video src="a.mp4" poster="http://evil.example/1"></video>`,
	"a sound":                         `<audio src="http://evil.example/1"></audio>`,
	"a style":                         `<span style="background: url('http://evil.example/1')">x</span>`,
	"a table's background":            `<table background="http://evil.example/1"></table>`,
	"an image in a drawing":           `<svg><image href="http://evil.example/1"/></svg>`,
	"in a block of HTML":              "<div>\n<p><img src='http://evil.example/1'></p>\n</div>",
	"an attribute made of a link":     "<div>\n<img alt=\"\n\n[x](src=//evil.example/1)",
	"the same behind a stray quote":   "<div a\"><img alt=\"x>\n\n[x](src=//evil.example/1)",
	"a short link":                    "[[http://evil.example/1.png]]",
	"a short link with a name":        "[[a name|https://evil.example/1.svg]]",
	"a short link by an entity":       "[[http&#58;//evil.example/1.gif]]",
	"a short link by an argument":     "[[x.y|link=http://evil.example/1.webp]]",
	"a diagram's style":               "```mermaid\n%%{init: {'themeCSS': '* {background: url(http://evil.example/1)}'}}%%\ngraph TD\n```",
	"a diagram's image":               "```mermaid\nflowchart TD\n  A@{ img: \"https://evil.example/1\" }\n```",
	"a diagram beside a formula":      "$$\n```mermaid\nA@{ img: 'https://evil.example/1' }\n```",
	"a diagram with escapes":          "~~~ Mermaid\n---\nconfig: {themeCSS: \"u\\u0072l(x)\"}\n---\n~~~",
	"in words over lines":             "$\\alpha$ `x` ![a\nb](http://evil.example/1)",
	"behind code in its words":        "$$\n![a `](x)` ](http://evil.example/1)",
	"far behind in a set":             "<source srcset=\"" + strings.Repeat("a.png 1x, ", 2000) + "//evil.example/1 2x\">",
	"behind a formula with a fence":   "$$\n```\n$$\n![x](http://evil.example/1)\n```\n",
	"behind a formula with a tick":    "$a`b$ ![x](http://evil.example/1) `",
	"in what metadata end":            "---\na: `\n---\n![x](http://evil.example/1)`",
	"after a torn line":               "    x\r![x](http://evil.example/1)",
	"an attachment":                   "![x](/attachments/6f0c5a52-8c1f-4a39-9d0a-1c2d3e4f5a6b)",
	"an attachment of a release":      "![x](/stranger/repo/releases/download/v1/bit-1.png)",
	"that by a path":                  "<img src=\"../../../stranger/repo/./releases/%64ownload/v1/bit-1.png\">",
	"a package":                       "![x](/api/packages/stranger/generic/a/1/b.png)",
	"an attachment by its address":    "![x](https://git.example.org/stranger/repo/releases/download/v1/bit-1.png)",
	"a host that begins like the own": "![x](https://git.example.org.evil.example/1)",
	"the own host as a user":          "![x](https://git.example.org@evil.example/1)",
}

func instance(tb testing.TB) *url.URL {
	tb.Helper()
	u, err := url.Parse("https://git.example.org/")
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func TestLoads_Markdown(t *testing.T) {
	t.Parallel()
	for name, text := range Fetching {
		if got := Loads(text, Markdown, instance(t)); got == "" {
			t.Errorf("%s: %q loads nothing", name, text)
		}
	}
	for name, text := range map[string]string{
		"nothing":                       "",
		"prose":                         "A price of 5 and a path src/main.go, ![not an image] at all.",
		"links":                         "See https://example.org/a.png, [b](http://example.org/b.png), <http://example.org/c.gif> and [d].\n\n[d]: https://example.org/d.png",
		"an image by a path":            "![x](docs/x.png) ![y](/acme/site/raw/branch/main/y.png) ![z](../z.png \"A: b\")",
		"an image of the instance":      "![x](https://git.example.org/acme/site/raw/branch/main/y.png)",
		"an image by a reference":       "![x][y] [z]\n\n[y]: y.png\n[z]: https://example.org/",
		"a tag with a path":             `<p align="center"><img alt="Note: see http://example.org/" src="logo.svg" width="10"></p>`,
		"a link around it":              `<a href="https://example.org/"><img src="logo.svg"></a>`,
		"an image within itself":        "![x](data:image/png;base64,AAAA)",
		"code":                          "`![x](http://example.org/1)` and `<img src=\"http://example.org/1\">`",
		"a fenced block":                "```html\n<img src=\"http://example.org/1\">\n```\n",
		"a mermaid, formulas and links": "We draw mermaid now. $$x$$ See https://example.org/a.png.",
		"a diagram":                     "```mermaid\ngraph TD\n  A[one] -->|two| B\n```",
		"prices, and a link":            "It is $5, or $6: [a](https://example.org/a.png).",
		"metadata, images and links":    "---\ntitle: a\nurl: https://example.org/a.png\n---\n\n![a](a.png) costs $5: [b](https://example.org/b.png)\n",
		"variables, images and links":   "Set $HOME. ![a](a.png)\n\n[b](https://example.org/b.png) `$PATH`\n",
		"metadata, and a link":          "---\nurl: https://example.org/a.png\n---\n\n[a](https://example.org/)",
		"a short link":                  "[[Home]] and [[A page|https://example.org/page]]",
		"a folder called attachments":   "![x](docs/attachments/x.png)",
		"a comment":                     "<!-- see http://example.org/ -->\n<br/>\n<details><summary>x</summary>\n\ny\n\n</details>",
		"what is less than other":       "a <b and c> d",
		"a style without an address":    `<span style="color: red">x</span>`,
		"what looks like an attribute":  "set data=https://example.org/ in the file, or style=a",
		"a table of addresses":          "| a | b |\n|---|---|\n| https://example.org/1.png | [x](https://example.org/2.png) |",
		"a link behind an image":        "![a](a.png) [b](https://example.org/b.png)",
		"a definition beside an image":  "![a](a.png)\n\n[b]: https://example.org/b.png",
		"a long one":                    strings.Repeat("A [link](https://example.org/) to ![a](a.png).\n\n", 1000),
		"a footnote":                    "a[^1]\n\n[^1]: https://example.org/a.png",
		"a mail address, and a mention": "<a@example.org> @acme/team",
	} {
		if got := Loads(text, Markdown, instance(t)); got != "" {
			t.Errorf("%s: %q loads %q", name, text, got)
		}
	}
}

func TestLoads_Files(t *testing.T) {
	t.Parallel()
	const remote = "https://evil.example/1"
	for _, row := range []struct {
		file, text string
		want       bool
	}{
		{"docs/page.md", "![x](" + remote + ")", true},
		{"README.MARKDOWN", "<img src=" + remote + ">", true},
		{"page.md", "[x](" + remote + ")", false},
		{"main.go", "![x](" + remote + ")", false},
		{"index.html", "<img src=" + remote + ">", false},
		{"notes.org", "[[" + remote + ".png]]", true},
		{"notes.org", "see " + remote + ".webm", true},
		{"notes.org", "[[https://a.example][file://evil.example/1.png]]", true},
		{"notes.org", "#+BEGIN_EXPORT html\n<img src=" + remote + ">\n#+END_EXPORT", true},
		{"notes.org", "[[" + remote + "][a page]] [[./x.png]]", false},
		{".gitea/ISSUE_TEMPLATE/bug.yaml", "value: |\n  ![x](" + remote + ")", true},
		{"api/openapi.yaml", "a: {$ref: '" + remote + "'}", true},
		{"api/swagger.json", `{"$ref": "//evil.example/1"}`, true},
		{"api/openapi.yaml", "servers:\n  - url: /api\n", false},
		{"scene.gltf", `{"buffers": [{"uri": "` + remote + `"}]}`, true},
		{"scene.gltf", `{"buffers": [{"uri": "a.bin"}]}`, false},
	} {
		if got := Loads(row.text, FormatOf(row.file), instance(t)); (got != "") != row.want {
			t.Errorf("%s: %q loads %q", row.file, row.text, got)
		}
	}
}

// An image in a paragraph of its own is seen, whatever stands before it, but for what
// takes in all that follows.
func FuzzLoads(f *testing.F) {
	for _, text := range []string{"", "`", "```", "<div>\n<img alt=\"", "$$", "---\n", "[[", "![", "<!--", "\r", "```mermaid\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		behind := text + "\n\n![x](http://evil.example/1)\n"
		if Loads(behind, Markdown, instance(t)) == "" && !strings.ContainsAny(text, "`~<") {
			t.Errorf("%q loads nothing", behind)
		}
		if Loads(behind, Rendered, instance(t)) == "" {
			t.Errorf("%q loads nothing, rendered", behind)
		}
	})
}

// Hostile texts of the longest that a file may have: each must cost about the same.
func BenchmarkLoads(b *testing.B) {
	for _, piece := range []string{"some prose, (and) `code` ![x](y.png) ", "![", "src=\"", " src=a", "[[", "[[a]]", "$$![", "\n\n![", "](", "<img ", "<!--", "<a b='", "//", "url:", "style=url(", "mermaid\n", "a: b\n"} {
		text := "$$" + strings.Repeat(piece, 512<<10/len(piece))
		b.Run(strings.TrimSpace(piece), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Loads(text, Markdown)
				Loads(text, Rendered)
			}
		})
	}
}
