package tools_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

// writable is where samples of tools that change something go: a public
// repository.
const writable = "acme/website"

// opening is a policy that opens it to them, on every branch and path.
const opening = "version: 1\nrepositories:\n  \"" + writable + "\": {write: allow, automation: allow, branches: {allow: [\"**\"]}}\n"

// opened returns the config of a door that a tool can be called through: for one
// that changes something, with all three keys.
func opened(t testing.TB, tool tools.Tool, c gatetest.Config) gatetest.Config {
	t.Helper()
	if c.Token == "" {
		c.Token = sampleforge.DemoToken()
	}
	if tool.Capability == policy.Read {
		return c
	}
	repo, err := canon.ParseFullName(writable)
	if err != nil {
		t.Fatal(err)
	}
	c.Write, c.Repos = true, []canon.Repo{repo}
	if c.Policy == "" {
		c.Policy = opening
	}
	return c
}

// changing are the tools that change something, or make Gitea run something.
func changing() (all []tools.Tool) {
	for _, tool := range tools.All() {
		if tool.Capability != policy.Read {
			all = append(all, tool)
		}
	}
	return all
}

// reads reports whether a request only asks.
func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// writesOf are the requests among those given that may change something.
func writesOf(requests []giteatest.Request) (all []giteatest.Request) {
	for _, r := range requests {
		if !reads(r.Method) {
			all = append(all, r)
		}
	}
	return all
}

// carriedOut are Gitea's answers to what changes something in the writable
// repository: they say that it holds what it was told. A new request needs a row.
var carriedOut = []struct {
	request *regexp.Regexp
	answer  func(told object, path []string) (status int, answer any)
}{
	{below(`POST /issues`), func(told object, _ []string) (int, any) {
		return 201, issueOf(told, 101)
	}},
	{below(`PATCH /issues/(\d+)`), func(told object, path []string) (int, any) {
		return 201, issueOf(told, number(path[1]))
	}},
	{below(`(?:PUT|POST) /issues/(\d+)/labels`), func(told object, _ []string) (int, any) {
		return 200, labelsOf(told)
	}},
	{below(`POST /issues/(\d+)/comments`), func(told object, path []string) (int, any) {
		return 201, object{"id": 901, "body": told["body"], "user": object{"login": "agent"}, "html_url": website + "/issues/" + path[1] + "#issuecomment-901", "issue_url": website + "/issues/" + path[1]}
	}},
	{below(`PATCH /issues/comments/(\d+)`), func(told object, path []string) (int, any) {
		return 200, object{"id": number(path[1]), "body": told["body"], "user": object{"login": "agent"}, "html_url": website + "/issues/1#issuecomment-" + path[1], "issue_url": website + "/issues/1"}
	}},
	{below(`POST /labels`), func(told object, _ []string) (int, any) {
		color, _ := told["color"].(string)
		return 201, object{"id": 31, "name": told["name"], "color": strings.TrimPrefix(color, "#"), "description": told["description"]}
	}},
	{below(`POST /milestones`), func(told object, _ []string) (int, any) {
		return 201, object{"id": 32, "title": told["title"], "description": told["description"], "state": "open", "due_on": told["due_on"]}
	}},
	{below(`POST /branches`), func(told object, _ []string) (int, any) {
		return 201, object{"name": told["new_branch_name"], "commit": object{"id": told["old_ref_name"]}, "protected": false}
	}},
	{below(`POST /contents`), func(told object, _ []string) (int, any) {
		return 201, object{"files": []any{}, "commit": object{
			"sha": cannedNewID, "message": told["message"], "parents": []any{object{"sha": cannedID}}, "html_url": website + "/commit/" + cannedNewID,
		}}
	}},
	{below(`POST /pulls`), func(told object, _ []string) (int, any) {
		return 201, pullOf(told, 9002)
	}},
	{below(`PATCH /pulls/(\d+)`), func(told object, path []string) (int, any) {
		return 201, pullOf(told, number(path[1]))
	}},
	{below(`POST /pulls/(\d+)/reviews`), func(told object, path []string) (int, any) {
		comments, _ := told["comments"].([]any)
		return 200, object{
			"id": 51, "state": told["event"], "body": told["body"], "commit_id": told["commit_id"], "comments_count": len(comments),
			"user": object{"login": "agent"}, "html_url": website + "/pulls/" + path[1] + "#issuecomment-51", "pull_request_url": website + "/pulls/" + path[1],
		}
	}},
	{below(`POST /releases`), func(told object, _ []string) (int, any) {
		return 201, releaseOf(told, 11)
	}},
	{below(`PATCH /releases/(\d+)`), func(told object, path []string) (int, any) {
		return 200, releaseOf(told, number(path[1]))
	}},
	{below(`POST /wiki/new`), func(told object, _ []string) (int, any) {
		title, _ := told["title"].(string)
		return 201, wikiOf(told, strings.ReplaceAll(title, " ", "-"))
	}},
	{below(`PATCH /wiki/page/(.+)`), func(told object, path []string) (int, any) {
		return 200, wikiOf(told, strings.TrimSuffix(path[1], ".md"))
	}},
	{below(`POST /actions/workflows/([^/]+)/dispatches`), func(object, []string) (int, any) {
		return 204, nil
	}},
	{below(`POST /actions/runs/(\d+)/rerun`), func(object, []string) (int, any) {
		return 201, json.RawMessage(strings.Replace(cannedRun, `"status":"completed"`, `"status":"queued"`, 1))
	}},
}

