package errortest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"aegis/tools"
)

// codes are all of gate's, by its source: they have no list but that.
func codes(t *testing.T) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../gate/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			for _, value := range spec.Values {
				code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, code)
			}
		}
		return true
	})
	if len(all) < 20 {
		t.Fatalf("%d codes: the source is not what it was", len(all))
	}
	return all
}

// covered fails for a code that was not answered, for a tool that answered nothing of its
// own, and for one that answered less than any tool can.
func covered(t *testing.T) {
	has := make(map[string]bool)
	for _, code := range codes(t) {
		if !slices.ContainsFunc(all, func(each told) bool { return each.code == code }) {
			t.Errorf("no situation ends with %s: add one", code)
		}
	}
	for _, rows := range answered() {
		if whole(rows) == "" {
			for _, tool := range rows {
				has[tool] = true
			}
		}
	}
	for _, tool := range tools.All() {
		if !has[tool.Name] {
			t.Errorf("%s is in no situation of its own: add one", tool.Name)
		}
		for _, code := range []string{"killed", "invalid_arguments", "rate_limited", "audit_unavailable", "gitea_unauthorized", "gitea_unreachable", "timeout", "too_large", "internal"} {
			if !slices.ContainsFunc(all, func(each told) bool { return each.code == code && each.tool == tool.Name }) {
				t.Errorf("%s did not answer %s", tool.Name, code)
			}
		}
	}
}
