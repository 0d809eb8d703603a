package policy

import (
	"strings"
	"testing"

	"aegis/internal/canon"
)

// The specification: one policy, what it allows and what it denies.

const specification = `version: 1
defaults: {read: allow, write: deny, automation: deny}
tools: {deny: [get_job_log]}
paths: {deny: ["**/.env", "**/*.pem", "secrets/**"]}
repositories:
  "acme/service-a":
    tools: {allow: [get_file_contents, get_file_tree, list_commits]}
    paths: {allow: ["src/**"], deny: ["src/secrets/**"]}
  "acme/hr-*":
    read: deny
    reason: people data stays out of model context
  "Acme/Sandbox":
    write: allow
    branches: {allow: ["agent/**"]}
    write_paths: {allow: ["docs/**", ".gitea/workflows/docs.yml"]}
    approve: [create_pull_request]
  "acme/open":
    write: allow
  "acme/open*":
    paths: {deny: ["internal"]}
  "*/wiki":
    automation: allow
  "acme/narrow":
    write: allow
    paths: {allow: ["src/*.go"]}
flow: {private_to_public: deny, forget_after: 8h}
limits: {calls_per_minute: 120, bytes_per_answer: 65536}
`

type row struct {
	query Case
	want  wanted
}

// allow and deny make rows: a tool, a repository ("" for none), then paths, of
// which one that ends in a slash is a folder.
func allow(tool, repo string, paths ...string) row {
	return row{ask(tool, repo, paths...), wanted{Allow: true}}
}

func deny(rule, tool, repo string, paths ...string) row {
	code := "policy_denied"
	if strings.Contains(rule, "paths") {
		code = "path_denied"
	}
	if strings.Contains(rule, "branches") {
		code = "branch_denied"
	}
	return row{ask(tool, repo, paths...), wanted{Code: Code(code), Rule: rule}}
}

func (r row) on(branch string, standing DefaultBranch) row {
	r.query.Branch, r.query.Default = branch, standing
	return r
}

func (r row) asking() row {
	r.want.Ask = true
	return r
}

func ask(tool, repo string, paths ...string) Case {
	c, _ := ToolCapability(tool)
	q := Case{Tool: tool, Capability: c, Repo: repository(repo)}
	for _, text := range paths {
		folder, isFolder := strings.CutSuffix(text, "/")
		q.Folder = q.Folder || isFolder
		q.Paths = append(q.Paths, path(folder))
	}
	return q
}

func repository(name string) canon.Repo {
	if name == "" {
		return canon.Repo{}
	}
	repo, err := canon.ParseFullName(name)
	if err != nil {
		panic(err)
	}
	return repo
}

func path(text string) canon.Path {
	if text == "" {
		return canon.Path{}
	}
	p, err := canon.ParsePath(text)
	if err != nil {
		panic(err)
	}
	return p
}

