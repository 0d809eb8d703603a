package hinttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// hintOf says which argument of a function or a method is a hint.
var hintOf = map[string]int{"WithHint": 0, "notThis": 1, "otherKind": 1, "declined": 1, "unshowable": 1}

// hints are all hints in the product's source, as formats, sorted.
func hints(t *testing.T) (all []string) {
	t.Helper()
	texts := make(map[string]string) // of constants
	var files []*ast.File
	for _, folder := range []string{"gate", "tools"} {
		folder = filepath.Join("..", "..", folder)
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := entry.Name()
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
			ast.Inspect(file, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
					for i, name := range spec.Names {
						if text, ok := textOf(spec.Values[i], texts); ok {
							texts[name.Name] = text
						}
					}
				}
				return true
			})
		}
	}
	note := func(e ast.Expr) {
		if text, ok := textOf(e, texts); ok && text != "%s" && text != "" {
			all = append(all, text)
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if at, ok := hintOf[name]; ok && at < len(n.Args) {
					note(n.Args[at])
				}
			case *ast.CompositeLit: // a table of code, message and hint
				if table, ok := n.Type.(*ast.MapType); ok && named(table.Value) == "explanation" {
					for _, e := range n.Elts {
						row := e.(*ast.KeyValueExpr).Value.(*ast.CompositeLit)
						note(row.Elts[len(row.Elts)-1])
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Hint" {
					note(n.Value)
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Hint" && i < len(n.Rhs) {
						note(n.Rhs[i])
					}
				}
			case *ast.FuncDecl: // what makes a hint
				if strings.HasSuffix(n.Name.Name, "Hint") || n.Name.Name == "nothingFound" || n.Name.Name == "writesNothing" {
					ast.Inspect(n, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok {
							for _, e := range r.Results {
								if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 {
									e = call.Args[0]
								}
								note(e)
							}
						}
						return true
					})
				}
			}
			return true
		})
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// named is the name of a type, "" if it has none of its own.
func named(e ast.Expr) string {
	name, _ := e.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}

// textOf is what a string expression says: a literal, a constant, or some of them.
func textOf(e ast.Expr, constants map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		text, ok := constants[e.Name]
		return text, ok
	case *ast.BinaryExpr:
		left, ok := textOf(e.X, constants)
		right, ok2 := textOf(e.Y, constants)
		return left + right, (ok || ok2) && e.Op == token.ADD
	}
	return "", false
}
