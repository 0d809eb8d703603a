package caller

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"aegis/internal/canon"
)

func named(t *testing.T, fullName string) canon.Repo {
	t.Helper()
	name, err := canon.ParseFullName(fullName)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// What a session remembers is bounded, and nothing that comes later takes the
// place of what was there.
func TestIdentitiesAreBounded(t *testing.T) {
	t.Parallel()
	var i Identities
	first := named(t, "acme/first")
	i.Note(1, first, 0)
	for n := range maxFormerNames + 5 {
		i.Note(1, named(t, fmt.Sprintf("acme/n%d", n)), 0)
	}
	if names, _ := i.Of(1); len(names) != maxFormerNames || names[0] != first {
		t.Errorf("%d names, first %v", len(names), names[0])
	}
	var all sync.WaitGroup
	for worker := range int64(4) {
		all.Go(func() {
			for n := range int64(maxIdentities) {
				i.Note(2+n*4+worker, first, 0)
			}
		})
	}
	all.Wait()
	if len(i.seen) != maxIdentities {
		t.Errorf("%d repositories", len(i.seen))
	}
	if names, _ := i.Of(1); !slices.Contains(names, first) {
		t.Error("the first is forgotten")
	}
	i.Note(1, canon.Repo{}, 77)
	if _, parent := i.Of(1); parent != 77 {
		t.Error("what is known learns no more")
	}
}

// A parent that is known is kept, one that was not told is learned.
func TestIdentitiesKeepParents(t *testing.T) {
	t.Parallel()
	var i Identities
	for _, step := range []struct{ told, want int64 }{{0, 0}, {Unseen, Unseen}, {0, Unseen}, {5, 5}, {0, 5}, {Unseen, 5}, {6, 5}} {
		i.Note(1, canon.Repo{}, step.told)
		if _, parent := i.Of(1); parent != step.want {
			t.Errorf("told %d: %d, want %d", step.told, parent, step.want)
		}
	}
	i.Note(2, canon.Repo{}, 0)
	if len(i.seen) != 1 {
		t.Error("nothing is remembered as something")
	}
}
