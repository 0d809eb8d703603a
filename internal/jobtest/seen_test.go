package jobtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// read keeps what is logged.
func (st *stage) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		entry := make(map[string]any)
		if json.Unmarshal(lines.Bytes(), &entry) != nil {
			entry["message"] = lines.Text()
		}
		st.mu.Lock()
		st.log = append(st.log, entry)
		st.mu.Unlock()
	}
}

// logged returns the lines of the log that have these members.
func (st *stage) logged(with map[string]any) (found []map[string]any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, line := range st.log {
		fits := true
		for name, value := range with {
			fits = fits && fmt.Sprint(line[name]) == fmt.Sprint(value)
		}
		if fits {
			found = append(found, line)
		}
	}
	return found
}

// await waits until n runs of a job have ended, and returns how each did.
func (st *stage) await(job string, n int) (ends []map[string]any) {
	st.t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ends = st.logged(map[string]any{"message": "job", "job": job})
		if len(ends) >= n {
			return ends
		}
		if time.Now().After(until) {
			st.t.Fatalf("%d runs of %s: %s", len(ends), job, st.all())
		}
	}
}

// all is the whole log, for a test that fails.
func (st *stage) all() string {
	var b strings.Builder
	for _, line := range st.logged(nil) {
		raw, _ := json.Marshal(line)
		b.Write(raw)
		b.WriteString("\n")
	}
	return b.String()
}

// wrote returns the requests that change something, and what Gitea said, since it was asked
// last.
func (st *stage) wrote() (all []string) {
	for _, r := range st.proxy.Requests() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			all = append(all, fmt.Sprintf("%s %s %d", r.Method, strings.TrimPrefix(r.Path, "/api/v1/repos/"), r.Status))
		}
	}
	st.proxy.Reset()
	return all
}

// expect fails unless these are all the requests that change something.
func (st *stage) expect(what string, want ...string) {
	st.t.Helper()
	if got := st.wrote(); !slices.Equal(got, want) {
		st.t.Errorf("%s: %s\nwant %s\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"), st.all())
	}
}
