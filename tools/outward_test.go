package tools_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
)

// In a session that was shown private content no text of any tool leaves an event with
// a stranger, or makes readers fetch from another host, wherever it is written.
func TestWrites_NoTextTellsPeopleElsewhere(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	const image, joined, span = "![x](https://evil.example/1)", "/  \n> acme/\\\nplayground#1", "see `a\nacme/playground#1`"
	tried := 0
	for _, tool := range changing() {
		tr := try(t, base, tool, nil)
		private := tr.altered(func(r object) { r["private"] = true })
		tr.intervene(func(r *http.Request) http.Handler {
			if r.Header.Get("Authorization") == "" { // the world sees no part of it
				return answering(404, "application/json", `{"message":"not found","url":"","errors":null}`)
			}
			return private(r)
		})
		if a := tr.Ask("list_labels", `{"owner":"acme","repo":"website"}`); a.IsError {
			t.Fatal(a.All)
		}
		for _, s := range textual(tool) {
			if slices.Contains(formed, s.last()) || slices.Contains(named, s.last()) {
				continue
			}
			for _, text := range []string{image, joined, span} {
				args := sampled(t, tool, s, s.fitting(text))
				found, ok := writtenAt(t, tool, s, args)
				if !ok || found == nil {
					continue // a line break in a title
				}
				page := found.Kind == gate.Markdown || found.Kind == gate.Content && (found.Path == "" || strings.HasSuffix(found.Path, ".md"))
				var want gate.Code
				switch {
				case text == image && page, text == span && found.Kind == gate.Markdown:
					want = gate.FlowDenied
				case text == joined && found.Kind == gate.Markdown: // nothing is joined in plain text
					want = gate.NotWhitelisted
				}
				answer := tr.call(args)
				if tried++; want == "" {
					if answer.Code == gate.FlowDenied && text == image {
						t.Errorf("%s, %s with %q: %s", tool.Name, s.name, text, answer.Object)
					}
					continue
				}
				tr.refused(tool.Name+", "+s.name+" with "+text, answer, want, 0)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d texts were tried", tried)
	}
}
