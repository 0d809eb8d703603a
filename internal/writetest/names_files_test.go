package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// oddFiles are files whose names can't be asked for, by how they are listed.
var oddFiles = map[string]string{
	"docs/caf\xe9.txt":          "docs/caf\ufffd.txt",           // Latin-1
	"docs/\x93\xfa\x96\x7b.txt": "docs/\ufffd\ufffd\ufffd{.txt", // Shift-JIS
	"docs/Cafe\u0301.md":        "docs/Cafe\u0301.md",
	"u\u0308ber/inner.txt":      "u\u0308ber/inner.txt",
	"docs/geheim-\xe4.txt":      "", // a rule denies what may be meant
	"docs/geheim-u\u0308.txt":   "",
	"secrets/\xe9.txt":          "",
}

// TestNames_FilesThatCantBeAskedFor: they are listed as such, wherever files are, as far
// as policy shows what they may be called.
func TestNames_FilesThatCantBeAskedFor(t *testing.T) {
	t.Parallel()
	policy := allowing + "paths: {deny: [\"secrets/**\", \"**/geheim-ä*\", \"**/GEHEIM-ü*\"]}\n"
	b := newBench(t, policy, playground)
	files := []giteatest.File{{Path: "docs/plain.txt", Content: "a needle\n"}}
	for name := range oddFiles {
		files = append(files, giteatest.File{Path: name, Content: "a needle of " + fmt.Sprintf("%x", name) + "\n"})
	}
	id, err := b.s.Push(b.Context(), b.s.World.Keeper, b.repo.FullName, "agent/odd", files...)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, rows []any, all string, total int) {
		t.Helper()
		seen := map[string]string{}
		for _, each := range rows {
			row, _ := each.(map[string]any)
			why, _ := row["unnameable"].(string)
			seen[fmt.Sprint(row["path"])] = why
		}
		for name, listed := range oddFiles {
			why := seen[listed]
			switch {
			case listed != "" && !strings.Contains(why, "can't be asked for"):
				t.Errorf("%s: %q says %q: %v", what, listed, why, seen)
			case strings.Contains(name, "\u0308") != strings.Contains(why, "normal form") && listed != "" && strings.HasPrefix(name, "u"):
				t.Errorf("%s: %q says %q", what, listed, why)
			}
		}
		if strings.Contains(all, "geheim") || strings.Contains(all, "secrets/") {
			t.Errorf("%s shows what is hidden: %s", what, all)
		}
		if why, there := seen["docs/plain.txt"]; !there || why != "" {
			t.Errorf("%s: the plain one says %q", what, why)
		}
	}
	items := func(rows []map[string]any) (all []any) {
		for _, row := range rows {
			all = append(all, row)
		}
		return all
	}
	tree := b.ok("get_file_tree", `"ref":"agent/odd","recursive":true`)
	check("the tree", items(tree.Items()), tree.All, 0)
	commit := b.ok("get_commit", `"sha":"`+id+`"`)
	rows, _ := commit.Fields["files"].([]any)
	check("the commit", rows, string(commit.Object), 0)
	if !strings.Contains(commit.Text, "[1 file not shown: its name is not valid UTF-8]") || !strings.Contains(commit.Text, "[1 file not shown: its name is not in Unicode normal form C]") || strings.Contains(commit.Text, "needle of") || !strings.Contains(commit.Text, "a needle") {
		t.Errorf("the diff: %s", commit.Text)
	}
	found := b.ok("search_code", `"query":"needle","ref":"agent/odd"`)
	skipped, _ := found.Fields["files_skipped"].(map[string]any)
	if len(found.Items()) != 1 || skipped["unnameable"] != 4.0 {
		t.Errorf("searching: %s", found.Object)
	}
	for name, listed := range oddFiles {
		if listed == "" {
			listed = strings.ToValidUTF8(name, "\ufffd")
		}
		a := b.ask("get_file_contents", `"ref":"agent/odd","path":`+quoted(listed))
		if a.Code != "invalid_arguments" || !contains(a, "normal form C") && !contains(a, "no UTF-8") {
			t.Errorf("%q: %s", listed, a.Object)
		}
	}
}
