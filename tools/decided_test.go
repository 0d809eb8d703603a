package tools_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// A dry run asks Gitea what the write would ask, changes nothing, and says what
// would happen.
func TestWrites_DryRunsOnlyAsk(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		tr := try(t, base, tool, nil)
		course := tr.course()
		var asked []string
		for _, r := range tr.forge.Requests()[:course.before] {
			asked = append(asked, r.Path)
		}
		answer := tr.call(tr.rehearsal())
		tr.succeeded("a dry run", answer, 0)
		var rehearsed []string
		for _, r := range tr.forge.Requests() {
			rehearsed = append(rehearsed, r.Path)
		}
		slices.Sort(asked) // what does not depend on each other is asked for in any order
		slices.Sort(rehearsed)
		if !slices.Equal(asked, rehearsed) {
			t.Errorf("it asks for\n%q, the write for\n%q", rehearsed, asked)
		}
		would, _ := answer.Fields["would"].(object)
		if answer.Fields["dry_run"] != true || len(would) == 0 || answer.Fields["repository"] != writable || answer.Fields["visibility"] != "public" || answer.Fields["requests"] != float64(len(course.steps)) {
			t.Errorf("%s", answer.Object)
		}
		for _, entry := range tr.Entries() {
			if entry["call"] == answer.Call && (entry["dry_run"] != true || entry["written"] != nil) {
				t.Errorf("%v", entry)
			}
			if entry["call"] != answer.Call && entry["dry_run"] != nil {
				t.Errorf("%v", entry)
			}
		}
		for _, dry := range []string{`"true"`, `1`, `"yes"`} {
			args := strings.TrimSuffix(samples[tool.Name], "}") + `,"dry_run":` + dry + `}`
			tr.denied(dry, tr.call(args), gate.InvalidArguments)
		}
	})
}

// Where policy wants a human's yes, nothing is sent without it.
func TestWrites_ApprovalIsAskedForAndHeldTo(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		asking := opening + "approve: [" + tool.Name + "]\n"
		tr := try(t, base, tool, func(c *gatetest.Config) { c.Policy = asking })
		tr.refused("a client that can't ask", tr.call(), gate.ApprovalUnavailable, 0)
		rehearsed := tr.call(tr.rehearsal())
		tr.succeeded("a dry run", rehearsed, 0)
		if rules := fmt.Sprint(rehearsed.Fields["a_human_would_be_asked_by"]); !strings.Contains(rules, "approve") {
			t.Errorf("a dry run does not tell that a human would be asked: %s", rehearsed.Object)
		}
		tr.Human = func(string) bool { return false }
		tr.refused("no", tr.call(), gate.ApprovalDeclined, 0)
		tr.Human = func(string) bool { tr.rule("version: 1\n"); return true }
		if answer := tr.call(); !answer.IsError || len(writesOf(tr.forge.Requests())) > 0 {
			t.Errorf("the policy denies it by the time of the yes: %s", answer.Object)
		}
		tr.rule(asking)
		tr.Human = func(string) bool { tr.pull(); return true }
		if answer := tr.call(); answer.Code != gate.Killed || len(writesOf(tr.forge.Requests())) > 0 {
			t.Errorf("the kill switch is on by the time of the yes: %s", answer.Object)
		}
		if err := os.Remove(tr.kill); err != nil {
			t.Fatal(err)
		}

		shown := ""
		tr.Human = func(message string) bool { shown = message; return true }
		before := len(tr.Entries())
		answer := tr.call()
		tr.succeeded("yes", answer, len(writesOf(tr.forge.Requests())))
		if len(writesOf(tr.forge.Requests())) == 0 {
			t.Error("nothing was sent after the yes")
		}
		prepared, err := tool.Prepare(json.RawMessage(samples[tool.Name]))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range prepared.Written {
			for line := range strings.Lines(text.Text) {
				if !strings.Contains(shown, strings.TrimSpace(line)) {
					t.Errorf("the human is not shown %s:\n%s", text.Field, shown)
				}
			}
		}
		if !strings.Contains(shown, tool.Name) || !strings.Contains(shown, writable+" (public)") || !strings.Contains(shown, "approve") {
			t.Errorf("the human is not shown what, where or why:\n%s", shown)
		}
		var stages []string
		hashes := make(map[any]bool)
		for _, entry := range tr.Entries()[before:] {
			stages = append(stages, fmt.Sprint(entry["kind"], " ", entry["stage"], " ", entry["decision"]))
			if entry["shown_sha256"] != nil {
				hashes[entry["shown_sha256"]] = true
			}
		}
		want := []string{"decision static allow", "decision resolved ask", "outcome <nil> <nil>", "decision static allow"}
		if len(stages) < len(want) || !slices.Equal(stages[:len(want)], want) || len(hashes) != 1 {
			t.Errorf("the log has %q, and %d hashes of what was shown", stages, len(hashes))
		}
	})
}

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

