package expect

import (
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/jobs/document"
)

const examples = "../../../testdata/policies/examples"

// Each policy that was made of a requirement decides as its author expects, in each of its
// rules; it warns of nothing, keeps credentials back and is listed in the documents.
func TestExamplesAreAsExpected(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(examples, "*.test.yaml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".test.yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, source := load(t, strings.TrimSuffix(file, ".test.yaml")+".yaml")
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all, err := Parse(file, raw)
			if err != nil {
				t.Fatal(err)
			}
			report := Run(p, file, all)
			for _, result := range report.Results {
				if result.Failure != "" {
					t.Errorf("%d: %s: %s\n%s", result.Line, result.Title(), result.Failure, result.Told)
				}
			}
			for _, rule := range Untouched(p, []Report{report}) {
				t.Errorf("nobody expects anything of %s %s", rule, rule.Pattern)
			}
			if !strings.HasPrefix(source, "# ") {
				t.Error("it does not begin with what it is for")
			}
			if !strings.Contains(string(page), "`testdata/policies/examples/"+name+".yaml`") {
				t.Error("docs/policy.md does not list it")
			}
		})
	}
}

func load(t *testing.T, file string) (*policy.Policy, string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, warnings, err := policy.Parse(file, source)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", err, warnings)
	}
	return p, string(source)
}

// What is not as expected is told, by the rule that decided.
func TestWhatIsNotAsExpectedFails(t *testing.T) {
	t.Parallel()
	p, _, err := policy.Parse("policy.yaml", []byte(`version: 1
paths: {deny: ["secrets/**"]}
repositories:
  acme/app:
    - {write: allow, approve: [create_issue]}
    - {principals: ["ci-1"], write: deny}
`))
	if err != nil {
		t.Fatal(err)
	}
	for test, failure := range map[string]string{
		"{call: {tool: get_file_contents, repository: a/b, path: secrets/x}, expect: deny, code: path_denied, rule: paths.deny}": "",
		"{call: {tool: get_file_contents, repository: a/b, path: secrets/x}, expect: deny, rule: \"policy.yaml:2 paths.deny\"}":  "",
		"{call: {tool: get_file_contents, repository: a/b, path: secrets/x}, expect: deny, rule: \"policy.yaml:3 paths.deny\"}":  "expected the rule",
		"{call: {tool: get_file_contents, repository: a/b, path: secrets/x}, expect: deny, code: policy_denied}":                 "expected the code policy_denied, got path_denied",
		"{call: {tool: get_file_contents, repository: a/b, path: secrets/x}, expect: allow}":                                     "expected allow, got deny by policy.yaml:2 paths.deny",
		"{call: {tool: create_issue, repository: acme/app, principal: ann}, expect: ask, rule: approve}":                         "",
		"{call: {tool: create_issue, repository: acme/app, principal: ann}, expect: allow}":                                      "got ask by policy.yaml:5 approve",
		"{call: {tool: create_label, repository: acme/app, principal: \"ci-*\"}, expect: allow}":                                 "for ci-1",
		"{call: {tool: create_label, repository: acme/app, principal: \"ci-[2-9]\"}, expect: allow}":                             "",
		"{call: {tool: get_repository, repository: x/fork, fork_of: [acme/app]}, expect: allow}":                                 "",
	} {
		all, err := Parse("policy.test.yaml", []byte("version: 1\ntests:\n  - "+test+"\n"))
		if err != nil {
			t.Errorf("%s: %v", test, err)
			continue
		}
		result := Run(p, "policy.test.yaml", all).Results[0]
		if (failure == "") != (result.Failure == "") || !strings.Contains(result.Failure, failure) || result.Line != 3 {
			t.Errorf("%s: line %d, %q", test, result.Line, result.Failure)
		}
	}
}

