package serve

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// shown is the names in every list.
func (f *face) shown(t *testing.T) (toolNames, resources, prompts []string) {
	t.Helper()
	listed, err := f.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range listed.Tools {
		toolNames = append(toolNames, tool.Name)
	}
	templates, err := f.ListResourceTemplates(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range templates.ResourceTemplates {
		resources = append(resources, template.Name)
	}
	known, err := f.ListPrompts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, prompt := range known.Prompts {
		prompts = append(prompts, prompt.Name)
	}
	return toolNames, resources, prompts
}

// thatRead are the tools of a session that does not write.
func thatRead() []tools.Tool {
	return slices.DeleteFunc(tools.All(), func(tool tools.Tool) bool { return tool.Capability != policy.Read })
}

// Lists follow the policy in force; calls are decided by the gate all the same.
func TestListsLeaveOutWhatPolicyNeverAllows(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			f := visit(t, era, sampled(t, nil), gatetest.Config{Policy: "version: 1\n"})
			all, resources, prompts := f.shown(t)
			if len(all) != len(thatRead()) || len(resources) != 4 || len(prompts) != 3 {
				t.Errorf("shown: %q, %q, %q", all, resources, prompts)
			}
			if list, err := f.ListResources(t.Context(), nil); err != nil || list.Resources == nil || len(list.Resources) != 0 {
				t.Errorf("resources: %v, %v", list, err)
			}

			f.change(t, "version: 1\ntools: {deny: [get_issue, get_file_contents, compare_refs]}\n")
			some, resources, prompts := f.shown(t)
			want := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
				return slices.Contains([]string{"get_issue", "get_file_contents", "compare_refs"}, name)
			})
			if !slices.Equal(some, want) || !slices.Equal(resources, []string{"commit", "pull"}) || !slices.Equal(prompts, []string{"review_pull_request"}) {
				t.Errorf("shown: %q, %q, %q", some, resources, prompts)
			}

			f.forge.Reset()
			result, err := f.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_issue", Arguments: map[string]any{"owner": "acme", "repo": "website", "number": 1}})
			if err != nil || !result.IsError || f.last()["code"] != "policy_denied" {
				t.Errorf("a tool that is not listed: %+v, %v", result, err)
			}
			_, err = f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "gitea://acme/website/issue/1"})
			if _, _, kind, _ := failed(t, err); kind != "policy_denied" || len(f.forge.Requests()) > 0 {
				t.Errorf("a resource that is not listed: %v", err)
			}

			f.change(t, "version: 1\ndefaults: {read: deny}\nrepositories: {'acme/*': {read: allow, tools: {allow: [get_file_tree]}}}\n")
			if few, _, _ := f.shown(t); !slices.Contains(few, "get_file_tree") || slices.Contains(few, "get_commit") || !slices.Contains(few, "get_me") {
				t.Errorf("shown: %q", few)
			}
			f.change(t, "version: 1\n")
			if again, _, _ := f.shown(t); !slices.Equal(again, all) {
				t.Errorf("shown: %q", again)
			}
			loaded := 0
			if _, err := f.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_me"}); err != nil {
				t.Error(err)
			}
			for _, entry := range f.door.Entries() {
				if entry["kind"] == "policy" {
					loaded++
				}
			}
			if loaded != 3 {
				t.Errorf("the log has %d changes of the policy, want those that lists met, too: 3", loaded)
			}
		})
	}
}

func (f *face) change(t *testing.T, text string) {
	t.Helper()
	next := f.door.Policy + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, f.door.Policy); err != nil {
		t.Fatal(err)
	}
}

