package control

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aegis/internal/automation"
	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
)

// runner is an automation that has one job, "known".
type runner struct {
	started chan bool // whether dry
	ends    chan automation.Ended
	failed  []*queue.Task
	retried uint64
}

func (r *runner) Start(job string, dry bool) (uint64, <-chan automation.Ended, error) {
	switch job {
	case "known":
		r.started <- dry
		return 7, r.ends, nil
	case "full":
		return 0, nil, queue.ErrFull
	case "broken":
		return 0, nil, errors.New("a secret of the inside")
	}
	return 0, nil, automation.ErrNoJob
}

func (r *runner) Failed() ([]*queue.Task, error) { return r.failed, nil }

func (r *runner) Retry(id uint64) (uint64, error) {
	if id != 3 {
		return 0, queue.ErrGone
	}
	r.retried = id
	return 8, nil
}

// open serves a control, and returns the name of its state file.
func open(t *testing.T, r *runner) (state string, c *Control, address string) {
	t.Helper()
	state = filepath.Join(t.TempDir(), "state.db")
	var served http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { served.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	address = server.Listener.Addr().String()
	c, err := Open(state, address, r)
	if err != nil {
		t.Fatal(err)
	}
	served = c
	return state, c, address
}

func client(t *testing.T, state string) *Client {
	t.Helper()
	c, err := Of(state)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheOperatorHasJobsRun(t *testing.T) {
	t.Parallel()
	r := &runner{started: make(chan bool, 9), ends: make(chan automation.Ended, 9), failed: []*queue.Task{{ID: 3, Job: "known", Trigger: queue.Hand, Reason: "outcome_unknown"}}}
	state, _, _ := open(t, r)
	c, ctx := client(t, state), context.Background()
	r.ends <- automation.Ended{
		ID: 7, Job: "known", Outcome: automation.Done, Took: time.Second, Summary: run.Summary{Calls: 2, Planned: 1, Refused: map[string]int{"not_found": 1}},
		Would: []automation.Planned{{Tool: "create_issue", Args: []byte(`{"title":"x"}`)}},
	}
	got, err := c.Run(ctx, "known", true)
	if err != nil || !<-r.started || got.Run != 7 || got.Outcome != automation.Done || got.DurationMS != 1000 || got.Refused["not_found"] != 1 ||
		len(got.Would) != 1 || string(got.Would[0].Arguments) != `{"title":"x"}` {
		t.Errorf("%+v, %v", got, err)
	}
	all, err := c.Failed(ctx)
	if err != nil || len(all) != 1 || all[0].Run != 3 || all[0].Reason != "outcome_unknown" {
		t.Errorf("%+v, %v", all, err)
	}
	if again, err := c.Retry(ctx, 3); again != 8 || err != nil || r.retried != 3 {
		t.Errorf("%d, %v", again, err)
	}
	for _, c := range []struct {
		got  error
		want error
	}{
		{func() error { _, err := c.Retry(ctx, 4); return err }(), queue.ErrGone},
		{func() error { _, err := c.Run(ctx, "other", false); return err }(), automation.ErrNoJob},
		{func() error { _, err := c.Run(ctx, "full", false); return err }(), queue.ErrFull},
		{func() error { _, err := c.Run(ctx, "broken", false); return err }(), ErrUnavailable},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	// A run may take longer than other answers, and goes on when nobody waits.
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Run(gone, "known", false); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Nobody has anything done who has not the secret, comes from elsewhere, or is a page.
func TestNobodyElseHasJobsRun(t *testing.T) {
	t.Parallel()
	r := &runner{started: make(chan bool, 9), ends: make(chan automation.Ended, 9)}
	state, c, _ := open(t, r)
	secret := client(t, state).secret
	for name, change := range map[string]func(*http.Request){
		"no secret":              func(r *http.Request) { r.Header.Del("Authorization") },
		"an empty secret":        func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"another secret":         func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+strings.Repeat("0", 64)) },
		"a part of it":           func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret[:63]) },
		"more than it":           func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret+"0") },
		"in upper case":          func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+strings.ToUpper(secret)) },
		"in another way":         func(r *http.Request) { r.Header.Set("Authorization", "Basic "+secret) },
		"as a parameter":         func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "token=" + secret },
		"from a page":            func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:9464") },
		"from no page's origin":  func(r *http.Request) { r.Header.Set("Origin", "null") },
		"from a page's fetch":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") },
		"as a form":              func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"as nothing in special":  func(r *http.Request) { r.Header.Del("Content-Type") },
		"from another machine":   func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1234" },
		"from nowhere":           func(r *http.Request) { r.RemoteAddr = "" },
		"to another address":     func(r *http.Request) { *r = *r.WithContext(at("192.0.2.1:9464")) },
		"to no address":          func(r *http.Request) { *r = *r.WithContext(context.Background()) },
		"from one that looks so": func(r *http.Request) { r.RemoteAddr = "127.0.0.1.evil.example:1" },
	} {
		if status, said := post(c, secret, http.MethodPost, runPath, `{"job":"known"}`, change); status != http.StatusForbidden || said != `{"error":"forbidden"}` {
			t.Errorf("%s: %d %s", name, status, said)
		}
	}
	same := func(*http.Request) {}
	for _, c2 := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodGet, runPath, `{"job":"known"}`, 405},
		{http.MethodPut, runPath, `{"job":"known"}`, 405},
		{http.MethodPost, runPath, `{"job":"known","steps":[]}`, 400},
		{http.MethodPost, runPath, `job=known`, 400},
		{http.MethodPost, runPath, ``, 400},
		{http.MethodPost, runPath, `{"job":"` + strings.Repeat("a", maxRequest) + `"}`, 400},
		{http.MethodPost, Path + "other", `{}`, 404},
		{http.MethodPost, Path, `{}`, 404},
	} {
		if status, said := post(c, secret, c2.method, c2.path, c2.body, same); status != c2.status {
			t.Errorf("%s %s %.40s: %d %s", c2.method, c2.path, c2.body, status, said)
		}
	}
	if len(r.started) > 0 {
		t.Error("a job was run")
	}
	if status, said := post(c, secret, http.MethodPost, runPath, `{"job":"broken"}`, same); status != 503 || strings.Contains(said, "inside") {
		t.Errorf("%d %s", status, said)
	}
}

