// Package control lets the operator of a server have jobs run by hand.
//
// A server has the state file to itself, so who wants a job run asks the server. It is
// asked on its admin listener, which everybody on the machine can reach, and everybody's
// browser. So the server writes a secret beside the state file ([Open]), another one each
// time that it starts, into a file that its user alone may read. Who can read that could as
// well change the state file while no server has it. The file has the server's address,
// too, and the secret is sent nowhere else.
//
// A request counts if it comes from this machine and to this machine, is no page's, and has
// the secret. It can have a job that is in force run, see what was given up, and have that
// tried again. It can't say what a job does.
package control

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"aegis/internal/automation"
	"aegis/internal/jobs/queue"
)

// Path begins the paths that a [Control] answers.
const Path = "/jobs/"

// maxRequest bounds a request's body, in bytes.
const maxRequest = 4 << 10

// Control answers who may have jobs run.
type Control struct {
	automation Automation
	file       string
	secret     [sha256.Size]byte // hashed
}

// Automation is what is asked, as [automation.Automation] is.
type Automation interface {
	Start(job string, dry bool) (id uint64, ended <-chan automation.Ended, err error)
	Failed() ([]*queue.Task, error)
	Retry(id uint64) (again uint64, err error)
}

// fileOf is where the secret of a state file's server stands.
func fileOf(state string) string { return state + ".control" }

// Open makes the control of the server that has a state file and is asked at an address.
// What an earlier server left is replaced. [Control.Close] takes the secret away.
func Open(state, address string, a Automation) (*Control, error) {
	c := &Control{automation: a, file: fileOf(state)}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	word := hex.EncodeToString(secret)
	c.secret = sha256.Sum256([]byte(word))
	if err := Remove(state); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(c.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(file, "%s %s\n", address, word)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(c.file))
	}
	return c, nil
}

// Remove takes away what an earlier server left, which ended without doing so. It is for who
// has the state file.
func Remove(state string) error {
	if err := os.Remove(fileOf(state)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Close takes the secret away.
func (c *Control) Close() error { return os.Remove(c.file) }

// ServeHTTP answers one request. Whoever has no secret learns nothing but that.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !isLocal(r) || isPage(r) || !c.isKnown(r):
		fail(w, http.StatusForbidden, "forbidden")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		fail(w, http.StatusMethodNotAllowed, "method")
	default:
		c.answer(w, r)
	}
}

// isLocal reports whether a request came from this machine to this machine.
func isLocal(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string })
	return local != nil && isLoopback(local.String()) && isLoopback(r.RemoteAddr)
}

func isLoopback(address string) bool {
	at, err := netip.ParseAddrPort(address)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// isPage reports whether a browser sent a request: our own client sends none of these.
func isPage(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Content-Type") != "application/json"
}

func (c *Control) isKnown(r *http.Request) bool {
	word, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	presented := sha256.Sum256([]byte(word))
	return ok && subtle.ConstantTimeCompare(presented[:], c.secret[:]) == 1
}

// asked is what a request says.
type asked struct {
	Job    string `json:"job,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
	ID     uint64 `json:"id,omitempty"`
}

// Where to ask for what.
const (
	runPath    = Path + "run"
	failedPath = Path + "failed"
	retryPath  = Path + "retry"
)

func (c *Control) answer(w http.ResponseWriter, r *http.Request) {
	var q asked
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, "malformed")
		return
	}
	switch r.URL.Path {
	case runPath:
		c.run(w, r, q)
	case failedPath:
		all, err := c.automation.Failed()
		tell(w, GivenUpOf(all), err)
	case retryPath:
		again, err := c.automation.Retry(q.ID)
		tell(w, asked{ID: again}, err)
	default:
		fail(w, http.StatusNotFound, "not_found")
	}
}

// run has a job run, and answers when the run has ended. Who goes away before does not stop
// it.
func (c *Control) run(w http.ResponseWriter, r *http.Request, q asked) {
	_, ended, err := c.automation.Start(q.Job, q.DryRun)
	if err != nil {
		tell(w, nil, err)
		return
	}
	until := http.NewResponseController(w) // a run may take longer than any other answer
	_ = until.SetReadDeadline(time.Time{})
	_ = until.SetWriteDeadline(time.Time{})
	select {
	case e := <-ended:
		tell(w, ResultOf(e), nil)
	case <-r.Context().Done():
	}
}

// failures are the errors that are told by a word of their own.
var failures = []struct {
	word   string
	status int
	err    error
}{
	{"no_such_job", http.StatusNotFound, automation.ErrNoJob},
	{"no_such_run", http.StatusNotFound, queue.ErrGone},
	{"full", http.StatusServiceUnavailable, queue.ErrFull},
}

// tell answers with a value, or with an error's word.
func tell(w http.ResponseWriter, value any, err error) {
	for _, known := range failures {
		if errors.Is(err, known.err) {
			fail(w, known.status, known.word)
			return
		}
	}
	raw, bad := json.Marshal(value)
	if err != nil || bad != nil {
		fail(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw)
}

func fail(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "{\"error\":%q}", word)
}
