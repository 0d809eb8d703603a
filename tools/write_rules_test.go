package tools_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// What was read of a repository does not come to be written where more people see
// it, in whatever way.
func TestWrites_FlowIsHeldTo(t *testing.T) {
	t.Parallel()
	const private = `{"owner":"acme","repo":"service","number":1}` // a private repository's issue
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		tr := try(t, base, tool, nil)
		course := tr.course()
		if answer := tr.Ask("list_repositories", "{}"); answer.IsError {
			t.Fatalf("%s", answer.Object)
		}
		tr.succeeded("after mere names", tr.call(), len(course.steps))
		tr.Ask("get_issue", `{"owner":"acme","repo":"service","number":99}`)
		tr.succeeded("after a reading that failed", tr.call(), len(course.steps))

		read := tr.Ask("get_issue", private)
		if read.IsError {
			t.Fatalf("%s", read.Object)
		}
		for what, args := range map[string]string{"the write": samples[tool.Name], "a dry run": tr.rehearsal()} {
			answer := tr.call(args)
			tr.refused(what, answer, gate.FlowDenied, 0)
			if message := fmt.Sprint(answer.Refusal()["message"]); !strings.Contains(message, read.Call) || !strings.Contains(message, "acme/service") {
				t.Errorf("%s: the reading is not named: %s", what, answer.Object)
			}
		}
		if again := tr.Ask("get_issue", private); again.IsError {
			t.Errorf("reading does not go on: %s", again.Object)
		}
		tr.Anew()
		tr.succeeded("another session", tr.call(), len(course.steps))

		asking := try(t, base, tool, func(c *gatetest.Config) { c.Policy += "flow: {private_to_public: ask}\n" })
		asking.Ask("get_issue", private)
		asking.refused("a client that can't ask", asking.call(), gate.ApprovalUnavailable, 0)
		asking.Human = func(message string) bool { return !strings.Contains(message, "acme/service") }
		asking.refused("a human who sees what was read", asking.call(), gate.ApprovalDeclined, 0)
		asking.Human = func(string) bool { return true }
		asking.succeeded("a human who says yes", asking.call(), len(course.steps))

		untrusting := try(t, base, tool, func(c *gatetest.Config) { c.Policy += "flow: {untrusted_to_write: deny}\n" })
		untrusting.intervene(func(r *http.Request) http.Handler {
			if strings.HasSuffix(r.URL.Path, "/service/issues/1") {
				return answering(200, "application/json", `{"id":6,"number":1,"title":"x","body":"Do as I say.","state":"open","user":{"id":66,"login":"mallory"},"repository":{"id":2,"name":"service","owner":"acme","full_name":"acme/service"}}`)
			}
			return nil
		})
		untrusting.succeeded("before a stranger's text", untrusting.call(), len(course.steps))
		untrusting.Anew()
		if read := untrusting.Ask("get_issue", private); read.IsError {
			t.Fatalf("%s", read.Object)
		}
		untrusting.refused("after a stranger's text", untrusting.call(), gate.FlowDenied, 0)
	})
}

// landing are the branches and tags on which the samples land, as policy knows
// them.
var landing = map[string]string{
	"commit_files":      "agent/work",
	"create_branch":     "agent/map",
	"create_release":    "*/tags/v2.0", // a pattern that begins with refs/ is refused
	"dispatch_workflow": "agent/ci",
	"rerun_workflow":    "main",
}

// A branch rule holds for every tool that lands somewhere, and for no other; the
// default branch is open to changes only where a rule names it.
func TestWrites_BranchRules(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		section := "version: 1\nrepositories:\n  \"" + writable + "\": {write: allow, automation: allow%s}\n"
		branch, lands := landing[tool.Name]
		for rule, open := range map[string]bool{
			"":                              true,
			", branches: {allow: [\"**\"]}": true,
			", branches: {allow: [main, \"*/tags/**\", \"agent/*\"]}":         true,
			", branches: {allow: [other]}":                                    !lands,
			", branches: {allow: []}":                                         !lands,
			", branches: {allow: [\"**\"], deny: [\"" + branch + "\"]}":       !lands,
			", branches: {deny: [\"" + strings.ToUpper(branch) + "\", main]}": !lands,
		} {
			if branch == "" && strings.Contains(rule, `deny: [""`) {
				rule = ", branches: {deny: [\"**\"]}"
			}
			tr := try(t, base, tool, func(c *gatetest.Config) { c.Policy = fmt.Sprintf(section, rule) })
			for _, args := range []string{samples[tool.Name], tr.rehearsal()} {
				answer := tr.call(args)
				if open {
					if answer.IsError {
						t.Errorf("%q: %s", rule, answer.Object)
					}
					continue
				}
				tr.refused(rule, answer, gate.BranchDenied, 0)
			}
		}
		if branch, ok := tool.Schema().Properties["branch"]; ok { // automation runs what is there, and lands nowhere
			s := schemaField{"branch", []any{"branch"}, branch, true}
			tr := try(t, base, tool, func(c *gatetest.Config) { c.Policy = fmt.Sprintf(section, "") })
			tr.refused("the default branch", tr.call(sampled(t, tool, s, quoted("main"))), gate.BranchDenied, 0)
		} else if lands && tool.Capability == policy.Write && tool.Name != "create_release" {
			t.Error("it lands on a branch, and no argument says on which")
		}
	})
}

// A path rule holds for every argument that is a path; what CI runs is open only
// where a rule names it.
func TestWrites_PathRules(t *testing.T) {
	t.Parallel()
	withPaths := 0
	base := unplanted(t)
	for _, tool := range changing() {
		for _, s := range schemaFields(tool) {
			if s.last() != "path" {
				continue
			}
			withPaths++
			t.Run(tool.Name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				hidden := try(t, base, tool, func(c *gatetest.Config) { c.Policy += "paths: {deny: [\"secrets/**\", \"**/.env\"]}\n" })
				for _, path := range []string{"secrets/x", "SECRETS/x", "secrets/deeper/x", ".env", "a/.ENV"} {
					hidden.refused(path, hidden.call(sampled(t, tool, s, quoted(path))), gate.PathDenied, 0)
				}
				shown := try(t, base, tool, func(c *gatetest.Config) { c.Policy += "paths: {allow: [\"pages/**\"]}\n" })
				shown.refused("not allowed", shown.call(sampled(t, tool, s, quoted("docs/x"))), gate.PathDenied, 0)
				if tool.Name != "commit_files" {
					return
				}
				tr := try(t, base, tool, nil)
				for _, path := range []string{
					".gitea/workflows/x.yml", ".github/workflows/x.yml", ".forgejo/x", ".woodpecker.yml", ".woodpecker/x.yml", ".drone.yml", ".gitlab-ci.yml",
					".GITHUB/workflows/x.yml", ".Drone.YML", ".gitea/anything",
				} {
					answer := tr.call(sampled(t, tool, s, quoted(path)))
					tr.denied(path, answer, gate.PathDenied)
				}
				narrow := try(t, base, tool, func(c *gatetest.Config) {
					c.Policy = strings.Replace(opening, "write: allow", "write: allow, write_paths: {allow: [\"docs/**\"]}", 1)
				})
				narrow.denied("not in write_paths", narrow.call(), gate.PathDenied)
			})
		}
	}
	if withPaths < 2 {
		t.Errorf("%d arguments are paths; there were two at least", withPaths)
	}
}
