package tools_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// TestI9_MissingMembersOfAnswersAreNoFault takes members out of Gitea's answers, one name
// at a time, and puts nulls into its lists. A tool answers what is left, or that
// this is no answer of Gitea's; it does not panic.
func TestI9_MissingMembersOfAnswersAreNoFault(t *testing.T) {
	if testing.Short() {
		t.Skip("every member of every answer takes seconds")
	}
	t.Parallel()
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			whole := sample(t, canary, nil)
			var mu sync.Mutex
			names, missing := map[string]bool{}, "" // of the members, those of lists with [] as well
			torn := giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				recorder := httptest.NewRecorder()
				request := httptest.NewRequest(r.Method, r.RequestURI, r.Body)
				request.Header = r.Header
				whole.ServeHTTP(recorder, request)
				body, _ := io.ReadAll(recorder.Body)
				maps.Copy(w.Header(), recorder.Header())
				w.Header().Del("Content-Length")
				w.WriteHeader(recorder.Code)
				mu.Lock()
				defer mu.Unlock()
				_, _ = w.Write(tear(body, missing, names))
			}))
			hiding := opening + "  \"acme/hr-*\": {read: deny}\n"
			if tool.Name != "get_job_log" { // policy hides a whole log then
				hiding += "untrusted: hide\n"
			}
			door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: torn.URL, Policy: hiding}))
			if answer := door.Ask(tool.Name, samples[tool.Name]); answer.IsError {
				t.Fatalf("whole: %s", answer.Object)
			}
			mu.Lock()
			members := slices.Sorted(maps.Keys(names))
			mu.Unlock()
			for _, each := range members {
				mu.Lock()
				missing = each
				mu.Unlock()
				switch answer := door.Ask(tool.Name, samples[tool.Name]); answer.Code {
				case "", gate.GiteaError, gate.NotFound, gate.PolicyDenied, gate.Moved, gate.TooLarge:
				case gate.Conflict, gate.OutcomeUnknown: // of what changes something
					if tool.Capability == policy.Read {
						t.Errorf("without %s: %s", each, answer.Object)
					}
				default:
					t.Errorf("without %s: %s", each, answer.Object)
				}
			}
			if strings.Contains(door.Stderr.String(), "panic") {
				t.Error(door.Stderr.String())
			}
		})
	}
}

// tear makes a member null wherever it is in a JSON text, or with [] puts a null
// into the lists of that name. It notes the names that there are.
func tear(body []byte, missing string, names map[string]bool) []byte {
	var value any
	if json.NewDecoder(bytes.NewReader(body)).Decode(&value) != nil {
		return body
	}
	name, rows := strings.CutSuffix(missing, "[]")
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, each := range v {
				walk(each)
			}
		case map[string]any:
			for member, each := range v {
				list, isList := each.([]any)
				if each != nil {
					names[member] = true
				}
				if isList {
					names[member+"[]"] = true
				}
				switch {
				case missing == "" || member != name:
					walk(each)
				case !rows:
					v[member] = nil
				case isList:
					v[member] = append([]any{nil}, list...)
				}
			}
		}
	}
	walk(value)
	torn, _ := json.Marshal(value)
	return torn
}
