package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
)

// greeting is a job whose time does not come in a test.
const greeting = `version: 1
jobs:
  greet:
    on: {schedule: "0 0 29 2 *"}
    credential_file: FOLDER/bot.token
    repositories: [acme/website]
    steps:
      - call: create_comment
        with: {number: 1, body: "hello"}
`

// jobsIn writes a file of jobs, a token and a policy, and returns what a server with them
// is told.
func jobsIn(t *testing.T, folder, policy string) map[string]string {
	t.Helper()
	for name, text := range map[string]string{
		"jobs.yaml": strings.ReplaceAll(greeting, "FOLDER", folder), "bot.token": sampleforge.DemoToken(), "policy.yaml": policy,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"POLICY_FILE_PATH": filepath.Join(folder, "policy.yaml"), "WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": "acme/website",
		"AEGIS_JOBS_FILE": filepath.Join(folder, "jobs.yaml"), "AEGIS_STATE": filepath.Join(folder, "state.db"), "AUTOMATION_ENABLED": "true",
	}
}

// jobs runs a command of aegis jobs in an environment, and returns its exit status, its
// output and its errors.
func jobs(t *testing.T, folder string, env map[string]string, args ...string) (status int, out, said string) {
	t.Helper()
	command := exec.Command(aegis(t), append([]string{"jobs"}, args...)...)
	command.Env = []string{"HOME=" + folder, "XDG_STATE_HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "AUDIT_LOG_PATH=" + logIn(folder), "HTTP_PROXY=http://127.0.0.1:1"}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var stderr strings.Builder
	command.Stderr = &stderr
	raw, err := command.Output()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), string(raw), stderr.String()
}

// newWrittenForge is the sample forge, which takes comments as well.
func newWrittenForge(t *testing.T) *giteatest.Proxy {
	t.Helper()
	target, err := url.Parse(newForge(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	reads := httputil.NewSingleHostReverseProxy(target)
	return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			reads.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":5}`)
	}))
}

const (
	onlyWrite = "version: 1\nrepositories: {acme/website: {write: allow}}\n"
	forAJob   = "version: 1\nrepositories: {acme/website: {write: allow, automation: allow}}\n"
)

