package forge

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/canon"
)

// writing is a forge that says yes to everything and keeps what it was told, and
// a client for it.
func writing(t *testing.T, mayBeWritten []canon.Repo, grant Grant) (c *Client, got func() []string) {
	t.Helper()
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		requests = append(requests, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		mu.Unlock()
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	address, err := ParseURL(server.URL, false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return wayTo(t, f, mayBeWritten...).Client(t.Context(), grant), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(requests)
	}
}

func sendable(request, body string) Write {
	method, path, _ := strings.Cut(request, " ")
	return Write{Method: method, Segments: strings.Split("repos/acme/service"+path, "/"), Body: json.RawMessage(body)}
}

// Both have to agree: the forge, which knows what anybody may write to, and the
// call's grant.
func TestI5_WithoutBothKeysNothingIsSent(t *testing.T) {
	t.Parallel()
	service, other := repo(t, "acme/service"), repo(t, "acme/other")
	both := []canon.Repo{service, other}
	for name, c := range map[string]struct {
		writable []canon.Repo
		grant    Grant
		sent     bool
	}{
		"both":                          {both[:1], Grant{CallID: "c", Write: service, Repos: both}, true},
		"both, without a grant to read": {both[:1], Grant{CallID: "c", Write: service}, true},
		"no write mode":                 {nil, Grant{CallID: "c", Write: service, Repos: both}, false},
		"another on the list":           {both[1:], Grant{CallID: "c", Write: service, Repos: both}, false},
		"a grant to read":               {both, Grant{CallID: "c", Repos: both}, false},
		"a grant for another":           {both, Grant{CallID: "c", Write: other, Repos: both}, false},
		"no grant":                      {both, Grant{CallID: "c"}, false},
		"no call":                       {both, Grant{Write: service, Repos: both}, false},
		"an empty repository":           {[]canon.Repo{{}}, Grant{CallID: "c", Repos: both}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, got := writing(t, c.writable, c.grant)
			client.Allow(service) // to read
			for i, w := range writable {
				_, err := client.Send(sendable(w.request, w.body))
				if c.sent {
					if err != nil || len(got()) != i+1 || !strings.HasPrefix(got()[i], strings.Replace(w.request, " ", " /api/v1/repos/acme/service", 1)+" {") {
						t.Errorf("%s: %v, %q", w.request, err, got())
					}
				} else if wantKind(t, err, Refused); len(got()) > 0 {
					t.Fatalf("%s: %q", w.request, got())
				}
			}
		})
	}
}

// listedWrites is the list once more, written without the matcher under test.
var listedWrites = regexp.MustCompile(`^(` +
	`POST /(issues|issues/\d+/comments|labels|milestones|branches|contents|pulls|pulls/\d+/reviews|releases|wiki/new|actions/workflows/[^/]+/dispatches|actions/runs/\d+/rerun)|` +
	`PATCH /(issues/\d+|issues/comments/\d+|pulls/\d+|releases/\d+|wiki/page/[^/]+)|` +
	`PUT /issues/\d+/labels` +
	`) (\{.*\})$`)

// Every method that the SDK has is called with all that it takes to write: what
// leaves is on the list.
func TestI5_OnlyListedWritesLeave(t *testing.T) {
	t.Parallel()
	service := repo(t, "acme/service")
	client, got := writing(t, []canon.Repo{service}, Grant{CallID: "c", Write: service, Repos: []canon.Repo{service}})
	asks := withSDK(t, client).sdk
	kind := reflect.TypeOf(asks)
	for i := range kind.NumMethod() {
		method := kind.Method(i)
		for n, filling := range [][]string{{"acme", "service", testID, "README.md"}, {"acme", "service", "main", "a/b"}, {"acme", "service", "x", testID}, {"acme", "other", "main", "x"}} {
			func() {
				defer func() { _ = recover() }() // some of the SDK's methods don't take zero arguments
				method.Func.Call(arguments(reflect.ValueOf(asks), method.Type, filling, n%2 == 1))
			}()
		}
	}
	writes := 0
	for _, request := range got() {
		if strings.HasPrefix(request, "GET ") || strings.HasPrefix(request, "HEAD ") {
			continue
		}
		writes++
		below := strings.Replace(request, " /api/v1/repos/acme/service", " ", 1)
		match := listedWrites.FindStringSubmatch(below)
		if below == request || match == nil {
			t.Errorf("sent %s", request)
			continue
		}
		for _, name := range dangerous[:12] {
			if bytes.Contains([]byte(match[len(match)-1]), []byte(`"`+name+`"`)) {
				t.Errorf("sent %s", request)
			}
		}
	}
	if writes == 0 {
		t.Error("nothing was sent at all: this shows nothing")
	}
}
