package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

// The log is looked at in the very moments that matter: when a request reaches
// the forge its call's decision is in it, and when an answer reaches the
// client its outcome is.
func TestI2_TheLogIsAheadOfWhatHappens(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	log := logIn(folder)
	forge.Rewrite = func(r *http.Request) http.Handler {
		if id := r.Header.Get("X-Request-Id"); !inLog(log, id, "decision") {
			t.Errorf("%s %s is under way before the decision on %q", r.Method, r.URL.Path, id)
		}
		return nil
	}
	for n := range 3 {
		t.Run(fmt.Sprint("session ", n), func(t *testing.T) {
			t.Parallel()
			s := start(t, folder, forge.URL, nil)
			s.greet()
			const calls = 12
			for id := range calls {
				s.send(
					call(3*id+1, "get_file_contents", `{"owner":"acme","repo":"website","path":"README.md"}`),
					call(3*id+2, "get_file_contents", `{"owner":"acme","repo":"website","path":"no/such/file"}`),
					call(3*id+3, "get_file_contents", `{"owner":"acme","repo":"website","path":"secrets/.env"}`),
				)
			}
			for range 3 * calls {
				id, refused := s.answer().call(t)
				if kind := map[bool]string{false: "outcome", true: "decision"}[refused]; !inLog(log, id, kind) {
					t.Errorf("call %q is answered before its %s", id, kind)
				}
			}
			s.end()
		})
	}
}

// call is the id of a call, and whether policy refused it.
func (f frame) call(t *testing.T) (id string, refused bool) {
	t.Helper()
	var object struct {
		Call  string
		Error struct{ Call, Code string }
	}
	if len(f.Result.Content) == 0 || json.Unmarshal([]byte(f.Result.Content[0].Text), &object) != nil {
		t.Fatalf("no answer of a call: %s", f.Line)
	}
	return object.Call + object.Error.Call, object.Error.Code == "path_denied"
}

// inLog reports whether the log has an entry of this kind for a call.
func inLog(log, id, kind string) bool {
	text, err := os.ReadFile(log)
	if err != nil || id == "" {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var e entry
		if strings.HasSuffix(line, "\n") && json.Unmarshal([]byte(line), &e) == nil && e.Call == id && e.Kind == kind {
			return true
		}
	}
	return false
}
