package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aegis/internal/boardtest"
	"aegis/internal/jobs/queue"
	"aegis/internal/sampleforge"
	"aegis/internal/state"
)

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

// A process that runs jobs and serves nobody does what waits, keeps its log and ends when it is
// told to.
func TestJobsWithoutAServer(t *testing.T) {
	t.Parallel()
	board, folder := boardtest.New(t), t.TempDir()
	env := automated(t, folder, strings.ReplaceAll(greeting, "FOLDER", filepath.Join(folder, "etc")))
	if err := os.WriteFile(filepath.Join(folder, "etc", "bot.token"), []byte(sampleforge.DemoToken()), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := state.Open(env["AEGIS_STATE"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queue.New(file).Fire("greet", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	metrics := filepath.Join(folder, "jobs.prom")
	command := exec.Command(aegis(t), "jobs", "serve", "--metrics-file", metrics)
	command.Env = []string{"HOME=" + folder, "XDG_STATE_HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "GITEA_URL=" + board.URL, "AUDIT_LOG_PATH=" + logIn(folder)}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var stderr strings.Builder
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); len(board.Written()) == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	if err := command.Wait(); err != nil || !slices.Equal(board.Written(), []string{"acme/website#1: hello"}) {
		t.Errorf("%v: %q\n%s", err, board.Written(), stderr.String())
	}
	if said := stderr.String(); !strings.Contains(said, `"job":"greet"`) || !strings.Contains(said, `"outcome":"done"`) {
		t.Errorf("%s", said)
	}
	counted, err := os.ReadFile(metrics)
	if err != nil || !strings.Contains(string(counted), `aegis_jobs_runs_total{name="greet",outcome="done"} 1`) {
		t.Errorf("%v\n%s", err, counted)
	}
	kinds := make(map[string]int)
	for _, e := range verified(t, logIn(folder)) {
		kinds[e.Kind]++
	}
	if kinds["session_start"] != 2 || kinds["session_end"] != 2 { // the process' and the job's
		t.Errorf("%v", kinds)
	}
}
