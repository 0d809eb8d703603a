package tools_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/forge"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// What policy hides from everybody below: a file, and a repository.
const (
	hiddenFile = "CANARY-FILE"
	hiddenRepo = "CANARY-REPO"
	hiding     = "  \"acme/hr-*\": {read: deny}\npaths: {deny: [\"secrets/**\"]}\n"
)

// TestI6_NothingHiddenShowsThroughAnyTool drives every registered tool over a
// forge that names a hidden file and a hidden repository wherever one can stand
// in its answers. A new tool is held to it as soon as it is registered.
func TestI6_NothingHiddenShowsThroughAnyTool(t *testing.T) {
	t.Parallel()
	// These show what was planted where no policy hides it. The others have
	// nothing in which it could stand, or stop at it.
	witnesses := []string{
		"list_repositories", "get_file_tree", "search_code", "get_commit", "compare_refs", "search_issues",
		"list_pull_requests", "get_pull_request", "list_pull_request_files", "get_pull_request_diff",
		"list_pull_request_reviews", "list_notifications", "list_packages",
	}
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			args := samples[tool.Name]
			if tool.Name == "search_code" {
				args = `{"owner":"acme","repo":"website","query":"planted"}`
			}
			if slices.Contains(witnesses, tool.Name) {
				if answer := overHidden(t, tool, "").Ask(tool.Name, args); !showsHidden(answer.All) {
					t.Errorf("nothing was planted: %s", answer.All)
				}
			}
			door := overHidden(t, tool, hiding)
			answer := door.Ask(tool.Name, args)
			if showsHidden(answer.All) {
				t.Errorf("it shows:\n%s", answer.All)
			}
			log, err := os.ReadFile(door.Log)
			if err != nil || showsHidden(string(log)) || showsHidden(door.Stderr.String()) {
				t.Error("it is in the log", err)
			}
		})
	}
}

func showsHidden(text string) bool {
	return strings.Contains(text, hiddenFile) || strings.Contains(text, hiddenRepo)
}

func overHidden(t *testing.T, tool tools.Tool, hiding string) *gatetest.Door {
	t.Helper()
	gitea := planted(t, nil, plantHidden, "secrets/"+hiddenFile)
	return gatetest.Open(t, opened(t, tool, gatetest.Config{URL: gitea.URL, Policy: opening + hiding}))
}

const hiddenDiff = "diff --git a/secrets/x b/secrets/x\nnew file mode 100644\n--- /dev/null\n+++ b/secrets/x\n@@ -0,0 +1 @@\n+" + hiddenFile + "\n" +
	"diff --git a/secrets/y b/open\nsimilarity index 90%\nrename from secrets/y\nrename to open\n--- a/secrets/y\n+++ b/open\n@@ -1 +1 @@\n-" + hiddenFile + "\n+x\n"

// plantHidden names the hidden file and the hidden repository in an answer.
func plantHidden(body []byte) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		if bytes.HasPrefix(body, []byte("diff ")) {
			return append(bytes.Clone(body), hiddenDiff...)
		}
		return body
	}
	planted, _ := json.Marshal(hide(value))
	return planted
}

type object = map[string]any

func hiddenRecord() object {
	return object{"id": 666, "name": "hr-canary", "full_name": "acme/hr-canary", "description": hiddenRepo, "default_branch": "main",
		"owner": object{"login": "acme", "visibility": "public"}}
}

func hide(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = hide(v[i])
		}
		return append(v, hiddenRows(v)...)
	case object:
		for name, each := range v {
			v[name] = hide(each)
		}
		if tree, ok := v["tree"].([]any); ok {
			id := strings.Repeat("a", 40)
			v["tree"] = append(tree,
				object{"path": "secrets/" + hiddenFile + ".md", "mode": "100644", "type": "blob", "sha": forge.BlobID([]byte(plantedFile)), "size": len(plantedFile)},
				object{"path": "secrets/" + hiddenFile + "/deeper", "mode": "040000", "type": "tree", "sha": id})
		}
		if _, ok := v["commit"].(object); ok && v["sha"] != nil {
			v["files"] = []any{
				object{"filename": "secrets/" + hiddenFile, "status": "added"},
				object{"filename": "open", "previous_filename": "secrets/" + hiddenFile, "status": "renamed"},
			}
		}
		if head, ok := v["head"].(object); ok {
			head["repo"], head["repo_id"], head["label"], head["ref"] = hiddenRecord(), 666, hiddenRepo, hiddenRepo
		}
		if _, ok := v["full_name"]; ok && v["owner"] != nil {
			v["original_url"] = "https://user:" + hiddenRepo + "@git.example/x"
		}
		return v
	}
	return value
}

// hiddenRows are rows of the hidden for a list that has rows like it.
func hiddenRows(rows []any) []any {
	if len(rows) == 0 {
		return nil
	}
	row, ok := rows[0].(object)
	if !ok {
		return nil
	}
	switch {
	case row["filename"] != nil:
		return []any{
			object{"filename": "secrets/" + hiddenFile, "status": "added"},
			object{"filename": "open", "previous_filename": "secrets/" + hiddenFile, "status": "renamed"},
		}
	case row["pull_request_review_id"] != nil:
		return []any{object{"id": 7, "user": row["user"], "body": hiddenFile, "path": "secrets/x", "pull_request_review_id": 5}}
	case row["full_name"] != nil && row["owner"] != nil:
		fork := hiddenRecord()
		fork["id"], fork["name"], fork["full_name"], fork["fork"], fork["parent"] = 667, "copy", "acme/copy", true, hiddenRecord()
		return []any{hiddenRecord(), fork}
	case row["repository"] != nil:
		copied := maps.Clone(row)
		title, _ := row["title"].(string)
		from := hiddenRecord()
		if known, ok := row["repository"].(object); ok {
			if _, short := known["owner"].(string); short {
				from["owner"] = "acme"
			}
		}
		copied["repository"], copied["title"], copied["name"], copied["body"] = from, hiddenRepo+" "+title, hiddenRepo, hiddenRepo
		copied["subject"] = object{"title": hiddenRepo, "type": "Issue", "state": "open"}
		return []any{copied}
	}
	return nil
}
