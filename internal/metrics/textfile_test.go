package metrics

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// file is a textfile's name in a folder of its own.
func file(t *testing.T) string { return filepath.Join(t.TempDir(), "aegis.prom") }

func content(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func lacks(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("lacks %s", line)
		}
	}
}

// Sessions that end at once and one after the other are one sum, and whoever reads in
// between reads a whole file.
func TestTextfilesAddUp(t *testing.T) {
	t.Parallel()
	name := file(t)
	stop, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if raw, err := os.ReadFile(name); err == nil && (!strings.HasPrefix(string(raw), textfileMark) || !strings.HasSuffix(string(raw), "\n")) {
				t.Errorf("torn: %q", raw)
				return
			}
		}
	}()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			o := New(known())
			to := o.NewTextfile(name, false)
			for range 3 { // each adds what came since
				everything(o)
				if err := to.Add(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if err := to.Add(t.Context()); err != nil { // nothing came
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(stop)
	<-read
	text := content(t, name)
	lacks(t, text,
		`aegis_calls_total{tool="get_me",outcome="ok"} 60`, `aegis_calls_total{tool="get_issue",outcome="refused"} 60`, `aegis_audit_failures_total 60`,
		`aegis_gitea_request_duration_seconds_count 180`, `aegis_gitea_request_duration_seconds_bucket{le="0.005"} 120`, `aegis_gitea_request_duration_seconds_bucket{le="+Inf"} 180`,
		`aegis_call_duration_seconds_bucket{tool="get_me",le="+Inf"} 60`,
	)
	if strings.Contains(text, " gauge\n") || strings.Contains(text, "process_") {
		t.Error("a session that is over has a gauge")
	}
	promtool(t, text)
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 2 { // and the lock
		t.Errorf("left behind: %v %v", entries, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("the collector can't read it: %v %v", info, err)
	}
}

// A server's file has its gauges until it ends.
func TestATextfileOfAServer(t *testing.T) {
	t.Parallel()
	name := file(t)
	o := New(known())
	everything(o)
	watched(o)
	to := o.NewTextfile(name, true)
	for range 2 {
		if err := to.Add(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	text := content(t, name)
	lacks(t, text, `aegis_audit_ok 1`, `aegis_audit_appends_total 1`)
	promtool(t, text)
	if err := to.Last(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := content(t, name); strings.Contains(text, "aegis_audit_ok") || !strings.Contains(text, "aegis_audit_appends_total 1\n") {
		t.Errorf("it ends with %s", text)
	}
}

// What is not Aegis' is left as it is, and what can't be written is an error, in time.
func TestTextfilesThatAreNotWritten(t *testing.T) {
	t.Parallel()
	o := New(known())
	everything(o)
	others := file(t)
	if err := os.WriteFile(others, []byte("node_x 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	held := file(t)
	lock := flock.New(held + ".lock")
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer lock.Unlock()
	linked := file(t)
	if err := os.Symlink(others, linked+".lock"); err != nil {
		t.Log(err)
		linked = others
	}
	folder := file(t)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for what, name := range map[string]string{
		"another's": others, "one whose lock is held": held, "one whose lock is a link": linked, "a folder": folder, "one in no folder": filepath.Join(t.TempDir(), "no", "aegis.prom"),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := o.NewTextfile(name, false).Add(ctx); err == nil {
			t.Errorf("%s is written", what)
		}
		cancel()
	}
	if content(t, others) != "node_x 1\n" {
		t.Error("another's file was changed")
	}
	to := o.NewTextfile(held, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := to.Add(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("held: %v", err)
	}
	_ = lock.Unlock()
	if err := to.Add(t.Context()); err != nil { // what was not added then is now
		t.Fatal(err)
	}
	lacks(t, content(t, held), `aegis_audit_appends_total 1`)
}

// What a file says that this program can't have written is not said again.
func TestTextfilesHoldNothingElse(t *testing.T) {
	t.Parallel()
	name := file(t)
	const good = `aegis_calls_total{tool="get_me",outcome="ok"}`
	text := textfileMark + strings.Join([]string{
		good + " 5", good + " 6", `aegis_calls_total{tool="acme/secret",outcome="ok"} 5`, `aegis_calls_total{outcome="ok",tool="get_me"} 5`, `aegis_calls_total{tool="get_issue",outcome="ok"} NaN`,
		`aegis_calls_total{tool="get_issue",outcome="ok"} -1`, `aegis_calls_total{tool="get_issue",outcome="ok"} 1e300`, `aegis_calls_total 5`, `aegis_audit_ok 1`, `evil{a="b"} 1`, `evil 1`, "no number",
		`aegis_call_duration_seconds_bucket{tool="get_me",le="0.7"} 1`, `aegis_call_duration_seconds{tool="get_me"} 1`, `aegis_gitea_request_duration_seconds_bucket{le="1",x="y"} 4`,
		`aegis_redactions_total{rule="custom"} 7`, "# HELP evil evil", "",
	}, "\n")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(known()).NewTextfile(name, false).Add(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := content(t, name)
	lacks(t, got, good+" 5", `aegis_redactions_total{rule="custom"} 7`)
	for _, word := range []string{"evil", "acme", "get_issue", "NaN", "1e", "0.7", "_ok", `outcome="ok",tool`, "x="} {
		if strings.Contains(got, word) {
			t.Errorf("%s is said again:\n%s", word, got)
		}
	}
	// One of another version begins anew.
	if err := os.WriteFile(name, []byte(textfileMaker+", format 0\n"+good+" 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(known()).NewTextfile(name, false).Add(t.Context()); err != nil || strings.Contains(content(t, name), good) {
		t.Errorf("%v\n%s", err, content(t, name))
	}
}

// Whatever a file holds, what is read of it are series that this program writes.
func FuzzTextfile(f *testing.F) {
	for _, seed := range []string{"", "a 1\n", `aegis_calls_total{tool="get_me",outcome="ok"} 5` + "\n", `aegis_call_duration_seconds_bucket{tool="get_me",le="+Inf"} 5`, "aegis_audit_appends_total 0x1p4\n", `_bucket{""`} {
		f.Add(seed)
	}
	o := New(known())
	everything(o)
	f.Fuzz(func(t *testing.T, text string) {
		for family, all := range o.parse([]byte(text)) {
			for _, s := range all {
				if !strings.HasPrefix(s.series, family) || s.value < 0 || s.value > maxValue || s.value != s.value {
					t.Errorf("%q %v", s.series, s.value)
				}
				for _, value := range valuesOf(s.series) {
					known := value == "+Inf" || value == other || value == custom || strings.Trim(value, "0123456789.") == ""
					for _, set := range o.closed {
						known = known || set()[value]
					}
					if !known {
						t.Errorf("%q has %q", s.series, value)
					}
				}
			}
		}
	})
}
