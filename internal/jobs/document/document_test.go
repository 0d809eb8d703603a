package document

import (
	"errors"
	"strings"
	"testing"
)

// A place is found where a text stands, in the line of the place or below.
func TestFind(t *testing.T) {
	t.Parallel()
	r, root := Open("a.yaml", []byte("a: ${x}\nä: \"… ${x} ${y}\"\nb: |\n  one\n  ${y}\n"))
	if root.IsZero() {
		t.Fatal(r.Err())
	}
	for _, c := range []struct {
		from Place
		text string
		want Place
	}{
		{Place{1, 1}, "${x}", Place{1, 4}}, {Place{2, 1}, "${x}", Place{2, 7}}, {Place{2, 8}, "${y}", Place{2, 12}},
		{Place{3, 4}, "${y}", Place{5, 3}}, {Place{3, 4}, "${x}", Place{3, 4}}, {Place{2, 99}, "${y}", Place{5, 3}},
	} {
		if got := r.Find(c.from, c.text); got != c.want {
			t.Errorf("%q from %v: %v, want %v", c.text, c.from, got, c.want)
		}
	}
}

func TestManyProblems(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for range 300 {
		b.WriteString("- x\n")
	}
	r, root := Open("/etc/aegis/a.yaml", []byte("a:\n"+b.String()))
	for _, m := range r.Members("the file", root, nil) {
		for _, each := range r.List("a", m.Value) {
			r.Number("an item", each, 1, 2)
		}
	}
	var invalid *InvalidError
	if err := r.Close(); !errors.As(err, &invalid) || len(invalid.Problems) != 10 || invalid.More != 290 || invalid.Problems[0].File != "a.yaml" {
		t.Errorf("%v", err)
	}
	var first *Problem
	if !errors.As(r.Err(), &first) || first.Place != (Place{2, 3}) {
		t.Errorf("%v", first)
	}
}

// Whatever a file is, nothing panics, and one that can be read has no word that nobody
// was told of.
func FuzzOpen(f *testing.F) {
	for _, text := range []string{"version: 1\n", "a: {b: [c, \"d\"], e: |\n  f\n}", "a: &b 1\n", "a: 1\n---\nb: 2\n", "a:\n  - b\n c\n", "\xff\xfea", "? a", "{a:b}", "[a,,b]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, root := Open("a.yaml", raw)
		if root.IsZero() == (r.Err() == nil) {
			t.Errorf("%q: %v", raw, r.Err())
		}
		if !root.IsZero() {
			r.Skip(root)
			_ = r.Close()
		}
	})
}
