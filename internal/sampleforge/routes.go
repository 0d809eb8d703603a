package sampleforge

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const api = "/api/v1"

// handler answers requests with a token for what is recorded, and everything
// else as Gitea does.
func (f *Forge) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", http.NotFound) // in plain text, as Gitea's router does
	for pattern, answer := range map[string]http.HandlerFunc{
		"/version":                     f.version,
		"/user":                        f.whoAmI,
		"/user/repos":                  f.allRepositories,
		"/users/{owner}":               f.user,
		"/users/{owner}/repos":         f.ownersRepositories,
		"/orgs/{owner}/repos":          f.ownersRepositories,
		"/orgs/{owner}/labels":         f.nothing,
		"/repos/search":                f.search,
		"/repos/issues/search":         f.searchIssues,
		"/users/search":                f.searchUsers,
		"/orgs":                        f.organizations,
		"/orgs/{owner}":                f.organization,
		"/notifications":               f.nothing,
		"/packages/{owner}":            f.nothing,
		"/repos/{owner}/{repo}":        f.in((*repository).record),
		below + "/assignees":           f.in((*repository).assignees),
		below + "/branches":            f.in(listOf("branches")),
		below + "/tags":                f.in(listOf("tags")),
		below + "/labels":              f.in(listOf("labels")),
		below + "/milestones":          f.in(listOf("milestones")),
		below + "/issues":              f.in((*repository).issueList),
		below + "/issues/{n}":          f.in((*repository).issue),
		below + "/commits":             f.in((*repository).commitList),
		below + "/contents":            f.in((*repository).content),
		below + "/pulls":               f.in(nothing),
		below + "/releases":            f.in(listOf("releases")),
		below + "/releases/latest":     f.in((*repository).latestRelease),
		below + "/releases/tags/":      f.in((*repository).release),
		below + "/commits/{n}/status":  f.in((*repository).status),
		below + "/compare/":            f.in((*repository).compare),
		below + "/contents/":           f.in((*repository).content),
		below + "/branches/":           f.in(namedIn("branches")),
		below + "/tags/":               f.in(namedIn("tags")),
		below + "/git/trees/":          f.in((*repository).tree),
		below + "/git/refs":            f.in((*repository).refs),
		below + "/git/commits/":        f.in((*repository).gitCommit),
		below + "/archive/":            f.in((*repository).archive),
		below + "/issues/{n}/comments": f.in((*repository).issueComments),
	} {
		if strings.HasSuffix(pattern, "/") {
			pattern += "{rest...}"
		}
		mux.HandleFunc("GET "+api+pattern, answer)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := []byte(r.Header.Get("Authorization"))
		switch {
		case subtle.ConstantTimeCompare(given, []byte("token "+token)) != 1 &&
			subtle.ConstantTimeCompare(given, []byte("Bearer "+token)) != 1:
			f.fail(w, http.StatusUnauthorized, "invalid username, password or token")
		case path.Clean(r.URL.Path) != r.URL.Path: // the multiplexer would redirect
			http.NotFound(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

const below = "/repos/{owner}/{repo}"

// in finds the repository that a request is about and lets it answer. A former
// name answers as Gitea does: 301 to the same below the present name.
func (f *Forge) in(answer func(*repository, *request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		owner, name := r.PathValue("owner"), r.PathValue("repo")
		if found := f.repository(owner + "/" + name); found != nil {
			answer(found, &request{Request: r, w: w, forge: f})
			return
		}
		if present, ok := f.data.moved[strings.ToLower(owner+"/"+name)]; ok {
			target := strings.Replace(r.URL.EscapedPath(), owner+"/"+name, present, 1)
			if r.URL.RawQuery != "" {
				target += "?" + r.URL.RawQuery
			}
			http.Redirect(w, r, target, http.StatusMovedPermanently)
			return
		}
		f.fail(w, http.StatusNotFound, "not found")
	}
}

func (f *Forge) repository(fullName string) *repository {
	for _, r := range f.data.repositories {
		if strings.EqualFold(r.FullName, fullName) {
			return r
		}
	}
	return nil
}

// request is a request below a repository, and the way to answer it.
type request struct {
	*http.Request
	w     http.ResponseWriter
	forge *Forge
}

func (r *request) answer(v any)            { r.forge.answer(r.w, v) }
func (r *request) notFound(message string) { r.forge.fail(r.w, http.StatusNotFound, message) }
func (r *request) rest() string            { return r.PathValue("rest") }

func (f *Forge) answer(w http.ResponseWriter, v any) {
	f.send(w, http.StatusOK, v)
}

// fail answers an error in Gitea's shape.
func (f *Forge) fail(w http.ResponseWriter, status int, message string) {
	body := map[string]any{"message": message, "url": f.url + "/api/swagger"}
	if status == http.StatusNotFound {
		body["errors"] = nil
	}
	f.send(w, status, body)
}

func (f *Forge) send(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"message":"internal"}`)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}