// Without the log nothing is asked, nothing sent and nothing answered.
func TestI2_WithoutTheLogNothingIsWritten(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		course := try(t, base, tool, nil).course()
		for what, damage := range map[string]func(*testRig) error{
			"the folder is gone": func(tr *testRig) error { return os.RemoveAll(filepath.Dir(tr.Log)) },
			"the log is cut":     func(tr *testRig) error { return os.Truncate(tr.Log, 10) },
		} {
			tr := try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
			tr.Ask("get_me", "{}")
			if err := damage(tr); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(tr.forge.Requests()) > 0 {
					t.Errorf("%s: %d requests, %s", what, len(tr.forge.Requests()), answer.Object)
				}
			}
			for _, n := range []int{1, course.before} {
				tr := try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
				tr.at(n, false, func(*http.Request) http.Handler {
					if err := damage(tr); err != nil {
						t.Error(err)
					}
					return nil
				})
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(writesOf(tr.forge.Requests())) > 0 {
					t.Errorf("%s at request %d: %s", what, n, answer.Object)
				}
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(tr.forge.Requests()) > 0 {
					t.Errorf("%s, a call later: %s", what, answer.Object)
				}
			}
			tr = try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
			tr.atStep(len(course.steps), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := damage(tr); err != nil {
					t.Error(err)
				}
				base.ServeHTTP(w, r)
			}))
			answer := tr.call()
			if message := fmt.Sprint(answer.Refusal()["message"]); answer.Code != gate.AuditUnavailable || !strings.Contains(message, "was sent") ||
				len(writesOf(tr.forge.Requests())) != len(course.steps) {
				t.Errorf("%s after the write: %s", what, answer.Object)
			}
		}
	})
}

// A call that is given up, or takes too long, before anything was sent sends
// nothing any more.
func TestWrites_TimeEndsACall(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		course := try(t, base, tool, nil).course()
		slow := try(t, base, tool, func(c *gatetest.Config) { c.Timeout = 50 * time.Millisecond })
		slow.at(1, true, always(hanging))
		slow.refused("hanging", slow.call(), gate.Timeout, 0)
		tr := try(t, base, tool, nil)
		for _, n := range some(course.before) {
			answer := tr.givenUp(func(hanging http.Handler) { tr.at(n, true, always(hanging)) })
			tr.refused("given up", answer, gate.Timeout, 0)
		}
		unreachable := try(t, base, tool, func(c *gatetest.Config) { c.URL = "http://127.0.0.1:1" })
		unreachable.refused("nobody is there", unreachable.call(), gate.GiteaUnreachable, 0)
	})
}

// listedWrites is the list of what may change something once more, written without
// the matcher that is in force.
var listedWrites = regexp.MustCompile(`^(` +
	`POST /(issues|issues/\d+/comments|labels|milestones|branches|contents|pulls|pulls/\d+/reviews|releases|wiki/new|actions/workflows/[^/]+/dispatches|actions/runs/\d+/rerun)|` +
	`PATCH /(issues/\d+|issues/comments/\d+|pulls/\d+|releases/\d+|wiki/page/[^/]+)|` +
	`PUT /issues/\d+/labels` +
	`)$`)

// Without write mode nothing but questions leaves, whatever is called; with it what
// is on the list, to the one repository that may be written to, and only from
// tools that change something.
func TestI5_WhatAForgeSeesOfEveryTool(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	known := make(map[string]bool)
	for _, tool := range tools.All() {
		known[tool.Name] = true
	}
	for _, writing := range []bool{false, true} {
		t.Run(fmt.Sprintf("write mode %v", writing), func(t *testing.T) {
			t.Parallel()
			forge := giteatest.NewProxyTo(t, base)
			config := opened(t, changing()[0], gatetest.Config{URL: forge.URL})
			config.Policy = "version: 1\nrepositories: {\"*/*\": {write: allow, automation: allow, branches: {allow: [\"**\"]}}}\n" // the other keys have to do
			config.Write = writing
			door := gatetest.Open(t, config)
			for name, args := range samples {
				if !known[name] {
					continue
				}
				capability := ""
				for _, tool := range tools.All() {
					if tool.Name == name {
						capability = tool.Capability.String()
					}
				}
				for _, each := range []string{args, strings.ReplaceAll(args, `"website"`, `"playground"`), strings.ReplaceAll(args, `"website"`, `"service"`)} {
					forge.Reset()
					door.Anew() // that has read nothing yet
					door.Ask(name, each)
					for _, r := range writesOf(forge.Requests()) {
						below, ok := strings.CutPrefix(r.Path, "/api/v1/repos/"+writable)
						if !writing || capability == "read" || !ok || r.Query != "" || !listedWrites.MatchString(r.Method+" "+below) {
							t.Errorf("%s sent %s %s?%s", name, r.Method, r.Path, r.Query)
						}
					}
				}
			}
		})
	}
}

// Every code that a call can be refused by is told in docs/tools.md.
func TestDocsHaveEveryCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../gate/refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	_, refusals, _ := strings.Cut(string(page), "## Refusals")
	refusals, _, _ = strings.Cut(refusals, "\n## ")
	codes := regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 20 {
		t.Fatal("no codes found")
	}
	for _, code := range codes {
		if !strings.Contains(refusals, "`"+code[1]+"`") {
			t.Errorf("docs/tools.md does not tell of %s", code[1])
		}
	}
}