// What says less than it seems to does not load.
func TestWrongFilesDoNotLoad(t *testing.T) {
	t.Parallel()
	for source, why := range map[string]string{
		"":                          "",
		"version: 1\n":              "nothing to test",
		"version: 1\ntests: []\n":   "something in it",
		"version: 2\ntests: [{}]\n": "version",
		"tests:\n  - {call: {tool: get_me}, expect: allow}\n":                                                          "version",
		"version: 1\ntests:\n  - {call: {tool: get_me}}\n":                                                             "what to expect",
		"version: 1\ntests:\n  - {expect: allow}\n":                                                                    "has a call",
		"version: 1\ntests:\n  - {call: {tool: get_me}, expect: allowed}\n":                                            "expect must be",
		"version: 1\ntests:\n  - {call: {tool: get_me}, expect: allow, code: path_denied}\n":                           "only a refusal",
		"version: 1\ntests:\n  - {call: {tool: get_me}, expect: deny, code: denied}\n":                                 "code must be",
		"version: 1\ntests:\n  - {call: {tool: get_mee}, expect: deny}\n":                                              "did you mean get_me",
		"version: 1\ntests:\n  - {call: {tool: get_issue}, expect: deny}\n":                                            "needs a repository",
		"version: 1\ntests:\n  - {call: {tool: get_issue, repo: a/b}, expect: deny}\n":                                 "no key",
		"version: 1\ntests:\n  - {call: {tool: get_issue, repository: a}, expect: deny}\n":                             "can be no call",
		"version: 1\ntests:\n  - {call: {tool: get_issue, repository: a/b, branch: x}, expect: deny}\n":                "only reads",
		"version: 1\ntests:\n  - {call: {tool: get_issue, repository: a/b, writes: [x]}, expect: deny}\n":              "only reads",
		"version: 1\ntests:\n  - {call: {tool: get_file_contents, repository: a/b, path: ../x}, expect: deny}\n":       "can be no call",
		"version: 1\ntests:\n  - {call: {tool: commit_files, repository: a/b, path: x}, expect: deny}\n":               "what is written",
		"version: 1\ntests:\n  - {call: {tool: commit_files, repository: a/b, default_branch: true}, expect: deny}\n":  "which branch",
		"version: 1\ntests:\n  - {call: {tool: commit_files, repository: a/b, branch: a..b}, expect: deny}\n":          "can be no call",
		"version: 1\ntests:\n  - {call: {tool: get_me, path: x}, expect: deny}\n":                                      "need a repository",
		"version: 1\ntests:\n  - {call: {tool: get_me}, expect: allow, expects: deny}\n":                               "no key",
		"version: 1\ntests:\n  - {call: {tool: get_me}, expect: allow}\n  - {call: {tool: get_me}, expect: &a deny}\n": "anchor",
	} {
		_, err := Parse("x.test.yaml", []byte(source))
		var invalid *document.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", source, err, why)
		}
	}
}

func TestJUnitIsXML(t *testing.T) {
	t.Parallel()
	all, err := Parse("a.test.yaml", []byte("version: 1\ntests:\n  - {name: \"<&\", call: {tool: get_me}, expect: deny}\n  - {call: {tool: get_me}, expect: allow}\n"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := WriteJUnit(&out, []Report{Run(policy.Builtin(), "a.test.yaml", all)}); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Name    string `xml:"name,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &read); err != nil {
		t.Fatal(err)
	}
	if read.Tests != 2 || read.Failures != 1 || len(read.Suites) != 1 || read.Suites[0].Cases[0].Name != "<&" || read.Suites[0].Cases[0].Failure == nil || read.Suites[0].Cases[1].Failure != nil || read.Suites[0].Cases[1].Line != 4 || read.Suites[0].Cases[0].Failure.Message == "" {
		t.Errorf("%s", out.String())
	}
}

// FuzzParse: no text makes the reader panic; each expectation that is read is a call, and
// its decision is the policy's own.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(examples, "*.test.yaml"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := Parse("x.test.yaml", raw)
		if err != nil {
			return
		}
		report := Run(policy.Builtin(), "x.test.yaml", all)
		for _, result := range report.Results {
			c, err := result.Call.Case()
			if err != nil {
				t.Fatalf("%+v: %v", result.Call, err)
			}
			if d := policy.Builtin().Decide(c); result.Failure == "" && d.Verdict() != result.Expect {
				t.Fatalf("%+v is decided %s", result.Call, d.Verdict())
			}
		}
	})
}
