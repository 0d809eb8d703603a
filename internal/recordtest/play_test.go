package recordtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// The kinds of what is recorded of a step.
const (
	said   = "answers"
	logged = "log"
	asked  = "requests"
)

var kinds = []string{said, logged, asked}

// step is what was recorded of one, by kind.
type step struct {
	title string
	lines map[string][]string
	calls []string // its calls' ids
	asked int      // how many requests had reached Gitea when it was answered
	named *normal
}

func (s *step) add(kind, text string) {
	s.lines[kind] = append(s.lines[kind], strings.ReplaceAll(text, "\r", "␍"))
}

// play is one script that is being played.
type play struct {
	*stage
	script  script
	session *session
	proxy   *giteatest.Proxy
	trouble *trouble // behind the proxy
	normal  *normal
	home    string
	read    int // bytes of the log
	steps   []*step
}

func (p *play) log() string { return filepath.Join(p.home, "state", "audit.jsonl") }

// play plays a script in an era of the protocol.
func (s *stage) play(t *testing.T, script script, era string) []*step {
	t.Helper()
	at := *s
	at.T = t
	before := &trouble{forge: giteatest.PassTo(t, s.server.URL)}
	p := &play{stage: &at, script: script, trouble: before, proxy: giteatest.NewProxyTo(t, before), home: t.TempDir()}
	p.normal = p.stage.normal(p.home, p.proxy.URL, script.policy)
	p.session = startSession(t, era, p.command(), script.human)
	p.step("start", func(now *step) {
		p.answered(now, "", p.session.greet())
		p.awaitLog()
	})
	for i, line := range script.steps {
		p.step(line, func(now *step) { p.run(now, fmt.Sprint(i+1), at.fill(line)) })
	}
	p.step("end", func(*step) { p.session.end() })
	p.assign()
	return p.steps
}

// command is the program under the script's settings.
func (p *play) command() *exec.Cmd {
	cmd := exec.Command(p.program, "--stdio", "--audit-log", p.log())
	cmd.Dir = p.home
	cmd.Env = []string{
		"HOME=" + p.home, "USERPROFILE=" + p.home, "LocalAppData=" + p.home, "AppData=" + p.home, "TMPDIR=" + p.home, "TMP=" + p.home, "TEMP=" + p.home,
		"SystemRoot=" + os.Getenv("SystemRoot"), "PATH=" + os.Getenv("PATH"), "GITEA_URL=" + p.proxy.URL, "AEGIS_KILL_SWITCH=" + filepath.Join(p.home, "STOP"),
	}
	switch p.script.as {
	case "reader":
		cmd.Env = append(cmd.Env, "GITEA_TOKEN="+p.reader.Token)
	case "author":
		cmd.Env = append(cmd.Env, "GITEA_TOKEN="+p.author.Token)
	case "wrong":
		cmd.Env = append(cmd.Env, "GITEA_TOKEN="+strings.Repeat("0", 40))
	case "nobody":
	default:
		p.Fatalf("%s: who is %q?", p.script.name, p.script.as)
	}
	if p.script.write != nil {
		var repos []string
		for _, name := range p.script.write {
			repos = append(repos, "record/"+name)
		}
		cmd.Env = append(cmd.Env, "WRITE_MODE=true", "WRITE_REPOSITORY_WHITELIST="+strings.Join(repos, ","))
	}
	if p.script.policy != "" {
		p.policy(p.script.policy)
		cmd.Env = append(cmd.Env, "POLICY_FILE_PATH="+filepath.Join(p.home, "policy.yaml"))
	}
	for _, setting := range p.script.env {
		cmd.Env = append(cmd.Env, p.fill(setting))
	}
	return cmd
}

