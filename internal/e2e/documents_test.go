package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

var root = filepath.Join("..", "..")

// page is a document for users, taken apart.
type page struct {
	name   string
	blocks []block
	spans  []span            // what stands in backticks
	links  []span            // where links lead
	titles map[string]string // headings, by the anchor that links name them with
	home   string            // where its examples run; files of the page lie in it
}

// block is a fenced block: an example. Its tag is what stands behind the fence.
type block struct {
	line      int
	tag, text string
}

type span struct {
	line int
	text string
}

// Every example of the documents is run. How is said by the tag behind its fence; one
// without a tag that is known here is an error.
func TestExamplesOfTheDocumentsRun(t *testing.T) {
	t.Parallel()
	runners := map[string]func(*testing.T, page, block){
		"sh":               runShell,
		"sh not-run":       runNothing,
		"nginx not-run":    runNothing,
		"ini not-run":      runNothing,
		"sh serve":         runServe,
		"yaml keys":        runKeys,
		"json http":        runHTTPClient, // a client's configuration
		"console":          runConsole,
		"yaml":             runPolicy,
		"yaml tests":       runExpectations,
		"yaml config.yaml": runFile, // for a command of the same page
		"toml":             runRules,
		"json client":      runClient, // a client's configuration
		"json env":         runEnv,    // a part of one
		"json answer":      runAnswer,
		"yaml jobs":        func(*testing.T, page, block) {}, // internal/jobs holds it against the tools
		"text":             func(*testing.T, page, block) {}, // a drawing
	}
	ran := map[string]bool{}
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			ran[b.tag] = true
			t.Run(fmt.Sprintf("%s:%d", p.name, b.line), func(t *testing.T) {
				run, ok := runners[b.tag]
				if !ok {
					t.Fatalf("%q is no tag of an example", b.tag)
				}
				run(t, p, b)
			})
		}
	}
	for tag := range runners {
		if !ran[tag] {
			t.Errorf("nothing has the tag %q", tag)
		}
	}
	for line := range notRun {
		if !slices.ContainsFunc(pages(t), func(p page) bool {
			return slices.ContainsFunc(p.blocks, func(b block) bool { return strings.HasPrefix(b.text, line) })
		}) {
			t.Errorf("no example begins with %q", line)
		}
	}
}

// pages takes all documents for users apart.
func pages(t *testing.T) (all []page) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, filepath.Join(root, "README.md"), filepath.Join(root, "SECURITY.md"), filepath.Join(root, "deploy", "jobs", "README.md")) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name, err = filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		p := page{name: filepath.ToSlash(name), titles: map[string]string{}, home: t.TempDir()}
		if err := p.takeApart(source); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, p)
	}
	return all
}

func (p *page) takeApart(source []byte) error {
	document := goldmark.New(goldmark.WithParserOptions(parser.WithAutoHeadingID())).Parser().Parse(text.NewReader(source))
	at := func(offset int) int { return 1 + bytes.Count(source[:offset], []byte("\n")) }
	line := 1 // of the block that is walked
	return ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if node.Type() == ast.TypeBlock && node.Lines().Len() > 0 {
			line = at(node.Lines().At(0).Start)
		}
		switch node := node.(type) {
		case *ast.FencedCodeBlock:
			tag := ""
			if node.Info != nil {
				tag = string(node.Info.Value(source))
			}
			p.blocks = append(p.blocks, block{line, tag, string(node.Lines().Value(source))})
		case *ast.CodeBlock:
			return ast.WalkStop, fmt.Errorf("line %d is indented; an example stands in a fence, with a tag", line)
		case *ast.Heading:
			if id, ok := node.AttributeString("id"); ok {
				p.titles[string(id.([]byte))] = string(node.Lines().Value(source))
			}
		case *ast.Link:
			p.links = append(p.links, span{line, string(node.Destination)})
		case *ast.CodeSpan:
			said := ""
			for part := node.FirstChild(); part != nil; part = part.NextSibling() {
				if part, ok := part.(*ast.Text); ok {
					said += string(part.Segment.Value(source))
					line = at(part.Segment.Start)
				}
			}
			p.spans = append(p.spans, span{line, strings.Join(strings.Fields(said), " ")})
		}
		return ast.WalkContinue, nil
	})
}

// Links between the documents lead somewhere.
func TestLinksOfTheDocuments(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, p := range all {
		for _, link := range p.links {
			target, anchor, _ := strings.Cut(link.text, "#")
			if strings.Contains(target, ":") {
				continue // another host's
			}
			name := p.name
			if target != "" {
				name = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), target))
			}
			at := slices.IndexFunc(all, func(other page) bool { return other.name == name })
			if at < 0 {
				t.Errorf("%s:%d: there is no %s", p.name, link.line, name)
			} else if anchor != "" && all[at].titles[anchor] == "" {
				t.Errorf("%s:%d: %s has no heading %q", p.name, link.line, name, anchor)
			}
		}
	}
}