func at(address string) context.Context {
	a, _ := net.ResolveTCPAddr("tcp", address)
	return context.WithValue(context.Background(), http.LocalAddrContextKey, net.Addr(a))
}

// post makes a request from this machine to this machine, but for what is changed.
func post(c *Control, secret, method, path, body string, change func(*http.Request)) (int, string) {
	r := httptest.NewRequestWithContext(at("127.0.0.1:9464"), method, "http://127.0.0.1:9464"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1234"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+secret)
	change(r)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	raw, _ := io.ReadAll(w.Body)
	return w.Code, string(raw)
}

// The secret is its user's alone, another one each time, and gone when the server is.
func TestTheSecretIsTheServersUsers(t *testing.T) {
	t.Parallel()
	r := &runner{}
	state, c, address := open(t, r)
	first := client(t, state)
	info, err := os.Stat(fileOf(state))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	again, err := Open(state, address, r) // after one that was killed
	if err != nil || client(t, state).secret == first.secret {
		t.Errorf("it is the same: %v", err)
	}
	if status, _ := post(again, first.secret, http.MethodPost, failedPath, `{}`, func(*http.Request) {}); status != http.StatusForbidden {
		t.Error("an old secret counts")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Of(state); !errors.Is(err, ErrNoControl) {
		t.Error(err)
	}
	if err := Remove(state); err != nil {
		t.Error("nothing is there to be removed: ", err)
	}
	_ = c
}

// A secret goes to a loopback address alone, whatever stands in the file.
func TestTheSecretGoesNowhereElse(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("ab", 32)
	for _, text := range []string{
		"", "127.0.0.1:9464", "192.0.2.7:9464 " + word, "localhost:9464 " + word, "0.0.0.0:9464 " + word, "127.0.0.1 " + word,
		"127.0.0.1:9464 abcd", "127.0.0.1:9464 " + word + " more", "127.0.0.1:9464@evil.example:80 " + word, "127.0.0.1:9464/x " + word,
	} {
		state := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(fileOf(state), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Of(state); err == nil {
			t.Errorf("%q: %+v", text, c)
		} else if strings.Contains(err.Error(), word) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

// Who listens at the address of a server that is gone is not believed to have done anything.
func TestAnAnswerOfSomebodyElse(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	for name, answer := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://192.0.2.1/")
			w.WriteHeader(307)
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"nothing":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		server := httptest.NewServer(answer)
		if _, err := Open(state, server.Listener.Addr().String(), &runner{}); err != nil {
			t.Fatal(err)
		}
		if got, err := client(t, state).Run(context.Background(), "known", false); !errors.Is(err, ErrGone) && !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		server.Close()
	}
}

// FuzzSecretFile: whatever stands in the file, a secret goes to a loopback address or nowhere.
func FuzzSecretFile(f *testing.F) {
	word := strings.Repeat("ab", 32)
	for _, text := range []string{"127.0.0.1:9464 " + word, "[::1]:1 " + word, "[::ffff:127.0.0.1]:80 " + word, "10.0.0.1:1 " + word, "[::1%eth0]:1 " + word, "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := parse(text)
		if c == nil {
			return
		}
		host, _, err := net.SplitHostPort(c.address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || len(c.secret) != 64 || strings.ContainsAny(c.secret, " \r\n") {
			t.Errorf("%q goes to %q", text, c.address)
		}
	})
}
