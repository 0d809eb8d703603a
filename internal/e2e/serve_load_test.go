package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// answeredCall is the id of a call in its answer.
var answeredCall = regexp.MustCompile(`\\"call\\":\\"([^\\]+)`)

// Wherever a server is killed that many ask at once, the log is good and has whatever was
// answered or asked of the forge, and what each key was shown is known after it.
func TestI2_AServerKilledUnderLoad(t *testing.T) {
	t.Parallel()
	kills := 12
	if testing.Short() {
		kills = 2
	}
	answered := 0
	for range kills {
		answered += killedUnderLoad(t)
	}
	if answered < kills {
		t.Errorf("%d servers were killed after %d answers", kills, answered)
	}
	t.Logf("%d servers were killed after %d answers", kills, answered)
}

// killedUnderLoad kills one, and returns how many calls it had answered.
func killedUnderLoad(t *testing.T) (answered int) {
	t.Helper()
	const callers, each = 4, 4
	forge, folder := newForge(t), t.TempDir()
	env := writable(t, folder, "")
	env["AEGIS_RATE_PER_KEY"] = "0"
	keys := make([]string, callers)
	for n := range keys {
		keys[n] = addKey(t, folder, fmt.Sprintf("caller-%d", n))
	}
	s := serveIn(t, folder, forge.URL, env)
	enough, after := make(chan struct{}), 1+rand.IntN(40)
	var mu sync.Mutex
	calls, shown := make(map[string]bool), make(map[string]bool)
	var group sync.WaitGroup
	for _, key := range keys {
		for range each {
			group.Go(func() {
				for {
					a, err := s.post(key, "get_file_contents", readPrivate, "")
					if err != nil {
						return // it is gone
					}
					mu.Lock()
					if id := answeredCall.FindStringSubmatch(a); id != nil {
						calls[id[1]] = true
					}
					shown[key] = shown[key] || strings.Contains(a, "untrusted")
					if after--; after == 0 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
	}
	select {
	case <-enough:
		time.Sleep(rand.N(4 * time.Millisecond)) // in the middle of others
	case <-time.After(patience):
		t.Error("nothing is answered")
	}
	s.kill()
	group.Wait()

	again := serveIn(t, folder, forge.URL, env)
	for key := range shown {
		if a, err := again.post(key, "create_comment", tryPublic, ""); err != nil || !strings.Contains(a, "flow_denied") {
			t.Errorf("private content was shown: %v %s", err, a)
		}
	}
	again.kill()
	entries := verified(t, logIn(folder))
	onlyAllowed(t, forge, entries)
	for _, e := range entries {
		if e.Kind == "outcome" {
			delete(calls, e.Call)
			answered++
		}
	}
	for id := range calls {
		t.Errorf("call %s was answered, and the log has no outcome", id)
	}
	return answered
}

// addKey adds a key to the file in a folder, with the server's token and leave to write.
func addKey(t *testing.T, folder, name string) string {
	t.Helper()
	add := exec.Command(aegis(t), "keys", "add", name, "--shared-token", "--write", "--write-repo", "acme/website")
	add.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "XDG_STATE_HOME="+folder)
	out, err := add.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
