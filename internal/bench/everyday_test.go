package bench

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// question is something that people ask of a forge every day.
type question struct {
	name  string
	calls []string // of tools, with the members of their arguments after owner and repo
	plain []string // paths that a client without a gate asks for, one after the other
	// first and again are what it costs today: asked by a session that has asked
	// nothing before, and once more. A change for the better is written here.
	first, again cost
}

// cost is what is asked of Gitea for a question.
type cost struct{ requests, trips int }

const everydayPath = "/repos/acme/trips"

// everyday makes acme/trips, where there is something to ask about.
func everyday(tb testing.TB) (*giteatest.Server, []question) {
	tb.Helper()
	s := giteatest.StartNew(tb)
	do := func(method, path string, body any) (made struct {
		ID, Number int64
		Commit     struct{ SHA string }
	}) {
		tb.Helper()
		if err := s.As(s.World.Keeper.Token).Into(context.Background(), method, path, body, &made); err != nil {
			tb.Fatal(err)
		}
		return made
	}
	type object = map[string]any
	file := func(path, text string) object {
		return object{"operation": "upload", "path": path, "content": base64.StdEncoding.EncodeToString([]byte(text))}
	}
	text := strings.Repeat("Some words about what happened, and when.\n", 20)
	do(http.MethodPost, "/orgs/acme/repos", object{"name": "trips", "private": true, "default_branch": "main"})
	if err := s.As(s.World.Keeper.Token).Into(context.Background(), http.MethodPut, everydayPath+"/collaborators/reader", object{"permission": "read"}, nil); err != nil {
		tb.Fatal(err)
	}
	do(http.MethodPost, everydayPath+"/contents", object{"message": "Begin", "files": []object{
		file("README.md", text), file("src/small.go", goSource(tb, 8<<10)), file("src/large.go", goSource(tb, 1<<20)),
	}})
	change := do(http.MethodPost, everydayPath+"/contents", object{"message": "Change", "branch": "main", "files": []object{file("README.md", text+text), file("src/small.go", goSource(tb, 9<<10))}})
	do(http.MethodPost, everydayPath+"/contents", object{"message": "More", "branch": "main", "files": []object{file("more.txt", text)}})
	do(http.MethodPost, everydayPath+"/contents", object{"message": "A topic", "branch": "main", "new_branch": "topic", "files": []object{file("topic.txt", text)}})
	var issue int64
	for i := range 12 {
		issue = do(http.MethodPost, everydayPath+"/issues", object{"title": fmt.Sprintf("Issue %d about trips", i), "body": text}).Number
	}
	for range 4 {
		do(http.MethodPost, fmt.Sprintf("%s/issues/%d/comments", everydayPath, issue), object{"body": text})
	}
	pull := do(http.MethodPost, everydayPath+"/pulls", object{"title": "A topic", "head": "topic", "base": "main", "body": text}).Number
	pullPath := fmt.Sprintf("%s/pulls/%d", everydayPath, pull)
	reviewed := []string{pullPath, pullPath + ".diff", pullPath + "/reviews"}
	for i := range 3 {
		review := do(http.MethodPost, pullPath+"/reviews", object{"event": "COMMENT", "body": text, "comments": []object{{"path": "topic.txt", "new_position": i + 1, "body": text}}}).ID
		reviewed = append(reviewed, fmt.Sprintf("%s/reviews/%d/comments", pullPath, review))
	}
	do(http.MethodPost, everydayPath+"/releases", object{"tag_name": "v1", "target_commitish": "main", "name": "One", "body": text})
	do(http.MethodPost, everydayPath+"/wiki/new", object{"title": "Home", "content_base64": base64.StdEncoding.EncodeToString([]byte(text)), "message": "Begin"})
	if err := s.Settle(context.Background()); err != nil {
		tb.Fatal(err)
	}
	number := func(n int64) string { return fmt.Sprintf(`,"number":%d`, n) }
	commitPath := everydayPath + "/git/commits/" + change.Commit.SHA
	return s, []question{
		{
			"file of 8 KB", []string{`get_file_contents ,"path":"src/small.go"`}, []string{everydayPath + "/contents/src/small.go"},
			cost{3, 2}, cost{3, 1},
		}, {
			"file of 1 MB", []string{`get_file_contents ,"path":"src/large.go"`}, []string{everydayPath + "/contents/src/large.go"},
			cost{3, 2}, cost{3, 1},
		}, {
			"tree", []string{`get_file_tree ,"recursive":true`}, []string{everydayPath + "/git/trees/main?recursive=true"},
			cost{3, 2}, cost{3, 1},
		}, {
			"commits", []string{`list_commits `}, []string{everydayPath + "/commits?limit=30"},
			cost{3, 2}, cost{3, 1},
		}, {
			"issues", []string{`list_issues `}, []string{everydayPath + "/issues?type=issues&limit=30"},
			cost{2, 1}, cost{2, 1},
		}, {
			"issue with comments", []string{`get_issue ` + number(issue), `list_issue_comments ` + number(issue)},
			[]string{fmt.Sprintf("%s/issues/%d", everydayPath, issue), fmt.Sprintf("%s/issues/%d/comments", everydayPath, issue)},
			cost{4, 2}, cost{4, 2},
		}, {
			"pull request with diff and reviews",
			[]string{`get_pull_request ` + number(pull), `get_pull_request_diff ` + number(pull), `list_pull_request_reviews ` + number(pull)}, reviewed,
			cost{11, 5}, cost{11, 5},
		}, {
			"search", []string{`search_issues "query":"trips","owner":"acme"`}, []string{"/repos/issues/search?" + url.Values{"q": {"trips"}, "owner": {"acme"}}.Encode()},
			cost{1, 1}, cost{1, 1},
		}, {
			"branches", []string{`list_branches `}, []string{everydayPath + "/branches"},
			cost{2, 1}, cost{2, 1},
		}, {
			"releases", []string{`list_releases `}, []string{everydayPath + "/releases"},
			cost{2, 1}, cost{2, 1},
		}, {
			"commit with diff", []string{fmt.Sprintf(`get_commit ,"sha":%q`, change.Commit.SHA)}, []string{commitPath, commitPath + ".diff"},
			cost{5, 2}, cost{4, 1},
		}, {
			"wiki page", []string{`get_wiki_page ,"name":"Home"`}, []string{everydayPath + "/wiki/page/Home"},
			cost{2, 1}, cost{2, 1},
		},
	}
}