func (p *play) policy(text string) {
	p.Helper()
	if err := os.WriteFile(filepath.Join(p.home, "policy.yaml"), []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
}

// step plays one and notes what it leaves in the log.
func (p *play) step(title string, do func(*step)) {
	p.Helper()
	now := &step{title: title, lines: map[string][]string{}, named: p.normal.in(title)}
	p.steps = append(p.steps, now)
	var raw []string // what is said is named after what is logged, which has the calls' ids
	do(now)
	now.asked = len(p.proxy.Requests())
	raw, now.lines[said] = now.lines[said], nil
	for _, line := range p.entries() {
		var entry struct{ Call string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Call != "" && p.normal.calls[entry.Call] == "" {
			now.calls = append(now.calls, entry.Call)
			p.normal.calls[entry.Call] = title
		}
		now.lines[logged] = append(now.lines[logged], line)
	}
	for i, text := range raw {
		raw[i] = now.named.text(text)
	}
	for i, line := range now.lines[logged] {
		now.lines[logged][i] = now.named.entry(line)
	}
	for _, text := range raw {
		now.add(said, short(text))
	}
}

// awaitLog waits for the log's first entry, which no answer waits for.
func (p *play) awaitLog() {
	p.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if raw, err := os.ReadFile(p.log()); err == nil && bytes.HasSuffix(raw, []byte("\n")) {
			return
		}
	}
	p.Fatal("the log has no entry")
}

// entries are the lines that the log has got since.
func (p *play) entries() (lines []string) {
	raw, err := os.ReadFile(p.log())
	if err != nil || len(raw) < p.read {
		return nil // the script has broken the log
	}
	for line := range bytes.Lines(raw[p.read:]) {
		lines = append(lines, strings.TrimSuffix(string(line), "\n"))
	}
	p.read = len(raw)
	return lines
}

// assign gives each step the requests of its calls. None may come once the call is
// answered: its outcome is on disk by then.
func (p *play) assign() {
	byCall := map[string]*step{}
	for _, now := range p.steps {
		for _, id := range now.calls {
			byCall[id] = now
		}
	}
	requests := map[*step][]giteatest.Request{}
	for i, r := range p.proxy.Requests() {
		now := byCall[r.RequestID]
		switch {
		case now == nil:
			p.Errorf("%s %s is of no call that is in the log: %q", r.Method, r.Path, r.RequestID)
		case i >= now.asked:
			p.Errorf("%s: %s %s came after the answer", now.title, r.Method, r.Path)
		}
		requests[now] = append(requests[now], r)
	}
	for _, now := range p.steps {
		now.lines[asked] = now.named.requests(requests[now])
	}
}

// run plays a line of a script.
func (p *play) run(now *step, id, line string) {
	p.Helper()
	ask := func(q question) { now.add(said, "asks "+string(q.RequestedSchema)+"\n"+q.Message) }
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		p.happens(rest)
		return
	}
	if rest, ok := strings.CutPrefix(line, "/"); ok {
		method, params, _ := strings.Cut(rest, " ")
		f := p.session.request(id, method, params, ask)
		p.answered(now, method, f)
		return
	}
	tool, rest, _ := strings.Cut(line, " ")
	repo, more, _ := strings.Cut(rest, " ")
	if repo == "" {
		repo = "-"
	}
	f, result := p.session.call(id, tool, arguments(repo, more), ask)
	if f.Error != nil {
		p.answered(now, tool, f)
		return
	}
	if result.IsError {
		now.add(said, "is an error")
	}
	for i, content := range result.Content {
		text := content.Text
		if i == 0 {
			if tool == "list_repositories" {
				text = byName(text)
			}
			text = rows(text)
		}
		if content.Type != "text" {
			text = content.Type + " " + text
		}
		now.add(said, text)
	}
}

// answered notes the answer to a request that is no call. What the library adds to
// each result in one of the eras is left out.
func (p *play) answered(now *step, method string, f frame) {
	p.Helper()
	if f.Error != nil {
		now.add(said, "error "+string(f.Error))
		return
	}
	var result map[string]json.RawMessage
	if err := json.Unmarshal(f.Result, &result); err != nil {
		p.Fatal(err)
	}
	for _, name := range []string{"_meta", "resultType", "cacheScope", "ttlMs", "protocolVersion", "supportedVersions", "serverInfo"} {
		delete(result, name)
	}
	if method == "tools/list" {
		var tools []struct{ Name string }
		if err := json.Unmarshal(result["tools"], &tools); err != nil {
			p.Fatal(err)
		}
		var whole []json.RawMessage
		_ = json.Unmarshal(result["tools"], &whole)
		for i, tool := range tools {
			now.add(said, tool.Name+" "+digest(whole[i]))
		}
		return
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		p.Fatal(err)
	}
	now.add(said, rows(raw.String()))
}
