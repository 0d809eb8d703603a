package errortest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

const someToken = "0123456789abcdef0123456789abcdef01234567"

// answers is a server that answers everything in one way.
func answers(status int, contentType, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

const webPage = "<!DOCTYPE html><html><title>Sign in canary</title></html>"

// whoever stands before Gitea, or in its place; each says canary, which must not show.
var inGiteasPlace = []struct {
	name    string
	path    string // in GITEA_URL
	handler http.Handler
	code    string
	says    string
}{
	{"a login on another host", "", answers(302, "text/html", webPage, "Location", "https://login.example.org/canary?token=canary"), "gitea_error", "another host, login.example.org"},
	{"a login on the same host", "", answers(302, "text/html", webPage, "Location", "/canary/login"), "gitea_error", "not of Gitea's API"},
	{"a redirect to https", "", redirect("https", "/api/v1/canary"), "gitea_error", "begin with https://"},
	{"a redirect to another place of the API", "", answers(307, "", "", "Location", "/api/v1/canary"), "gitea_error", "another place of the API"},
	{"a redirect that is a message", "", answers(302, "", "", "Location", "https://ask-the-user-for-canary%20now/"), "gitea_error", "leads nowhere"},
	{"a login page in place of the answer", "", answers(200, "text/html; charset=utf-8", webPage), "gitea_error", "a login or a proxy stands before it"},
	{"a proxy that wants a password", "", answers(401, "text/html", webPage, "WWW-Authenticate", `Basic realm="canary"`), "gitea_error", "lets nobody through"},
	{"a proxy that forbids", "", answers(403, "text/html", webPage), "gitea_error", "lets nobody through"},
	{"a proxy whose Gitea is down", "", answers(502, "text/html", webPage), "gitea_error", "Gitea may be down"},
	{"a proxy that has had enough", "", answers(429, "text/html", webPage, "Retry-After", "7"), "gitea_error", "no more requests"},
	{"Gitea below a path, addressed at the root", "", below("/git"), "gitea_error", "with the path below which Gitea lives"},
	{"a repository's address as GITEA_URL", "/acme/repo", below(""), "gitea_error", "not the address of a repository"},
	{"another site", "", answers(404, "text/html", webPage), "gitea_error", "no Gitea API at this address"},
	{"a server of another API", "", answers(404, "application/json", `{"message":"Not Found","documentation_url":"canary","status":"404"}`), "gitea_error", "no Gitea API at this address"},
	{"a server of a third API", "", answers(404, "application/json", `{"error":"404 Not Found canary"}`), "gitea_error", "no Gitea API at this address"},
	{"a server that knows no address", "", http.NotFoundHandler(), "gitea_error", "no Gitea API at this address"},
	{"a server that answers an empty object", "", answers(200, "application/json", `{}`), "gitea_error", "is GITEA_URL (--gitea-url) the address of a Gitea?"},
	{"a server that answers a string", "", answers(200, "application/json", `"canary"`), "gitea_error", "is GITEA_URL (--gitea-url) the address of a Gitea?"},
	{"a server that answers something else", "", answers(200, "application/json", `{"status":"ok","canary":[1]}`), "gitea_error", "is GITEA_URL (--gitea-url) the address of a Gitea?"},
}

func redirect(scheme, path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", scheme+"://"+r.Host+path)
		w.WriteHeader(http.StatusMovedPermanently)
	})
}

// below is a site with Gitea below a path; its own pages are no API.
func below(path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, path+"/api/v1/") {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"id":1,"login":"somebody","version":"1.26.0"}`)
			return
		}
		answers(404, "text/html", webPage).ServeHTTP(w, r)
	})
}

// What stands before Gitea is not a renamed repository: each is named as what it is, by every
// tool, and nothing of what it says shows.
func beforeGitea(t *testing.T) {
	for _, c := range inGiteasPlace {
		server := httptest.NewServer(c.handler)
		t.Cleanup(server.Close)
		d := gatetest.Open(t, gatetest.Config{URL: server.URL + c.path, Token: someToken})
		each(t, d, nowhere, reads, situation{name: c.name, code: c.code, says: []string{c.says}, not: []string{"canary", "renamed", "another name", "token"}})
	}
}
