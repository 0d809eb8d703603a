package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aegis/internal/sampleforge"
)

// commands are all commands of the program, by their words, as help lists them.
func commands(t *testing.T) (all [][]string) {
	t.Helper()
	for next := [][]string{{}}; len(next) > 0; next = next[1:] {
		all = append(all, next[0])
		_, list, _ := strings.Cut(help(t, append(slices.Clone(next[0]), "--help")...), "\nCommands:\n")
		for line := range strings.Lines(list) {
			words := strings.Fields(line)
			if len(words) == 0 {
				break
			}
			if words[0] != "help" {
				next = append(next, append(slices.Clone(next[0]), words[0]))
			}
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d commands", len(all))
	}
	return all
}

// may are exit statuses other than 0 that examples may have, by how they begin.
var may = map[string][]int{
	"aegis policy explain":       {3, 4}, // denied, and a human is asked
	"aegis jobs retry":           {1},    // no run was given up
	"aegis jobs run label-paths": {1},    // the sample forge has no pull requests
}

// Each command has an example in its help, and each of them can be typed at a shell.
func TestEachCommandHasExamplesThatRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the examples are for a shell of Unix")
	}
	for _, command := range commands(t) {
		said := help(t, append(command, "--help")...)
		_, examples, found := strings.Cut(said, "\nExamples:\n")
		if isGroup(said) {
			continue
		}
		if !found {
			t.Errorf("%q has no example", command)
			continue
		}
		examples, _, _ = strings.Cut(examples, "\n\n")
		for line := range strings.Lines(examples) {
			line = strings.TrimSpace(line)
			t.Run(line, func(t *testing.T) {
				t.Parallel()
				typed(t, line)
			})
		}
	}
}

// Each command is in a script that it goes well in, and in one in which it fails.
func TestEachCommandHasAScript(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	files, err := filepath.Glob(filepath.Join(scripts, "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(raw)
	}
	for _, command := range commands(t) {
		name := strings.Join(append([]string{"aegis"}, command...), " ")
		for outcome, begins := range map[string]string{"goes well": `(exec|exits 0)`, "fails": `(! exec|exits [1-9])`} {
			if isGroup(help(t, append(command, "--help")...)) && outcome == "goes well" {
				continue
			}
			if !regexp.MustCompile(`(?m)^(\[unix\] )?` + begins + ` .*\b` + name + `\b`).MatchString(text.String()) {
				t.Errorf("no script in which %q %s", name, outcome)
			}
		}
	}
}

// isGroup reports whether help is of a command that does nothing by itself.
func isGroup(said string) bool {
	return regexp.MustCompile(`(?m)^  aegis [a-z ]+ \[command\]$`).MatchString(said)
}

// typed types an example in a folder where what it names is there.
func typed(t *testing.T, line string) {
	d := newDesk(t)
	d.prepare(line)
	shell := d.shell(d.named(line))
	if !strings.Contains(line, " serve") {
		out, err := shell.CombinedOutput()
		allowed := []int{0}
		for begin, statuses := range may {
			if strings.HasPrefix(line, begin) {
				allowed = append(allowed, statuses...)
			}
		}
		if !slices.Contains(allowed, shell.ProcessState.ExitCode()) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var said strings.Builder
	shell.Stdout, shell.Stderr = &said, &said
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- shell.Wait() }()
	for range 3 { // it may not have begun to listen to signals
		select {
		case err := <-ended:
			t.Fatalf("it ends: %v\n%s", err, &said)
		case <-time.After(time.Second):
		}
	}
	_ = shell.Process.Signal(syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, &said)
	}
}

// desk is a folder in which somebody types, before the sample forge.
type desk struct {
	*testing.T
	folder, forge, admin string
}

func newDesk(t *testing.T) desk {
	ready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ready\n") }))
	t.Cleanup(ready.Close)
	d := desk{t, t.TempDir(), newForge(t).URL, ready.Listener.Addr().String()}
	for name, text := range map[string]string{
		"policy.yaml":      "version: 1\nrepositories: {\"acme/*\": {write: allow, automation: allow}}\n",
		"policy.test.yaml": "version: 1\ntests:\n  - {call: {tool: get_me}, expect: allow}\n",
		"old.yaml":         "version: 1\n", "new.yaml": "version: 1\n", "floor.yaml": "version: 1\n", "guest.yaml": "version: 1\n", "config.yaml": "a: 1\n",
		"token": sampleforge.DemoToken(), "ci.token": sampleforge.DemoToken(), "bot.token": sampleforge.DemoToken(), "hook.secret": hookSecret,
	} {
		d.write(name, text)
	}
	page{home: d.folder}.writeCertificate(t)
	return d
}

