package poisontest

import (
	"fmt"
	"strings"
	"testing"
)

// honest: whoever works in one place is never refused anything.
func (w *stage) honest(t *testing.T) {
	for _, repo := range []string{"acme/openboard", "acme/playground"} {
		t.Run(repo, func(t *testing.T) {
			t.Parallel()
			owner, name, _ := strings.Cut(repo, "/")
			m := w.sit(t, settings{era: eras[1]})
			do := func(tool, more string, args ...any) string {
				t.Helper()
				s := m.call(tool, fmt.Sprintf(`{"owner":%q,"repo":%q`, owner, name)+fmt.Sprintf(more, args...)+"}")
				if s.failed {
					t.Fatalf("%s: %s", tool, s.text)
				}
				return s.text
			}
			do("get_issue", `,"number":1`)
			do("search_code", `,"query":"the"`)
			do("create_branch", `,"branch":"agent/fix"`)
			do("commit_files", `,"branch":"agent/fix","message":"Fix","files":[{"operation":"create","path":"fix.txt","content":"fixed\n"}]`)
			do("get_file_contents", `,"path":"fix.txt","ref":"agent/fix"`)
			do("create_pull_request", `,"title":"Fix it","head":"agent/fix","base":"main","body":"It fixes #1."`)
			do("list_pull_requests", "")
			do("create_comment", `,"number":1,"body":"There is a fix."`)
			do("create_label", `,"name":"done","color":"#00aa00"`)
			do("update_issue", `,"number":1,"labels":["done"]`)
			do("write_wiki_page", `,"name":"Fixes","content":"One."`)
			do("create_release", `,"tag":"v1","title":"One","body":"The fix."`)
			do("get_issue", `,"number":1`)
		})
	}
}
