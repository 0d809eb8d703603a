package corpus

import (
	"testing"

	"aegis/sanitize"
)

// A file that was read is written back: what nothing was cut from is let through,
// and what something was cut from is refused by the marker that stands in it, or, if
// somebody has the whole of it, by the secret.
func TestFilesThatWereReadCanBeWrittenBack(t *testing.T) {
	t.Parallel()
	files, err := Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	perKind := 300
	if testing.Short() {
		perKind = 20
	}
	s, taken := scrubber(t), make(map[string]int)
	var some []File
	for _, f := range files {
		if taken[f.Kind] < perKind && len(f.Text) < 64<<10 {
			taken[f.Kind]++
			some = append(some, f)
		}
	}
	unchanged := make([]bool, len(some))
	parallel(len(some), func(i int) {
		f := some[i]
		shown, report := s.Text(f.Text, sanitize.TextOptions{Path: f.Name})
		found := s.Secrets([]sanitize.Written{{Field: "files[0].content", Text: shown, Path: f.Name}, {Field: "message", Text: "Update a file"}})
		marker := sanitize.Marker(shown)
		switch unchanged[i] = shown == f.Text; {
		case unchanged[i] && (marker != "" || len(found) > 0):
			t.Errorf("%s: nothing was cut, and it can't be written back: %q %v", f.Name, marker, found)
		case len(report.Redactions) > 0 && marker == "":
			t.Errorf("%s: something was cut, and nothing keeps it from being written back", f.Name)
		case len(report.Redactions) > 0 && len(s.Secrets([]sanitize.Written{{Field: "content", Text: f.Text, Path: f.Name}})) == 0:
			t.Errorf("%s: the whole of it may be written, though something is cut from it", f.Name)
		}
	})
	n := 0
	for _, same := range unchanged {
		if same {
			n++
		}
	}
	t.Logf("%d of %d files come back as they are; by kind %v", n, len(some), taken)
	if n*100 < len(some)*95 {
		t.Errorf("%d of %d files are changed", len(some)-n, len(some))
	}
}
