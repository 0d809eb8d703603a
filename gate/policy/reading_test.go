package policy

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A repository or path that may not be read may not be written, whichever rule
// says so, and the decision names that rule.
func TestWritingNeedsReading(t *testing.T) {
	t.Parallel()
	check(t, `version: 1
repositories:
  "a/direct": {read: deny, write: allow, automation: allow}
  "b/*": {read: deny, reason: not yours}
  "b/wide": {write: allow, automation: allow}
  "c/files":
    write: allow
    paths: {deny: ["plans/**"], allow: ["**/*.md", ".gitea/**"]}
    write_paths: {allow: ["**", ".gitea/workflows/**"]}
`, []row{
		deny("policy.yaml:3 read", "create_issue", "a/direct"),
		deny("policy.yaml:3 read", "commit_files", "a/direct", "x.md").on("topic", NotDefault),
		deny("policy.yaml:3 read", "dispatch_workflow", "a/direct").on("topic", NotDefault),
		deny("policy.yaml:4 read", "create_issue", "b/wide"),
		deny("policy.yaml:4 read", "rerun_workflow", "b/wide"),
		allow("commit_files", "c/files", "docs/a.md").on("topic", NotDefault),
		deny("policy.yaml:8 paths.deny", "commit_files", "c/files", "docs/a.md", "plans/a.md").on("topic", NotDefault),
		deny("policy.yaml:8 paths.allow", "commit_files", "c/files", "docs/a.go").on("topic", NotDefault),
		deny("built-in paths.deny", "commit_files", "c/files", ".gitea/.env.md").on("topic", NotDefault),
	})
	check(t, `version: 1
defaults: {read: deny}
repositories:
  "a/unread": {write: allow}
  "a/read": {read: allow, write: allow}
`, []row{
		deny("policy.yaml:2 defaults.read", "create_issue", "a/unread"),
		allow("create_issue", "a/read"),
	})
	if d := parseDraft(t, "version: 1\nrepositories: {'b/*': {read: deny, reason: not yours}, b/c: {write: allow}}").Decide(ask("create_issue", "b/c")); d.Reason != "not yours" {
		t.Errorf("%+v", d)
	}
	if parseDraft(t, "version: 1\ndefaults: {read: deny}\nrepositories: {a/b: {write: allow}}").AllowsTool("create_issue", Write) {
		t.Error("a tool is offered that no call of could be allowed")
	}
}

// Files that hold credentials stay hidden under every policy that does not open
// them in so many words.
func TestBuiltinPathsHoldUnderEveryPolicy(t *testing.T) {
	t.Parallel()
	files := []string{".env", "a/.env.local", "server.pem", "tls/SERVER.PEM", "x.key", ".ssh/id_rsa", "home/.netrc", ".git-credentials", "a/.netrc/x"}
	for name, source := range map[string]string{
		"the least":             "version: 1\n",
		"said to be on":         "version: 1\nbuiltin_paths: on\n",
		"a deny of its own":     "version: 1\npaths: {deny: [\"secrets/**\"]}\n",
		"an allow of its own":   "version: 1\npaths: {allow: [\"**\", \"**/.env*\"]}\n",
		"a section that allows": "version: 1\nrepositories: {o/r: {read: allow, paths: {allow: [\"**\"], deny: []}}}\n",
	} {
		p := parseDraft(t, source)
		for _, file := range files {
			for _, d := range []Decision{p.Decide(ask("get_file_contents", "o/r", file)), p.Path(repository("o/r"), path(file))} {
				if d.Allow || d.Code != "path_denied" || d.Rule.String() != "built-in paths.deny" {
					t.Errorf("%s: %s: %+v", name, file, d)
				}
			}
		}
		if !strings.Contains(Describe(p), "by the built-in paths.deny: **/.env*, ") {
			t.Errorf("%s: %s", name, Describe(p))
		}
	}
	p, warnings, err := Parse("policy.yaml", []byte("version: 1\npaths: {deny: [\"**/*.pem\"]}\nbuiltin_paths: off\n"))
	if err != nil || len(warnings) != 1 || warnings[0].Line != 3 {
		t.Fatal(err, warnings)
	}
	said := warnings[0].Message
	if !strings.Contains(said, "**/.netrc") || strings.Contains(said, "pem") {
		t.Errorf("the warning is %q", said)
	}
	for _, file := range files {
		if d := p.Path(repository("o/r"), path(file)); d.Allow == strings.HasSuffix(strings.ToLower(file), ".pem") {
			t.Errorf("switched off: %s: %+v", file, d)
		}
	}
	if !strings.Contains(Describe(p), "the built-in paths.deny is off") || p.Summary().PathRules != 1 {
		t.Errorf("%s", Describe(p))
	}
}

// The policies that the documents show load without a warning and keep
// credentials back.
func TestDocumentedPoliciesKeepCredentialsBack(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../README.md", "../../docs/policy.md"} {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
			source, _, _ := strings.Cut(block, "```")
			if !strings.HasPrefix(source, "version: 1") {
				continue
			}
			found++
			p, warnings, err := Parse("policy.yaml", []byte(source))
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%s: %v %v", file, err, warnings)
			}
			for _, hidden := range []string{"src/.netrc", "src/id_rsa", "src/tls.key", "src/.git-credentials", "src/.env", "src/a.pem", "secrets/x"} {
				if p.Path(repository("acme/service"), path(hidden)).Allow {
					t.Errorf("%s: its example opens %s", file, hidden)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s shows no policy", file)
		}
	}
}

// Every key that a policy may have is in the table of docs/policy.md.
func TestKeysAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Keys\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for where, source := range map[string]string{
		"":          "version: 1\nx: 1\n",
		"defaults.": "version: 1\ndefaults: {x: 1}\n",
		"section ":  "version: 1\nrepositories: {a/b: {x: 1}}\n",
		"flow.":     "version: 1\nflow: {x: 1}\n",
		"limits.":   "version: 1\nlimits: {x: 1}\n",
		"secrets.":  "version: 1\nsecrets: {x: 1}\n",
	} {
		_, _, err := Parse("policy.yaml", []byte(source))
		_, known, ok := strings.Cut(fmt.Sprint(err), "known here: ")
		if !ok {
			t.Fatalf("%q: %v", source, err)
		}
		known, _, _ = strings.Cut(known, "\n")
		for key := range strings.SplitSeq(known, ", ") {
			if !regexp.MustCompile("`[^`]*\\b" + key + "\\b").MatchString(table) {
				t.Errorf("%s%s is not documented", where, key)
			}
		}
	}
}
