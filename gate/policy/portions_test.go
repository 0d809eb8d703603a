package policy

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// tree writes down what a node is, and where.
func tree(b *strings.Builder, node ast.Node) {
	switch n := node.(type) {
	case nil:
		b.WriteString("nothing")
	case *ast.MappingNode:
		fmt.Fprintf(b, "{%t", n.IsFlowStyle)
		for _, v := range n.Values {
			fmt.Fprintf(b, "\n%v ", at(v.Start))
			tree(b, v.Key)
			b.WriteString(": ")
			tree(b, v.Value)
		}
		b.WriteString("}")
	case *ast.SequenceNode:
		b.WriteString("[")
		for _, v := range n.Values {
			b.WriteString("\n- ")
			tree(b, v)
		}
		b.WriteString("]")
	case *ast.NullNode:
		b.WriteString("null") // where a value is that is not there, the parser makes up
	default:
		fmt.Fprintf(b, "%s %v %q", n.Type(), at(n.GetToken()), n.GetToken().Value)
	}
}

// treeOf parses a text, in portions of some entries or whole; "" if it is no YAML, or if
// it is not parsed in portions.
func treeOf(text string, portion int) string {
	defer func() { _ = recover() }()
	tokens := lexer.Tokenize(text)
	if _, ok := plain(tokens, text, new(problems)); !ok {
		return ""
	}
	var file *ast.File
	if portion == 0 {
		file, _ = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	} else if long := longMapping(tokens); len(long.keys) > portion {
		file = inPortions(tokens, long, portion)
	}
	if file == nil {
		return ""
	}
	var b strings.Builder
	for _, doc := range file.Docs {
		tree(&b, doc.Body)
	}
	return b.String()
}

// cutTexts are texts in which something could be cut where it is not to be.
var cutTexts = []string{
	"a: 1\nb:\n  x: 1\n  y: 2\n  z: 3\nc: 4\n",
	"b:\n  x: 1\n  y:\n  - q: 1\n  - q: 2\n  z: 3\n",
	"b:\n  x: {a: 1,\n b: 2\n}\n  y: 2\n  z: 3\n",
	"b:\n  x: |\n    y: 1\n    z: 2\n  y: >\n   z: 4\n\n   w: 1\n  z: 3\n",
	"b:\n- x: 1\n  y: 2\n- x: 1\n  y: 2\n  z: 3\n",
	"b:\n  x: one\n    two\n  y: \"one\n  z: two\"\n  z: 3\n",
	"b: # k: v\n  # x: 1\n  x: 1 # y\n\n  # z\n  y: 2\n  z: 3\n# end\nd: 1\n",
	"b:\n  x:\n  y:\n  z:\n",
	"b:\n  x: 1\n  y: 2\n z: 3\n",
	"  b:\n    x: 1\n    y: 2\n    z: 3\n  c: 1\n",
	"---\nb:\n  x: 1\n  y: 2\n  z: 3\n...\n",
	"b:\n  \"x\" : 1\n  'y': 2\n  z: {a: 1}\n",
	"b:\n  x: 1\n  y\n  z: 3\n  w: 4\n",
	"b:\n  x:\n    x: 1\n    y: 2\n    z: 3\n  y: 1\nc:\n  x: 1\n  y: 2\n  z: 3\n",
}

// What is parsed in portions is what the parser makes of it whole.
func FuzzPortions(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(corpus, "*", "*.yaml"))
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	for _, text := range cutTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, portion := range []int{1, 2} {
			if cut := treeOf(text, portion); cut != "" && cut != treeOf(text, 0) {
				t.Fatalf("%q in portions of %d is\n%s\nand whole\n%s", text, portion, cut, treeOf(text, 0))
			}
		}
	})
}

// Most of what is written without brackets is parsed so, and mistakes in it are told as if
// it were not.
func TestLongPoliciesAreParsedInPortions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 5))
	cut := 0
	for range 200 {
		text := newDraft(r).yaml(r)
		switch got := treeOf(text, 1); {
		case got == "":
		case got != treeOf(text, 0):
			t.Fatalf("%s\n%s", text, got)
		default:
			cut++
		}
	}
	if cut < 50 {
		t.Errorf("%d of 200 were parsed in portions", cut)
	}
	long := func(mistake string, at int) string {
		var b strings.Builder
		b.WriteString("version: 1\nrepositories:\n")
		for i := range 3 * portion {
			if i == at {
				b.WriteString(mistake)
			}
			fmt.Fprintf(&b, "  acme/r%d: {read: deny}\n", i)
		}
		return b.String()
	}
	for _, mistake := range []string{"  acme/x: {read: deny\n", "  acme/x: {raed: deny}\n", " acme/x: {read: deny}\n", "  acme/x\n", "  acme/x:\n", "   acme/x: {read: deny}\n", "  acme/r1: {read: deny}\n", "tools: {allow: [get_me]}\n"} {
		for _, at := range []int{portion / 2, portion, portion + 1, 2*portion + 7} {
			_, _, err := Parse("policy.yaml", []byte(long(mistake, at)))
			if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("policy.yaml:%d:", at+3)) && !strings.HasPrefix(err.Error(), fmt.Sprintf("policy.yaml:%d:", at+4)) {
				t.Errorf("%q in line %d: %.200v", mistake, at+3, err)
			}
		}
	}
	if p, _, err := Parse("policy.yaml", []byte(long("", 0))); err != nil || len(p.sections.all) != 3*portion || p.sections.all[2*portion].line != 2*portion+3 {
		t.Errorf("%v", err)
	}
}
