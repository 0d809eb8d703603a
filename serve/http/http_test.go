package http

import (
	"testing"
)

// Clients of both eras see the tools, call them, and are refused, at one address.
func TestBothErasAtOneAddress(t *testing.T) {
	t.Parallel()
	s := start(t, stage{})
	for _, era := range eras {
		session := s.enter(keyOf("alice"), era, nil)
		list, err := session.ListTools(t.Context(), nil)
		if err != nil || len(list.Tools) < 20 {
			t.Fatalf("%s: %v %v", era, list, err)
		}
		if a := s.ask(session, "get_file_contents", map[string]any{"owner": "acme", "repo": "website", "path": "README.md"}); a.code != "" {
			t.Errorf("%s: %s", era, a.text)
		}
		if a := s.ask(session, "get_file_contents", map[string]any{"owner": "acme", "repo": "website", "path": "secrets.pem"}); a.code != "path_denied" {
			t.Errorf("%s: %s", era, a.text)
		}
	}
	outcomes := 0
	for _, entry := range s.entries() {
		if entry["kind"] == "outcome" {
			outcomes++
			if entry["principal"] != "alice" || entry["client"] != "visitor 1" {
				t.Errorf("%v", entry)
			}
			t.Log(entry["connection"], entry["request"])
		}
	}
	if outcomes != 2 {
		t.Errorf("%d outcomes", outcomes)
	}
}
