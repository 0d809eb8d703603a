package forge

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestI4_RedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked for %s, with Authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		for name, test := range map[string]struct{ location, movedTo string }{ // which is the only thing that moves
			"renamed repository": {"/api/v1/repos/Acme/Renamed", "acme/renamed"},
			"below it":           {"/api/v1/repos/acme/renamed/branches/main?x=y", "acme/renamed"},
			"absolute":           {"SELF/api/v1/repos/acme/renamed", "acme/renamed"},
			"no repository":      {"/api/v1/repos/acme", ""},
			"other endpoint":     {"/api/v1/user", ""},
			"web page":           {"/acme/renamed", ""},
			"login":              {"/user/login?redirect_to=%2F", ""},
			"not canonical":      {"/api/v1/repos/acme/ren%61med", ""},
			"dots":               {"/api/v1/repos/../acme", ""},
			"other host":         {elsewhere.URL + "/api/v1/repos/acme/renamed", ""},
			"TLS":                {"TLS/api/v1/repos/acme/renamed", ""},
			"other scheme":       {"javascript:alert(1)", ""},
			"nowhere":            {"", ""},
			"garbage":            {"http://[::1", ""},
		} {
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				t.Parallel()
				var asked atomic.Int32
				c := serving(t, func(w http.ResponseWriter, r *http.Request) {
					asked.Add(1)
					if test.location != "" {
						w.Header().Set("Location", strings.NewReplacer("SELF", "http://"+r.Host, "TLS", "https://"+r.Host).Replace(test.location))
					}
					w.WriteHeader(status)
				})
				_, _, err := c.GetRepo("acme", "service")
				kind, reason := Moved, Unknown
				if test.movedTo == "" {
					kind, reason = GiteaError, Redirected
				}
				e := wantKind(t, err, kind)
				if e.Reason != reason && test.location != "" {
					t.Errorf("reason %q, want %q", e.Reason, reason)
				}
				if e.MovedTo.String() != test.movedTo {
					t.Errorf("moved to %q, want %q", e.MovedTo, test.movedTo)
				}
				if strings.Contains(e.Error(), "renamed.") || strings.Contains(e.Error(), "renamed/") || strings.Contains(strings.ToLower(e.Error()), "acme") {
					t.Errorf("the message tells where to: %v", e)
				}
				if asked.Load() != 1 || c.LastStatus() != status {
					t.Errorf("%d requests, last status %d", asked.Load(), c.LastStatus())
				}
			})
		}
	}
}

// Every status but 200 is an error of a kind, and none has a word of Gitea's.
func TestStatuses(t *testing.T) {
	t.Parallel()
	kinds := map[int]Kind{
		400: Invalid, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 410: NotFound,
		412: Conflict, 413: Invalid, 422: Invalid, 423: Conflict, 407: Unreachable,
		405: GiteaError, 418: GiteaError, 429: GiteaError, 500: GiteaError, 502: GiteaError, 503: GiteaError,
		504: GiteaError, 599: GiteaError, 999: GiteaError, 201: GiteaError, 202: GiteaError, 204: GiteaError, 206: GiteaError,
	}
	const trace = `{"message":"runtime error at /srv/gitea/models/repo.go:17 SELECT * FROM user","url":"http://10.0.0.5/swagger"}`
	for status, kind := range kinds {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", jsonType)
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(status)
				if status != http.StatusNoContent {
					fmt.Fprint(w, trace)
				}
			})
			_, _, err := c.GetRepo("acme", "service")
			e := wantKind(t, err, kind)
			if e.Status != status || c.LastStatus() != status {
				t.Errorf("status %d, last status %d", e.Status, c.LastStatus())
			}
			for _, word := range []string{"runtime", "/srv", "SELECT", "10.0.0.5", testToken} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("error %q contains %q", err, word)
				}
			}
			if want := status == 429 || status == 503; (e.RetryAfter == 30*time.Second) != want {
				t.Errorf("retry after %v", e.RetryAfter)
			}
			if !strings.HasSuffix(e.Message, ".") && !strings.HasSuffix(e.Message, "?") {
				t.Errorf("message %q is no sentence", e.Message)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"30":                            30 * time.Second,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"86400":                         time.Hour,
		"4294967295":                    time.Hour,
		"99999999999999999999":          0,
		"Mon, 04 May 2026 03:03:01 GMT": time.Minute,
		"Mon, 04 May 2026 03:01:01 GMT": 0,
		"Mon, 04 May 9999 03:01:01 GMT": time.Hour,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", header, got, want)
		}
	}
}

