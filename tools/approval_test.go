package tools_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
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