func parse(t testing.TB, source string) *Policy {
	t.Helper()
	p, _, err := Parse("policy.yaml", []byte(source))
	if err != nil {
		t.Fatalf("policy does not load:\n%v", err)
	}
	return p
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	check(t, specification, []row{
		// Reading is allowed by default, tools and paths are filtered everywhere.
		allow("get_repository", "other/thing"),
		allow("get_me", ""),
		allow("list_repositories", ""),
		deny("policy.yaml:3 tools.deny", "get_job_log", "other/thing"),
		allow("get_file_contents", "other/thing", "README.md"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/thing", "deep/er/.env"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/thing", "KEY.PEM"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/thing", "README.md", "secrets/x"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/thing", "SECRETS/x/y"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/thing", "\u017fecrets/x"), // long s folds to s
		allow("get_file_contents", "other/thing", "not-secrets/x"),
		deny("policy.yaml:4 paths.deny", "get_file_tree", "other/thing", "secrets/"),
		allow("get_file_tree", "other/thing", "/"),

		// An allow-list of tools and paths narrows.
		allow("get_file_contents", "acme/service-a", "src/main.go"),
		allow("get_file_contents", "ACME/Service-A", "src/main.go"),
		deny("policy.yaml:7 tools.allow", "get_repository", "acme/service-a"),
		deny("policy.yaml:8 paths.allow", "get_file_contents", "acme/service-a", "SRC/main.go"),
		deny("policy.yaml:8 paths.allow", "get_file_contents", "acme/service-a", "README.md"),
		deny("policy.yaml:8 paths.deny", "get_file_contents", "acme/service-a", "src/secrets/key"),
		deny("policy.yaml:8 paths.deny", "get_file_contents", "acme/service-a", "src/Secrets/key"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "acme/service-a", "src/tls.pem"),
		allow("get_file_tree", "acme/service-a", "/"),
		allow("get_file_tree", "acme/service-a", "src/"),
		deny("policy.yaml:8 paths.allow", "get_file_tree", "acme/service-a", "docs/"),
		deny("policy.yaml:8 paths.deny", "get_file_tree", "acme/service-a", "src/secrets/"),

		// A denied repository.
		deny("policy.yaml:10 read", "get_repository", "acme/hr-data"),
		deny("policy.yaml:10 read", "get_file_contents", "acme/HR-data", "README.md"),
		deny("policy.yaml:2 defaults.write", "create_issue", "acme/hr-data"),
		allow("get_repository", "acme/hr"),

		// Denying a folder denies what is in it.
		deny("policy.yaml:20 paths.deny", "get_file_contents", "acme/opened", "internal/x/y.go"),
		deny("policy.yaml:20 paths.deny", "get_file_tree", "acme/open", "internal/x/"),
		allow("get_file_contents", "acme/open", "internals/y.go"),

		// Writing.
		deny("policy.yaml:2 defaults.write", "create_issue", "other/thing"),
		allow("create_issue", "acme/sandbox"),
		allow("create_pull_request", "acme/sandbox").on("agent/x", NotDefault).asking(),
		allow("commit_files", "acme/sandbox", "docs/a.md").on("agent/x", AskedLater),
		allow("commit_files", "acme/sandbox", ".gitea/workflows/docs.yml").on("agent/x", NotDefault),
		deny("policy.yaml:15 write_paths.allow", "commit_files", "acme/sandbox", ".gitea/workflows/ci.yml").on("agent/x", NotDefault),
		deny("policy.yaml:15 write_paths.allow", "commit_files", "acme/sandbox", "docs/a.md", "src/a.go").on("agent/x", NotDefault),
		deny("policy.yaml:4 paths.deny", "commit_files", "acme/sandbox", "docs/a.pem").on("agent/x", NotDefault),
		deny("policy.yaml:14 branches.allow", "commit_files", "acme/sandbox", "docs/a.md").on("main", IsDefault),
		deny("policy.yaml:14 branches.allow", "commit_files", "acme/sandbox", "docs/a.md").on("Agent/x", NotDefault),
		allow("commit_files", "acme/open", "a.md").on("topic", NotDefault),
		allow("commit_files", "acme/open", "a.md").on("topic", AskedLater),
		deny("policy.yaml branches", "commit_files", "acme/open", "a.md").on("main", IsDefault),
		deny("policy.yaml write_paths", "commit_files", "acme/open", ".github/workflows/x.yml").on("topic", NotDefault),
		deny("policy.yaml write_paths", "commit_files", "acme/open", ".GitHub/workflows/x.yml").on("topic", NotDefault),
		deny("policy.yaml write_paths", "commit_files", "acme/open", ".woodpecker.yaml").on("topic", NotDefault),
		deny("policy.yaml write_paths", "commit_files", "acme/open", ".drone.yml").on("topic", NotDefault),

		// A folder is listed, not written: what may merely contain what passes does not pass.
		allow("get_file_tree", "acme/narrow", "src/"),
		deny("policy.yaml:25 paths.allow", "commit_files", "acme/narrow", "src/").on("topic", NotDefault),

		// Automation.
		allow("dispatch_workflow", "any/wiki").on("topic", NotDefault),
		deny("policy.yaml:2 defaults.automation", "dispatch_workflow", "acme/open"),

		// What makes no sense is denied.
		{Case{}, wanted{Code: "policy_denied", Rule: "policy.yaml tools"}},
		{Case{Tool: "get_me"}, wanted{Code: "policy_denied", Rule: "policy.yaml tools"}},
		{Case{Tool: "merge_pull_request", Capability: Write}, wanted{Code: "policy_denied", Rule: "policy.yaml tools"}},
		{Case{Tool: "create_issue", Capability: Read, Repo: repository("a/b")}, wanted{Code: "policy_denied", Rule: "policy.yaml tools"}},
		deny("policy.yaml repositories", "get_repository", ""),
		deny("policy.yaml repositories", "create_issue", ""),
		{Case{Tool: "get_me", Capability: Read, Branch: "x"}, wanted{Code: "policy_denied", Rule: "policy.yaml repositories"}},
	})
}

// wanted is what of a decision a row tells.
type wanted struct {
	Allow, Ask bool
	Code       Code
	Rule       string
}

func check(t *testing.T, source string, rows []row) {
	t.Helper()
	p := parseDraft(t, source) // some rows are about rules that others overrule
	for _, row := range rows {
		got := p.Decide(row.query)
		rule := got.Rule.String()
		if row.want.Allow {
			rule = row.want.Rule
		}
		if got.Allow != row.want.Allow || got.Code != row.want.Code || rule != row.want.Rule || got.Ask != row.want.Ask {
			t.Errorf("%+v\n got %+v\nwant %+v", row.query, got, row.want)
		}
	}
}