func (d desk) write(name, text string) {
	if err := os.WriteFile(filepath.Join(d.folder, name), []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
}

// shell types a line.
func (d desk) shell(line string) *exec.Cmd {
	if !strings.Contains(line, "|") {
		line = "exec " + line // signals are the program's
	}
	c := exec.CommandContext(d.Context(), "/bin/sh", "-c", line)
	c.Dir, c.Env = d.folder, append(environment(d.folder, d.forge),
		"AEGIS_KEYS_FILE="+filepath.Join(d.folder, "keys.yaml"), "AEGIS_JOBS_FILE="+filepath.Join(d.folder, "jobs.yaml"),
		"AEGIS_LISTEN=127.0.0.1:0", "AEGIS_ADMIN_LISTEN="+d.admin, "WRITE_MODE=true", "WRITE_REPOSITORY_WHITELIST=acme/website")
	if strings.Contains(line, "serve") {
		c.Env = append(c.Env, "AEGIS_ADMIN_LISTEN=off")
	}
	c.Env = append(c.Env, "PATH="+filepath.Dir(aegis(d.T))+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return c
}

// do types a line that has to succeed, and returns what is printed.
func (d desk) do(line string) string {
	out, err := d.shell(line).Output()
	if err != nil {
		d.Fatalf("%s: %v", line, err)
	}
	return string(out)
}

// named is a line with the files of the folder in place of a machine's.
func (d desk) named(line string) string {
	line = regexp.MustCompile(`/(etc|var/lib)/aegis/`).ReplaceAllLiteralString(line, d.folder+"/")
	line = strings.NewReplacer("https://git.example.org", d.forge, "127.0.0.1:9464", d.admin, ":8443", "127.0.0.1:0").Replace(line)
	if strings.Contains(line, "--call CALL") {
		shown := d.do("aegis audit show --json --tool list_issues")
		line = strings.Replace(line, "CALL", regexp.MustCompile(`"call":"([^"]+)"`).FindStringSubmatch(shown)[1], 1)
	}
	return line
}

// prepare puts into the folder what a line needs: a log with a call in it, keys, jobs.
func (d desk) prepare(line string) {
	begins := func(with string) bool { return strings.HasPrefix(line, "aegis "+with) }
	switch {
	case begins("audit"), begins("policy replay"):
		d.do(`aegis call list_issues --args '{"owner":"acme","repo":"website"}' > answer`)
		log := filepath.Join(d.folder, ".local", "state", "aegis", "audit.jsonl")
		text, err := os.ReadFile(log)
		if err != nil {
			d.Fatal(err)
		}
		d.write("audit.jsonl", string(text))
		if begins("audit verify --against") {
			d.do("aegis audit checkpoint > checkpoints.txt")
		}
		if begins("audit restart") {
			text[len(text)/2] ^= 1
			if err := os.WriteFile(log, text, 0o600); err != nil {
				d.Fatal(err)
			}
		}
		machine := filepath.Join(d.folder, "logs", "machine")
		if err := os.MkdirAll(machine, 0o700); err != nil {
			d.Fatal(err)
		}
		for _, each := range []string{"audit.jsonl", "audit.jsonl.head"} {
			if text, err = os.ReadFile(filepath.Join(filepath.Dir(log), each)); err == nil {
				err = os.WriteFile(filepath.Join(machine, each), text, 0o600)
			}
			if err != nil {
				d.Fatal(err)
			}
		}
	case begins("keys") && !begins("keys add"), begins("serve"):
		for _, name := range []string{"laptop", "ci"} {
			d.do("aegis keys add " + name + " --gitea-token-file token > key")
		}
	case begins("jobs"):
		text := "version: 1\n"
		for _, name := range []string{"label-paths", "stale-issues"} {
			raw, err := os.ReadFile(filepath.Join(root, "deploy", "jobs", name+".yaml"))
			if err != nil {
				d.Fatal(err)
			}
			_, body, _ := strings.Cut(string(raw), "version: 1\n")
			if strings.Contains(text, "\njobs:\n") {
				_, body, _ = strings.Cut(body, "jobs:\n")
			}
			text += body
		}
		d.write("jobs.yaml", strings.ReplaceAll(d.named(text), "acme/app", "acme/website"))
		if strings.Contains(line, "state.db") && !begins("jobs serve") {
			d.do("aegis jobs run stale-issues --dry-run --state state.db > run")
		}
	case strings.HasPrefix(line, "git "):
		d.do("git init --quiet .")
	}
}
