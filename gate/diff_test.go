package gate

import (
	"slices"
	"strings"
	"testing"
)

func paths(f diffFile) string {
	var all []string
	for _, p := range slices.Concat(f.paths, f.targets) {
		all = append(all, p.String())
	}
	return strings.Join(all, " ")
}

func TestDiffsAreReadByFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		diff  string
		paths []string // of each file; "?" where they can't all be read
	}{
		"a change":        {"diff --git a/x.go b/x.go\nindex 1..2 100644\n--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n", []string{"x.go x.go x.go"}},
		"two files":       {"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", []string{"x x x", "y y y"}},
		"a new file":      {"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n", []string{"x x"}},
		"a mode":          {"diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\n", []string{"x y"}},
		"a rename":        {"diff --git a/secrets/x b/open/y\nsimilarity index 100%\nrename from secrets/x\nrename to open/y\n", []string{"secrets/x open/y"}},
		"a copy":          {"diff --git a/secrets/x b/y\nsimilarity index 100%\ncopy from secrets/x\ncopy to y\n", []string{"secrets/x y"}},
		"binary":          {"diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", []string{"x"}},
		"quoted":          {"diff --git \"a/\\303\\274\" \"b/\\303\\274\"\n--- \"a/\\303\\274\"\n+++ \"b/\\303\\274\"\n@@ -1 +1 @@\n-a\n+b\n", []string{"ü ü ü ü"}},
		"content lies":    {"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-diff --git a/y b/y\n+diff --git a/z b/z\n \n", []string{"x x x"}},
		"hunk like names": {"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a/y\n+++ b/y\n", []string{"x x x"}},
		"unreadable":      {"diff --git a/x b/y\nindex 1..2\n", []string{"?"}},
		"not canonical":   {"diff --git a/a/../x b/a/../x\n--- a/a/../x\n+++ b/a/../x\n@@ -1 +1 @@\n-a\n+b\n", []string{"?"}},
		"a link":          {"diff --git a/d/l b/d/l\nnew file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/d/l\n@@ -0,0 +1 @@\n+../secrets/x\n\\ No newline at end of file\n", []string{"d/l d/l secrets/x secrets/x"}},
		"a link no more":  {"diff --git a/l b/l\nindex 1..2 120000\n--- a/l\n+++ b/l\n@@ -1 +1 @@\n-secrets/x\n\\ No newline at end of file\n+y\n", []string{"l l l secrets/x secrets/x secrets/x y y y"}},
		"a link outside":  {"diff --git a/l b/l\ndeleted file mode 120000\n--- a/l\n+++ /dev/null\n@@ -1 +0,0 @@\n-../x\n", []string{"?"}},
		"a link to root":  {"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n", []string{"?"}},
		"no link":         {"diff --git a/l b/l\nnew file mode 100644\n--- /dev/null\n+++ b/l\n@@ -0,0 +2 @@\n+new file mode 120000\n+/etc/passwd\n", []string{"l l"}},
		"words before":    {"commit message\nsecrets\ndiff --git a/x b/x\nold mode 1\n", []string{"x"}},
		"nothing":         {"", nil},
	} {
		files := slices.Collect(splitDiff(c.diff))
		if len(files) != len(c.paths) {
			t.Errorf("%s: %d files", name, len(files))
			continue
		}
		for i, f := range files {
			got := paths(f)
			if !f.known {
				got = "?"
			}
			if got != c.paths[i] {
				t.Errorf("%s: %q, want %q", name, got, c.paths[i])
			}
		}
	}
}

// FuzzSplitDiff holds that the parts put together are the diff from its first
// header on, and that a part with readable paths names one.
func FuzzSplitDiff(f *testing.F) {
	f.Add("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
	f.Add("diff --git \"a/\\303\" b/x\nrename from x\nrename to \"y\"\n")
	f.Fuzz(func(t *testing.T, diff string) {
		var whole strings.Builder
		for file := range splitDiff(diff) {
			whole.WriteString(file.text)
			if strings.Count("\n"+file.text, "\n"+diffHeader) != 1 {
				t.Errorf("a part with several headers: %q", file.text)
			}
		}
		if !strings.HasSuffix(diff, whole.String()) {
			t.Error("the parts are not the diff")
		}
	})
}
