package policy

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse: no text makes the loader panic; text that loads says the same
// when it is loaded again and decides everything, and twice alike.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		files, err := filepath.Glob(filepath.Join(corpus, folder, "*.yaml"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	queries := []Case{
		ask("get_me", ""), ask("get_repository", "acme/hr-x"), ask("get_file_contents", "a/b", "secrets/x", ".env"),
		ask("get_file_tree", "acme/service-a", "src/"), ask("commit_files", "acme/sandbox", "docs/a"), ask("dispatch_workflow", "acme/x"), {},
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		p, warnings, err := Parse("policy.yaml", source)
		if err != nil {
			if p != nil || err.Error() == "" {
				t.Fatal("an error with a policy, or without a text")
			}
			return
		}
		for _, w := range warnings {
			_ = w.String()
		}
		again, _, err := Parse("policy.yaml", source)
		if err != nil || Describe(again) != Describe(p) || again.SHA256() != p.SHA256() {
			t.Fatalf("loads differently the second time: %v", err)
		}
		for _, q := range queries {
			d := p.Decide(q)
			if d != again.Decide(q) || d != p.Explain(q).Decision || d.Rule.String() == "" {
				t.Fatalf("%+v is decided differently: %+v", q, d)
			}
		}
		if p.Decide(Case{}).Allow {
			t.Fatal("the zero query is allowed")
		}
	})
}