// An answer that isn't JSON, or not all of it, is an error before any tool sees
// it.
func TestAnswersThatAreNotGiteas(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>secret page</html>")
		},
		"no type": func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil; fmt.Fprint(w, `{}`) },
		"a strange type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json-seq; ;;")
			fmt.Fprint(w, `{}`)
		},
		"nothing":            answering(""),
		"not JSON":           answering("<html>secret page</html>"),
		"JSON cut short":     answering(`{"id":1,"full_name":"acme/serv`),
		"two values":         answering(`{} {}`),
		"a bottomless value": answering(strings.Repeat(`[`, 1<<20)),
		"cut short of its length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"id":1}`)
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprint(w, `{"id":1}`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"bad gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, `{}`)
		},
		"another encoding": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, "\x8b\x00\x80{}\x03")
		},
		"another shape": answering(`{"id":"seven"}`),
		"another value": answering(`["secret page"]`),
		"null":          answering(`null`),
		"empty record":  answering(`{}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serving(t, handler)
			_, err := c.Repository(repo(t, "acme/service"))
			e := wantKind(t, err, GiteaError)
			if strings.Contains(e.Error(), "secret page") || strings.Contains(e.Error(), "json:") || strings.Contains(e.Error(), "gzip") {
				t.Errorf("error %q tells what came", e)
			}
			if e.Status != 200 {
				t.Errorf("status %d", e.Status)
			}
		})
	}
}

// The SDK's own errors about an answer's shape name Go types; From doesn't.
func TestFromHidesGoTypes(t *testing.T) {
	t.Parallel()
	for _, content := range []string{`{"id":"seven"}`, `{"created_at":"yesterday"}`, `[]`} {
		c := serving(t, answering(content))
		_, _, err := c.GetRepo("acme", "service")
		if err == nil {
			t.Fatalf("%s is accepted", content)
		}
		if e := From(err); e.Kind != GiteaError || strings.Contains(e.Error(), "gitea.") || strings.Contains(e.Error(), "parsing") {
			t.Errorf("%s: %q, %v", content, e.Kind, e)
		}
	}
	if From(nil) != nil {
		t.Error("From(nil) is an error")
	}
	if e := From(io.ErrClosedPipe); e.Kind != "" || strings.Contains(e.Error(), "pipe") {
		t.Errorf("an unknown error is %q, %v", e.Kind, e)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	padding := []byte(strings.Repeat(" ", 1<<20))
	t.Run("an endless body", func(t *testing.T) {
		t.Parallel()
		var written atomic.Int64
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			for {
				n, err := w.Write(padding)
				written.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, TooLarge)
		if got := written.Load(); got > MaxJSON+(16<<20) { // what lies in the sockets' buffers
			t.Errorf("%d bytes were taken", got)
		}
	})
	t.Run("a length beyond the bound", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Length", strconv.Itoa(MaxJSON+1))
			_, _ = w.Write(padding)
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, TooLarge)
	})
	t.Run("a bomb", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Encoding", "gzip")
			zip, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			for range 24 {
				if _, err := zip.Write(padding); err != nil {
					return
				}
			}
			_ = zip.Close()
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, TooLarge)
	})
	t.Run("exactly the bound", func(t *testing.T) {
		if testing.Short() {
			t.Skip("parses 20 MiB")
		}
		t.Parallel()
		c := serving(t, answering(`{"id":1,"full_name":"acme/service"}`+strings.Repeat(" ", MaxJSON-35)))
		if _, _, err := c.GetRepo("acme", "service"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("one byte more", func(t *testing.T) {
		if testing.Short() {
			t.Skip("parses 20 MiB")
		}
		t.Parallel()
		c := serving(t, answering(`{"id":1,"full_name":"acme/service"}`+strings.Repeat(" ", MaxJSON-34)))
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, TooLarge)
	})
	t.Run("endless headers", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			for i := range 1000 {
				w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("a", 1000))
			}
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, Unreachable)
	})
	t.Run("endless interim answers", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			for range 10_000 {
				w.Header().Set("Link", strings.Repeat("a", 1000))
				w.WriteHeader(http.StatusEarlyHints)
			}
			answering(`{}`)(w, r)
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, Unreachable)
	})
	t.Run("switching protocols", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "evil")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
		})
		_, _, err := c.GetRepo("acme", "service")
		wantKind(t, err, GiteaError)
	})
}