// Tools that write are listed where all three keys are there.
func TestI8_ToolsThatWriteAreListedOnlyWhereTheyCouldWork(t *testing.T) {
	t.Parallel()
	toy := tools.All()[0]
	toy.Name, toy.Capability = "create_issue", policy.Write
	repo, err := canon.ParseRepo("acme", "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	const allowed = "version: 1\nrepositories: {'acme/sandbox': {write: allow}}\n"
	for name, c := range map[string]struct {
		config gatetest.Config
		listed bool
	}{
		"all three":                       {gatetest.Config{Write: true, Repos: []canon.Repo{repo}, Policy: allowed}, true},
		"no write mode":                   {gatetest.Config{Repos: []canon.Repo{repo}, Policy: allowed}, false},
		"no whitelist":                    {gatetest.Config{Write: true, Policy: allowed}, false},
		"no policy":                       {gatetest.Config{Write: true, Repos: []canon.Repo{repo}}, false},
		"a policy for another repository": {gatetest.Config{Write: true, Repos: []canon.Repo{repo}, Policy: "version: 1\nrepositories: {'acme/other': {write: allow}}\n"}, false},
		"a policy against the tool":       {gatetest.Config{Write: true, Repos: []canon.Repo{repo}, Policy: "version: 1\nrepositories: {'acme/sandbox': {write: allow, tools: {deny: [create_issue]}}}\n"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.config.Tools = []tools.Tool{toy}
			f := visit(t, eras[0], sampled(t, nil), c.config)
			if listed, _, _ := f.shown(t); slices.Contains(listed, "create_issue") != c.listed {
				t.Errorf("listed: %q", listed)
			}
		})
	}
}

// Of all registered tools those that change something are listed with write mode
// only, each class where it is open, and each as it is: a client that is told that
// a tool only reads does not ask before it calls.
func TestI8_EveryToolIsListedAsWhatItIs(t *testing.T) {
	t.Parallel()
	repo, err := canon.ParseRepo("acme", "website")
	if err != nil {
		t.Fatal(err)
	}
	policyOf := func(open string) string {
		return "version: 1\nrepositories: {'acme/website': {" + open + "}}\n"
	}
	for _, era := range eras {
		for name, c := range map[string]struct {
			write  bool
			policy string
			listed []policy.Capability
		}{
			"no write mode":   {false, policyOf("write: allow, automation: allow"), []policy.Capability{policy.Read}},
			"all of it":       {true, policyOf("write: allow, automation: allow"), []policy.Capability{policy.Read, policy.Write, policy.Automation}},
			"writes":          {true, policyOf("write: allow"), []policy.Capability{policy.Read, policy.Write}},
			"automation":      {true, policyOf("automation: allow"), []policy.Capability{policy.Read, policy.Automation}},
			"nothing is open": {true, "version: 1\n", []policy.Capability{policy.Read}},
		} {
			t.Run(era+" "+name, func(t *testing.T) {
				t.Parallel()
				f := visit(t, era, sampled(t, nil), gatetest.Config{Write: c.write, Repos: []canon.Repo{repo}, Policy: c.policy})
				listed, err := f.ListTools(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				var want []tools.Tool
				for _, tool := range tools.All() {
					if slices.Contains(c.listed, tool.Capability) {
						want = append(want, tool)
					}
				}
				if len(listed.Tools) != len(want) {
					t.Fatalf("%d tools are listed, want %d", len(listed.Tools), len(want))
				}
				slices.SortFunc(want, func(a, b tools.Tool) int { return strings.Compare(a.Name, b.Name) })
				for i, tool := range want {
					shown := listed.Tools[i]
					if shown.Name != tool.Name || shown.Annotations == nil || shown.Annotations.DestructiveHint == nil {
						t.Fatalf("%s is listed as %s, with %+v", tool.Name, shown.Name, shown.Annotations)
					}
					if reads := tool.Capability == policy.Read; shown.Annotations.ReadOnlyHint != reads || *shown.Annotations.DestructiveHint != tool.Hints.Destructive ||
						shown.Annotations.IdempotentHint != tool.Hints.Idempotent || shown.Annotations.OpenWorldHint != nil { // it is true if left out
						t.Errorf("%s: %+v", tool.Name, shown.Annotations)
					}
				}
				for _, tool := range tools.All() { // what is not listed is refused all the same
					if tool.Capability == policy.Read || slices.Contains(c.listed, tool.Capability) {
						continue
					}
					f.forge.Reset()
					result, err := f.CallTool(t.Context(), &mcp.CallToolParams{Name: tool.Name, Arguments: map[string]any{"owner": "acme", "repo": "website"}})
					if code := f.last()["code"]; err != nil || !result.IsError || len(f.forge.Requests()) > 0 ||
						!c.write && code != "write_mode_off" || c.write && code != "policy_denied" && code != "invalid_arguments" {
						t.Errorf("%s, which is not listed: %v, %v, %+v", tool.Name, code, err, result)
					}
				}
			})
		}
	}
}

// What a client's model is told of the tools costs little of its context.
func TestTheListOfToolsIsShort(t *testing.T) {
	t.Parallel()
	repo, err := canon.ParseRepo("acme", "website")
	if err != nil {
		t.Fatal(err)
	}
	const open = "version: 1\nrepositories: {'acme/website': {write: allow, automation: allow}}\n"
	for name, c := range map[string]struct {
		config gatetest.Config
		listed []tools.Tool
		most   int // bytes a tool
	}{
		"reading": {gatetest.Config{}, thatRead(), 600},
		"writing": {gatetest.Config{Write: true, Repos: []canon.Repo{repo}, Policy: open}, tools.All(), 600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := visit(t, eras[0], sampled(t, nil), c.config)
			listed, err := f.ListTools(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(listed)
			if err != nil {
				t.Fatal(err)
			}
			if average := len(raw) / len(listed.Tools); average > c.most {
				t.Errorf("%d bytes a tool", average)
			}
			if len(listed.Tools) != len(c.listed) {
				t.Errorf("%d tools", len(listed.Tools))
			}
		})
	}
}