// A job is run by hand where no server is, and by the server where one is; the policy's
// second key decides in both.
func TestJobsAreRunByHand(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newWrittenForge(t)
	env := jobsIn(t, folder, onlyWrite)
	stop := filepath.Join(folder, "STOP")
	env["GITEA_URL"], env["AEGIS_KILL_SWITCH"] = forge.URL, stop
	policy := func(text string) {
		t.Helper()
		if err := os.WriteFile(env["POLICY_FILE_PATH"], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(where string, status int, outcome string, args ...string) {
		t.Helper()
		code, out, said := jobs(t, folder, env, append([]string{"run", "greet", "--json"}, args...)...)
		var result struct {
			Outcome, Reason string
			Written         int
			Would           []struct{ Tool, Refused string }
		}
		if err := json.Unmarshal([]byte(out), &result); err != nil || code != status || result.Outcome != outcome {
			t.Errorf("%s: %d, %v\n%s%s", where, code, err, out, said)
		}
		dry := len(args) > 0
		if outcome == "done" && (dry && (result.Written != 0 || len(result.Would) != 1 || result.Would[0].Tool != "create_comment") || !dry && result.Written != 1) {
			t.Errorf("%s: %+v", where, result)
		}
		if outcome == "failed" && result.Reason != "policy_denied" {
			t.Errorf("%s: %+v", where, result)
		}
	}
	for _, where := range []string{"here", "by a server"} {
		policy(onlyWrite)
		if where == "by a server" {
			s := serveIn(t, folder, forge.URL, env, "--no-auth")
			if s.admin == "" {
				t.Fatal(s.said())
			}
			defer func() {
				if status, _ := s.end(); status != 0 {
					t.Errorf("%d %s", status, s.said())
				}
				if _, err := os.Stat(env["AEGIS_STATE"] + ".control"); err == nil {
					t.Error("the secret is left behind")
				}
			}()
			env = map[string]string{"AEGIS_STATE": env["AEGIS_STATE"], "POLICY_FILE_PATH": env["POLICY_FILE_PATH"]} // it needs nothing else
		}
		run(where, 1, "failed", "--dry-run")
		run(where, 1, "failed")
		policy(forAJob)
		run(where, 0, "done", "--dry-run")
		run(where, 0, "done")
		if code, _, said := jobs(t, folder, env, "run", "nothing"); code != 1 || !strings.Contains(said, "no such job") && !strings.Contains(said, "no job") {
			t.Errorf("%s: %d %s", where, code, said)
		}
		if err := os.WriteFile(stop, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, said := jobs(t, folder, env, "run", "greet"); code != 1 || !strings.Contains(said, "the kill switch is on") {
			t.Errorf("%s: %d %s", where, code, said)
		}
		_ = os.Remove(stop)
		code, out, said := jobs(t, folder, env, "failed")
		if code != 0 || !strings.Contains(out, "policy_denied") {
			t.Errorf("%s: %d %s%s", where, code, out, said)
		}
	}
	code, out, _ := jobs(t, folder, env, "failed", "--json")
	var failed []struct{ Run int64 }
	if err := json.Unmarshal([]byte(out), &failed); err != nil || code != 0 || len(failed) == 0 {
		t.Fatalf("%d %v %s", code, err, out)
	}
	for _, number := range []string{"0", "x", "-1", "99999999999999999999"} {
		if code, _, said := jobs(t, folder, env, "retry", "--", number); code != 2 || !strings.Contains(said, "no number of a run") {
			t.Errorf("%s: %d %s", number, code, said)
		}
	}
	if code, _, said := jobs(t, folder, env, "retry", "999"); code != 1 || !strings.Contains(said, "no run of this number was given up") {
		t.Errorf("%d %s", code, said)
	}
	audited := exec.Command(aegis(t), "audit", "show", "--entries", "--job", "greet", "--limit", "0", logIn(folder))
	raw, err := audited.CombinedOutput()
	for _, want := range []string{
		"job=greet trigger=hand run=1 ", "code=policy_denied", "rule=\"policy.yaml defaults.automation\"", "written=1", "tool=create_comment", "dry_run=true",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%v: no %s in\n%s", err, want, raw)
		}
	}
}

// Where nobody can be asked, that is said, and nothing is guessed.
func TestJobsByHandOfAServerThatCantBeAsked(t *testing.T) {
	t.Parallel()
	forge := newForge(t)
	for name, change := range map[string]map[string]string{
		"without automation":        {"AUTOMATION_ENABLED": "false"},
		"without an admin listener": {"AEGIS_ADMIN_LISTEN": "off"},
	} {
		folder := t.TempDir()
		env := jobsIn(t, folder, forAJob)
		for key, value := range change {
			env[key] = value
		}
		// A server that was killed has left its secret.
		left := env["AEGIS_STATE"] + ".control"
		if err := os.WriteFile(left, []byte("127.0.0.1:9 "+strings.Repeat("ab", 32)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := serveIn(t, folder, forge.URL, env, "--no-auth")
		for _, args := range [][]string{{"run", "greet"}, {"failed"}, {"retry", "1"}} {
			if code, _, said := jobs(t, folder, env, args...); code != 1 || !strings.Contains(said, "state.db is in use, and the process that has it can't be asked") {
				t.Errorf("%s, %s: %d %s", name, args, code, said)
			}
		}
		s.kill()
	}
	folder := t.TempDir()
	env := jobsIn(t, folder, forAJob)
	for _, args := range [][]string{{"failed"}, {"retry", "1"}} {
		if code, _, said := jobs(t, folder, env, args...); code != 1 || !strings.Contains(said, "there is no state file") {
			t.Errorf("%s: %d %s", args, code, said)
		}
	}
	if _, err := os.Stat(env["AEGIS_STATE"]); err == nil {
		t.Error("looking has made a state file")
	}
}
