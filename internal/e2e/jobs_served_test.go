package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/boardtest"
	"aegis/internal/jobs/queue"
	"aegis/internal/sampleforge"
	"aegis/internal/state"
)

const hookSecret = "a secret of webhooks that is long enough"

// failedRuns comments on an issue for each workflow run that has failed.
const failedRuns = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: FOLDER/secret}
jobs:
  failed-runs:
    on: {webhook: workflow_run, action: [failure], repositories: [acme/website]}
    credential_file: FOLDER/token
    steps:
      - call: create_comment
        with: {number: 1, body: "Run ${event.run_id} has failed."}
    limits: {runs_per_hour: 600}
`

// automated is an environment in which a server runs jobs, with its files in a folder.
func automated(t *testing.T, folder, jobs string) map[string]string {
	t.Helper()
	etc := filepath.Join(folder, "etc")
	if err := os.MkdirAll(etc, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"secret": hookSecret, "token": sampleforge.DemoToken(), "jobs.yaml": strings.ReplaceAll(jobs, "FOLDER", etc),
		"policy.yaml": "version: 1\nrepositories: {acme/website: {write: allow, automation: allow}}\n",
	} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"POLICY_FILE_PATH": filepath.Join(etc, "policy.yaml"), "WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": "acme/website",
		"AUTOMATION_ENABLED": "true", "AEGIS_JOBS_FILE": filepath.Join(etc, "jobs.yaml"), "AEGIS_STATE": filepath.Join(etc, "state.db"),
		"AEGIS_APPROVAL_TIMEOUT": "1s",
	}
}

// failure is a delivery about a workflow run that has failed.
func failure(run int) string {
	return fmt.Sprintf(`{"action":"completed","workflow_run":{"id":%d,"head_sha":"0123456789abcdef0123456789abcdef01234567","conclusion":"failure","completed_at":%q},"repository":{"full_name":"acme/website"},"sender":{"login":"dana"}}`,
		run, time.Now().UTC().Format(time.RFC3339))
}

// deliver delivers a webhook. The status is 0 of a server that is gone.
func (s *server) deliver(event, body, secret string) int {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r, err := http.NewRequest(http.MethodPost, strings.TrimSuffix(s.url, "/mcp")+"/hooks/gitea", strings.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "X-Gitea-Event": {event}, "X-Gitea-Delivery": {"f6266f16-1bf3-46a5-9ea4-602e06ead473"},
		"X-Gitea-Signature": {hex.EncodeToString(mac.Sum(nil))},
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Wherever a server is killed, no delivery that it has acknowledged is lost, none is carried out
// twice, and of each write of which nobody knows the list of what was given up says so.
func TestAKilledServerLosesNoDelivery(t *testing.T) {
	t.Parallel()
	kills := 24
	if testing.Short() {
		kills = 6
	}
	board, folder := boardtest.New(t), t.TempDir()
	var mu sync.Mutex
	var atBefore, atAfter func()
	call := func(which *func()) int {
		mu.Lock()
		do := *which
		*which = nil
		mu.Unlock()
		if do != nil {
			do()
		}
		return 0
	}
	board.Before = func(string, string) int { return call(&atBefore) }
	board.After = func(string, string) int { return call(&atAfter) }
	env := automated(t, folder, failedRuns)
	var kept []int // runs whose delivery was acknowledged
	run := 0
	for n := range kills {
		s := serveIn(t, folder, board.URL, env, "--no-auth")
		mu.Lock()
		atBefore, atAfter = nil, nil
		switch n % 3 {
		case 0:
			atBefore = s.kill
		case 1:
			atAfter = s.kill
		default:
			time.AfterFunc(rand.N(60*time.Millisecond), s.kill)
		}
		mu.Unlock()
		for range 200 {
			run++
			status := s.deliver("workflow_run", failure(run), hookSecret)
			if status == http.StatusAccepted {
				kept = append(kept, run)
			}
			if status == 0 {
				break
			}
		}
		s.kill()
	}
	last := serveIn(t, folder, board.URL, env, "--no-auth")
	done := func() bool {
		return strings.Contains(strings.Join(board.Written(), "\n"), fmt.Sprintf("Run %d has", run+1))
	}
	if got := last.deliver("workflow_run", failure(run+1), hookSecret); got != http.StatusAccepted {
		t.Fatalf("the last delivery: %d\n%s", got, last.said())
	}
	for end := time.Now().Add(patience); !done() && time.Now().Before(end); { // which comes after all others
		time.Sleep(10 * time.Millisecond)
	}
	last.end()

	file, err := state.Open(filepath.Join(folder, "etc", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	q := queue.New(file)
	failed, err := q.Failed()
	if err != nil {
		t.Fatal(err)
	}
	unknown := make(map[int]bool)
	for _, task := range failed {
		if task.Reason != queue.OutcomeUnknown {
			t.Errorf("%v was given up: %s", task, task.Reason)
		}
		unknown[int(task.Event.RunID)] = true
	}
	if waiting, err := q.Tasks(); err != nil || len(waiting) > 0 {
		t.Errorf("%d still wait: %v", len(waiting), err)
	}
	written := board.Written()
	for _, run := range append(kept, run+1) {
		want := fmt.Sprintf("acme/website#1: Run %d has failed.", run)
		n := 0
		for _, each := range written {
			if each == want {
				n++
			}
		}
		if n > 1 || n == 0 && !unknown[run] {
			t.Errorf("run %d was written %d times; given up: %t", run, n, unknown[run])
		}
	}
	slices.Sort(written)
	if once := slices.Compact(slices.Clone(written)); len(once) != len(written) {
		t.Errorf("something was written twice: %q", written)
	}
	if len(unknown) == 0 || len(kept) < kills {
		t.Errorf("%d deliveries were kept, and of %d writes nobody knows: these were no kills in the midst of them", len(kept), len(unknown))
	}
	t.Logf("%d kills, %d deliveries acknowledged, %d written, of %d nobody knows", kills, len(kept), len(written), len(unknown))
	verified(t, logIn(folder))
}

// Unless it is told to, a server reads no jobs file, takes no webhook and keeps no schedule.
func TestAutomationIsOffUnlessItIsTurnedOn(t *testing.T) {
	t.Parallel()
	board, folder := boardtest.New(t), t.TempDir()
	env := automated(t, folder, failedRuns)
	delete(env, "AUTOMATION_ENABLED")
	env["AEGIS_JOBS_FILE"] = filepath.Join(folder, "etc", "there is none")
	s := serveIn(t, folder, board.URL, env, "--no-auth")
	if got := s.deliver("workflow_run", failure(1), hookSecret); got != http.StatusNotFound {
		t.Errorf("a delivery: %d", got)
	}
	if said := s.said(); strings.Contains(said, "jobs") && !strings.Contains(said, `"automation":false`) {
		t.Errorf("%s", said)
	}
	s.end()
}

// What is wrong with how jobs are to run is told, and ends the server before it serves.
func TestWrongStartsOfJobs(t *testing.T) {
	t.Parallel()
	board := boardtest.New(t)
	for what, c := range map[string]struct {
		change func(env map[string]string, folder string)
		says   string
	}{
		"no file":          {func(env map[string]string, _ string) { delete(env, "AEGIS_JOBS_FILE") }, "--jobs or AEGIS_JOBS_FILE"},
		"no state":         {func(env map[string]string, _ string) { delete(env, "AEGIS_STATE") }, "--state or AEGIS_STATE"},
		"a file not there": {func(env map[string]string, _ string) { env["AEGIS_JOBS_FILE"] += "x" }, "--jobs or AEGIS_JOBS_FILE"},
		"a wrong file": {func(env map[string]string, _ string) {
			_ = os.WriteFile(env["AEGIS_JOBS_FILE"], []byte("version: 1\njobs: []\n"), 0o600)
		}, "jobs.yaml:2:"},
		"no access token": {func(_ map[string]string, folder string) { _ = os.Remove(filepath.Join(folder, "etc", "token")) }, "access token of job failed-runs"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for _, args := range [][]string{{"serve", "--no-auth"}, {"jobs", "serve"}} {
				folder := t.TempDir()
				env := automated(t, folder, failedRuns)
				c.change(env, folder)
				out, status := runIn(t, folder, board.URL, env, args...)
				if status != 2 || !strings.Contains(out, c.says) {
					t.Errorf("%v: %d %s", args, status, out)
				}
			}
		})
	}
	folder := t.TempDir()
	env := automated(t, folder, failedRuns)
	delete(env, "AUTOMATION_ENABLED")
	if out, status := runIn(t, folder, board.URL, env, "jobs", "serve"); status != 2 || !strings.Contains(out, "--automation or AUTOMATION_ENABLED") {
		t.Errorf("jobs serve that is not turned on: %d %s", status, out)
	}
	env["AUTOMATION_ENABLED"] = "true"
	s := serveIn(t, folder, board.URL, env, "--no-auth")
	if out, status := runIn(t, folder, board.URL, env, "jobs", "serve"); status != 2 || !strings.Contains(out, "another process has this file open") {
		t.Errorf("a second process: %d %s", status, out)
	}
	s.end()
}

// runIn runs aegis until it ends.
func runIn(t *testing.T, folder, forge string, env map[string]string, args ...string) (said string, status int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), aegis(t), args...)
	command.Env = []string{"HOME=" + folder, "XDG_STATE_HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "GITEA_URL=" + forge, "AEGIS_LISTEN=127.0.0.1:0", "AEGIS_ADMIN_LISTEN=off", "AUDIT_LOG_PATH=" + logIn(folder)}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	out, _ := command.CombinedOutput()
	return string(out), command.ProcessState.ExitCode()
}
