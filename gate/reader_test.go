package gate_test

import (
	"reflect"
	"slices"
	"testing"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/caller"

	gitea "code.gitea.io/sdk/gitea"
)

// A handler reaches what its call was given and nothing else: whatever it can get at
// from there, by methods, fields and callbacks, neither grants a repository nor sends
// what changes something, and is no state of a caller's.
func TestI13_AHandlerCannotWidenItsGrant(t *testing.T) {
	t.Parallel()
	reached := reachable(reflect.TypeFor[gate.Handler]().In(1))
	if !reached[reflect.TypeFor[*forge.Reader]()] || !reached[reflect.TypeFor[*gate.Resolved]()] {
		t.Fatal("the walk misses what a handler is given")
	}
	for _, closed := range []reflect.Type{
		reflect.TypeFor[*forge.Client](), reflect.TypeFor[*forge.Way](), reflect.TypeFor[*forge.Forge](),
		reflect.TypeFor[*gate.Gate](), reflect.TypeFor[*caller.Caller](), reflect.TypeFor[*gitea.Client](),
	} {
		if reached[closed] || reached[closed.Elem()] {
			t.Errorf("a handler can get at %s", closed)
		}
	}
	for each := range reached {
		for _, name := range []string{"Allow", "LookUp", "Send", "Expect", "Client", "For", "Learn"} {
			if _, ok := each.MethodByName(name); ok && ours(each) {
				t.Errorf("a handler can call %s of %s", name, each)
			}
		}
	}
	reader := reflect.TypeFor[forge.Reader]()
	for i := range reader.NumField() {
		if field := reader.Field(i); field.IsExported() || field.Anonymous {
			t.Errorf("a reader shows its %s", field.Name)
		}
	}
}

func pathOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		return t.Elem().PkgPath()
	}
	return t.PkgPath()
}

func ours(t reflect.Type) bool {
	return slices.Contains([]string{"aegis/gate", "aegis/forge", "aegis/gate/caller", "aegis/sanitize"}, pathOf(t))
}

// reachable are the types that whoever holds a value of a type can get at without
// knowing the package that it is from.
func reachable(from reflect.Type) map[reflect.Type]bool {
	reached := make(map[reflect.Type]bool)
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		if reached[t] {
			return
		}
		reached[t] = true
		for i := range t.NumMethod() {
			walk(t.Method(i).Type)
		}
		switch t.Kind() {
		case reflect.Pointer:
			walk(t.Elem())
		case reflect.Slice, reflect.Array, reflect.Chan:
			walk(t.Elem())
		case reflect.Map:
			walk(t.Key())
			walk(t.Elem())
		case reflect.Func: // what goes in may be a callback of the holder's
			for i := range t.NumIn() {
				walk(t.In(i))
			}
			for i := range t.NumOut() {
				walk(t.Out(i))
			}
		case reflect.Struct:
			for i := range t.NumField() {
				if t.Field(i).IsExported() {
					walk(t.Field(i).Type)
				}
			}
		}
	}
	walk(from)
	return reached
}
