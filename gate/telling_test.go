package gate

import (
	"reflect"
	"testing"

	"aegis/forge"

	gitea "code.gitea.io/sdk/gitea"
)

// What an answer is made of leads to no client, whichever field is followed: to
// filter, to scrub, to fit and to word asks nobody.
func TestAnAnswerIsMadeWithoutAClient(t *testing.T) {
	t.Parallel()
	inside := fields(reflect.TypeFor[telling](), make(map[reflect.Type]bool))
	if !inside[reflect.TypeFor[facts]()] || !inside[reflect.TypeFor[request]()] {
		t.Fatal("the walk misses what an answer is made of")
	}
	for _, client := range []reflect.Type{
		reflect.TypeFor[forge.Client](), reflect.TypeFor[forge.Reader](), reflect.TypeFor[forge.Way](), reflect.TypeFor[forge.Forge](),
		reflect.TypeFor[world](), reflect.TypeFor[Visit](), reflect.TypeFor[gitea.Client](),
	} {
		if inside[client] {
			t.Errorf("an answer is made with a %s at hand", client)
		}
	}
	if judging := fields(reflect.TypeFor[judge](), make(map[reflect.Type]bool)); judging[reflect.TypeFor[world]()] {
		t.Error("a judge can ask")
	}
}

// fields are the types of all that a value holds, directly or not.
func fields(of reflect.Type, seen map[reflect.Type]bool) map[reflect.Type]bool {
	if seen[of] {
		return seen
	}
	seen[of] = true
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		fields(of.Elem(), seen)
	case reflect.Map:
		fields(of.Key(), seen)
		fields(of.Elem(), seen)
	case reflect.Struct:
		for i := range of.NumField() {
			fields(of.Field(i).Type, seen)
		}
	}
	return seen
}
