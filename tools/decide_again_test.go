package tools_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// Whatever tool a decision was about, it can be decided again from the log: what was
// allowed, what was denied, and what a human was asked about.
func TestEveryToolsDecisionsCanBeDecidedAgain(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			writes := tool.Capability != policy.Read
			rows := []struct {
				policy, want string
				onlyWrites   bool
			}{
				{opening, "outcome ", false},
				{opening + "tools: {deny: [" + tool.Name + "]}\n", "static deny policy_denied", false},
				{opening + "approve: [" + tool.Name + "]\n", "resolved ask approve", true},
				{opening + "flow: {private_to_public: ask}\n", "resolved ask flow", true},
				{opening, "outcome flow_denied", true},
			}
			for _, row := range rows {
				if row.onlyWrites && !writes {
					continue
				}
				tr := try(t, base, tool, func(c *gatetest.Config) { c.Policy = row.policy })
				tr.Human = func(string) bool { return true }
				if strings.Contains(row.want, "flow") {
					tr.Ask("get_issue", `{"owner":"acme","repo":"service","number":1}`) // a private repository's
				}
				tr.call()
				if seen := tr.DecideAgain(row.policy, ""); seen[row.want] == 0 {
					t.Errorf("under\n%sthere is no %q, but %v", row.policy, row.want, seen)
				}
			}
		})
	}
}

// generated is a policy of some rules that are about what the samples touch, and that can
// have an effect.
func generated(random *rand.Rand) string {
	for {
		source := someRules(random)
		if _, _, err := policy.Parse("policy.yaml", []byte(source)); err == nil {
			return source
		}
	}
}

func someRules(random *rand.Rand) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nflow: {private_to_public: %s, untrusted_to_write: %s}\n", pick("deny", "ask", "allow"), pick("deny", "ask", "allow"))
	some := func(line string) {
		if random.IntN(3) == 0 {
			b.WriteString(line)
		}
	}
	some("paths: {deny: [\"" + pick("secrets/**", "README.md", "pages/**", "docs/**") + "\"]}\n")
	some("approve: [" + pick("create_issue", "commit_files", "dispatch_workflow") + "]\n")
	b.WriteString("repositories:\n  \"" + writable + "\":\n    write: allow\n")
	some("    automation: allow\n")
	some("    branches: {" + pick("allow", "deny") + ": [\"" + pick("agent/**", "main", "**") + "\"]}\n")
	some("    write_paths: {" + pick("allow", "deny") + ": [\"" + pick("pages/**", "docs/**", "**") + "\"]}\n")
	some("    paths: {allow: [\"" + pick("pages/**", "**", "README.md") + "\"]}\n")
	some("    tools: {deny: [" + pick("get_file_contents", "create_comment", "list_commits", "edit_release") + "]}\n")
	some("  \"acme/*\": {read: " + pick("allow", "deny") + "}\n")
	return b.String()
}

// All tools in one session, in any order, under policies of any rules.
func TestEveryDecisionOfASessionCanBeDecidedAgain(t *testing.T) {
	t.Parallel()
	base, seen := unplanted(t), map[string]int{}
	rounds := uint64(12)
	if testing.Short() {
		rounds = 3
	}
	for seed := range rounds {
		random := rand.New(rand.NewPCG(seed, 37))
		source := generated(random)
		all := tools.All()
		tr := try(t, base, changing()[0], func(c *gatetest.Config) { c.Policy = source })
		tr.Human = func(string) bool { return random.IntN(2) == 0 }
		for _, i := range random.Perm(len(all)) {
			args := samples[all[i].Name]
			if all[i].Capability != policy.Read && random.IntN(3) == 0 {
				args = strings.TrimSuffix(args, "}") + `,"dry_run":true}`
			}
			if random.IntN(2) == 0 {
				args = strings.ReplaceAll(args, `"website"`, `"service"`)
			}
			tr.Ask(all[i].Name, args)
		}
		for kind, n := range tr.DecideAgain(source, "") {
			seen[kind] += n
		}
	}
	for _, kind := range []string{"static allow ", "static deny policy_denied", "resolved allow ", "resolved ask flow", "outcome ", "outcome flow_denied"} {
		if seen[kind] == 0 && !testing.Short() {
			t.Errorf("no %q among %v", kind, seen)
		}
	}
}