const (
	website     = "http://forge.invalid/" + writable
	cannedNewID = "99aa5768d454fa6021f0c56bf889fa94fd4cdc99"
)

func below(request string) *regexp.Regexp {
	method, path, _ := strings.Cut(request, " ")
	return regexp.MustCompile("^" + method + " /api/v1/repos/" + writable + path + "$")
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// labelsOf are the records of the labels that a body names by their ids.
func labelsOf(told object) []any {
	names := map[string]string{"1": "bug", "2": "docs"}
	labels := []any{}
	ids, _ := told["labels"].([]any)
	for _, id := range ids {
		if n, ok := id.(json.Number); ok && names[n.String()] != "" {
			labels = append(labels, object{"id": n, "name": names[n.String()], "color": "ee0701"})
		}
	}
	return labels
}

// issueOf is the record of an issue after what a body says was done to it.
func issueOf(told object, index int) object {
	issue := object{
		"id": 1000 + index, "number": index, "title": "Contact page has no phone number", "body": "", "state": "open", "content_version": 1,
		"html_url": website + "/issues/" + strconv.Itoa(index), "user": object{"login": "agent"}, "labels": labelsOf(told), "assignees": nil, "milestone": nil,
		"repository": object{"id": 1, "name": "website", "owner": "acme", "full_name": writable},
	}
	for _, member := range []string{"title", "body", "state", "due_date"} {
		if value, ok := told[member]; ok {
			issue[member] = value
		}
	}
	if logins, ok := told["assignees"].([]any); ok {
		users := []any{}
		for _, login := range logins {
			users = append(users, object{"login": login})
		}
		issue["assignees"] = users
	}
	if id, ok := told["milestone"].(json.Number); ok && id != "0" {
		issue["milestone"] = object{"id": id, "title": "v1.1", "state": "open"}
	}
	return issue
}

// pullOf is issueOf for a pull request.
func pullOf(told object, index int) object {
	pull := issueOf(told, index)
	delete(pull, "repository")
	repository := json.RawMessage(cannedRepository)
	side := func(name string) object {
		commit := cannedID
		if name == "agent/done" {
			commit = cannedDoneID
		}
		return object{"label": name, "ref": name, "sha": commit, "repo_id": 1, "repo": repository}
	}
	pull["base"], pull["head"] = side("main"), side("page")
	for _, name := range []string{"base", "head"} {
		if branch, ok := told[name].(string); ok {
			pull[name] = side(branch)
		}
	}
	title, _ := pull["title"].(string)
	pull["draft"] = strings.HasPrefix(title, "WIP:")
	pull["html_url"] = website + "/pulls/" + strconv.Itoa(index)
	return pull
}

func releaseOf(told object, id int) object {
	release := object{
		"id": id, "tag_name": "v1.0", "target_commitish": cannedID, "name": "", "body": "", "draft": false, "prerelease": false,
		"html_url": website + "/releases/tag/v1.0", "author": object{"login": "agent"},
	}
	for member, value := range told {
		release[member] = value
	}
	return release
}

func wikiOf(told object, page string) object {
	return object{
		"title": strings.ReplaceAll(page, "-", " "), "sub_url": page, "html_url": website + "/wiki/" + page, "content_base64": told["content_base64"],
		"commit_count": 2, "last_commit": object{"sha": cannedNewID, "message": told["message"]},
	}
}

// carryOut answers a request that changes something; false if there is no row for
// it.
func carryOut(w http.ResponseWriter, r *http.Request, plant func([]byte) []byte) bool {
	for _, row := range carriedOut {
		path := row.request.FindStringSubmatch(r.Method + " " + r.URL.Path)
		if path == nil {
			continue
		}
		var told object
		decoder := json.NewDecoder(r.Body)
		decoder.UseNumber()
		if err := decoder.Decode(&told); err != nil {
			http.Error(w, `{"message":"no object"}`, http.StatusUnprocessableEntity)
			return true
		}
		status, answer := row.answer(told, path)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if answer != nil {
			raw, _ := json.Marshal(answer)
			_, _ = w.Write(plant(raw))
		}
		return true
	}
	return false
}
