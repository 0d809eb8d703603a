package errortest

import (
	"errors"
	"net/http"
	"regexp"
	"testing"

	"aegis/gate/caller"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// What is decided without asking Gitea.
func decidedAlone(t *testing.T) {
	c := onGitea(t)
	c.repo("decided", true, nil)
	d := c.reader("version: 1\nlimits: {calls_per_minute: 1000}\nrepositories:\n  \"acme/hr-*\": {read: deny, reason: people data}\n  \"acme/decided\": {paths: {deny: [\"secrets/**\"]}}\n")
	holds(t, d, []situation{
		{"a denied repository", "get_repository", in("hr-people", ""), "policy_denied", []string{"people data"}, nil},
		{"a denied path", "get_file_contents", in("decided", `,"path":"secrets/x"`), "path_denied", nil, nil},
		{"a missing argument", "get_issue", in("decided", ""), "invalid_arguments", nil, nil},
		{"a session that only reads", "create_issue", in("decided", `,"title":"x"`), "write_mode_off", nil, nil},
	})
	w := c.writer(c.s.World.Writer.Token, "decided", "  \"acme/sandbox\": {write: allow}\n")
	holds(t, w, []situation{
		{"a repository that is not on the whitelist", "create_issue", in("sandbox", `,"title":"x"`), "not_whitelisted", nil, nil},
		{"the default branch", "commit_files", in("decided", `,"branch":"main",`+aFile), "branch_denied", nil, nil},
		{"a secret in what is written", "create_issue", in("decided", `,"title":"x","body":"`+c.s.World.Plant.AWS+`"`), "secret_in_arguments", nil, nil},
		{"a redaction's marker in what is written", "create_issue", in("decided", `,"title":"x","body":"[redacted:aws-access-token]"`), "redaction_marker", nil, nil},
	})
	j := gatetest.Open(t, gatetest.Config{
		URL: c.s.URL, Write: true, Repos: w.Caller.Writable(), Policy: "version: 1\nrepositories: {\"acme/decided\": {write: allow}}\n",
	})
	j.Caller = caller.New(caller.Config{ID: "job:stale", Principal: "job:stale", Credential: w.Caller.Credential(), Writable: w.Caller.Writable()})
	holds(t, j, []situation{
		{"a job where policy allows writing and not automation", "create_issue", in("decided", `,"title":"x"`), "policy_denied", []string{"automation: allow"}, nil},
	})
	of := caller.Config{ID: "key:ci", Principal: "ci", Credential: w.Caller.Credential(), Writable: w.Caller.Writable()}
	w.Caller = caller.Known(of, caller.KeptMarks(of.ID, noState{}))
	holds(t, w, []situation{
		{"a state file that can't be read", "create_issue", in("decided", `,"title":"x"`), "state_unavailable", []string{"--state"}, nil},
	})
}

// noState is a place for marks that has gone.
type noState struct{}

func (noState) Load(string) ([]byte, error) { return nil, errors.New("no such file or directory") }
func (noState) Save(string, []byte) error   { return errors.New("no such file or directory") }

var callID = regexp.MustCompile(`"call":"[^"]*"`)

// Nothing of a hidden repository is told: whatever is turned off in it, archived or empty, each
// tool answers as it does for one that is not there.
func hiddenOnes(t *testing.T) {
	c := onGitea(t)
	settings := map[string]object{
		"shut-plain": nil, "shut-archived": {"archived": true},
		"shut-off": {"has_issues": false, "has_pull_requests": false, "has_wiki": false, "has_releases": false, "has_actions": false},
	}
	for name, change := range settings {
		path := c.repo(name, true, nil)
		c.keeper(http.MethodDelete, path+"/collaborators/reader", nil, nil)
		if change != nil {
			c.keeper(http.MethodPatch, path, change, nil)
		}
	}
	for policy, source := range map[string]string{
		"not visible to the token": "",
		"denied by policy":         "version: 1\nrepositories: {\"acme/shut-*\": {read: deny}}\n",
	} {
		d := c.reader(source)
		for _, tool := range tools.All() {
			if !reads(tool) || !ofRepository(tool) {
				continue
			}
			of := func(name string) string {
				a := d.Ask(tool.Name, stock{repo: name, head: someToken, pull: 1, run: 1, job: 1}.args(tool.Name))
				return callID.ReplaceAllString(string(a.Object), "")
			}
			nowhere := of("shut-nowhere")
			for name := range settings {
				if got := of(name); got != nowhere {
					t.Errorf("%s, %s: %s answers %s, and for none there %s", policy, tool.Name, name, got, nowhere)
				}
			}
		}
	}
}
