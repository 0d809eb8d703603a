package recordtest

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"aegis/internal/giteatest"
)

// happens is what a line that begins with "!" does behind Aegis' back.
func (p *play) happens(what string) {
	p.Helper()
	word, rest, _ := strings.Cut(what, " ")
	switch word {
	case "stop":
		if err := os.WriteFile(filepath.Join(p.home, "STOP"), nil, 0o600); err != nil {
			p.Fatal(err)
		}
	case "go":
		if err := os.Remove(filepath.Join(p.home, "STOP")); err != nil {
			p.Fatal(err)
		}
	case "policy": // one more line at its end
		p.policy(p.script.policy + strings.ReplaceAll(rest, "; ", "\n") + "\n")
	case "break-log":
		if err := os.Truncate(p.log(), 10); err != nil {
			p.Fatal(err)
		}
	case "human":
		p.session.human = rest
	case "fail": // METHOD STATUS: Gitea answers so
		method, status, _ := strings.Cut(rest, " ")
		code, err := strconv.Atoi(status)
		if err != nil {
			p.Fatal(err)
		}
		p.trouble.of(method, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"message":"words of Gitea's"}`, code)
		})
	case "drop": // METHOD: the answer is lost
		p.trouble.of(rest, giteatest.Drop.ServeHTTP)
	case "slow":
		p.trouble.of("", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	case "well":
		p.trouble.now.Store(nil)
	default:
		p.Fatalf("what is %q?", what)
	}
}

// trouble is what may be wrong with Gitea. Its client is another process, so that
// nothing but this orders what is set here and what is read.
type trouble struct {
	forge http.Handler
	now   atomic.Pointer[func(*http.Request) http.Handler]
	came  atomic.Int64 // how many requests
}

// of lets requests of a method, "" for all, be answered by somebody else.
func (t *trouble) of(method string, answer http.HandlerFunc) {
	choose := func(r *http.Request) http.Handler {
		if method == "" || r.Method == method {
			return answer
		}
		return t.forge
	}
	t.now.Store(&choose)
}

// ServeHTTP implements [http.Handler]. A repository's record is held back: what is asked for at
// the same time has come by then, whatever the record says of it.
func (t *trouble) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.came.Add(1)
	if strings.Count(r.URL.Path, "/") == strings.Count("/api/v1/repos/owner/name", "/") {
		for before := int64(-1); before != t.came.Load(); time.Sleep(40 * time.Millisecond) {
			before = t.came.Load()
		}
	}
	handler := t.forge
	if choose := t.now.Load(); choose != nil {
		handler = (*choose)(r)
	}
	handler.ServeHTTP(w, r)
}
