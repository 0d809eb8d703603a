package writetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// TestWhatGiteaDidOtherwiseIsTold changes members of Gitea's answers to what was
// carried out, one at a time: each has to be told, as a note and by the fields, and
// none that is as asked for.
func TestWhatGiteaDidOtherwiseIsTold(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground)
	c.keeper("POST", "/repos/"+repo+"/labels", map[string]any{"name": "bug", "color": "#aa0000"}, nil)
	c.keeper("POST", "/repos/"+repo+"/milestones", map[string]any{"title": "v1"}, nil)
	for i := range 3 {
		c.branch(repo, fmt.Sprintf("agent/%d", i), "main", "README.md")
	}
	var pull issue
	c.as(w.Colleague, "POST", "/repos/"+repo+"/pulls", map[string]any{"title": "A pull", "head": "agent/0", "base": "main"}, &pull)
	var comment struct{ ID int64 }
	c.as(w.Writer, "POST", "/repos/"+repo+"/issues/1/comments", map[string]any{"body": "x"}, &comment)

	var forged map[string]any // members of the answer, "a.b" for those of an object
	proxy := s.Proxy(t)
	proxy.Rewrite = func(r *http.Request) http.Handler {
		if r.Method == http.MethodGet || forged == nil {
			return nil
		}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			request := r.Clone(r.Context())
			request.RequestURI, request.URL.Scheme, request.URL.Host = "", "http", strings.TrimPrefix(s.URL, "http://")
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode/100 == 2 {
				body = forgeAnswer(t, body, forged)
			}
			rw.Header().Set("Content-Type", "application/json")
			rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
			rw.WriteHeader(response.StatusCode)
			rw.Write(body)
		})
	}
	name, err := canon.ParseFullName(repo)
	if err != nil {
		t.Fatal(err)
	}
	d := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: w.Writer.Token, Policy: allowing, Write: true, Repos: []canon.Repo{name}})
	ask := func(t *testing.T, tool, more string, forging map[string]any) gatetest.Answer {
		t.Helper()
		forged = forging
		defer func() { forged = nil }()
		a := d.Ask(tool, args(repo, more))
		if a.IsError {
			t.Fatalf("%s: %s", tool, a.All)
		}
		return a
	}
	type forgery = map[string]any
	whole := `"title":"t","body":"b","labels":["bug"],"assignees":["writer"],"milestone":"v1"`
	tracked := map[string]forgery{
		"the title is another": {"title": "stranger"}, "the body is another": {"body": "stranger"}, "of 1 labels 1 are not there": {"labels": []any{}},
		"and 1 others are": {"labels": []any{forgery{"id": 999999, "name": "stranger"}}}, "of 1 assignees 1 are not there": {"assignees": nil}, "the milestone is another": {"milestone": nil},
	}
	for _, row := range []struct {
		tool, more string
		forgeries  []map[string]forgery
	}{
		{"create_issue", whole, []map[string]forgery{tracked}},
		{"update_issue", `"number":1,"title":"t","body":"b","state":"open","assignees":["writer"],"milestone":"v1","due_date":"2031-01-01T00:00:00Z"`, []map[string]forgery{{
			"the title is another": {"title": "stranger"}, "the state is closed": {"state": "closed"}, "the due date is another": {"due_date": "2031-01-03T00:00:00Z"},
			"of 1 assignees 0 are not there, and 1 others": {"assignees": []any{forgery{"login": "writer"}, forgery{"login": "keeper"}}},
		}}},
		{"update_issue", `"number":1,"clear":["due_date"]`, []map[string]forgery{{"it is still due": {"due_date": "2031-01-01T00:00:00Z"}}}},
		{"update_pull_request", fmt.Sprintf(`"number":%d,`, pull.Number) + whole + `,"state":"open"`, []map[string]forgery{tracked, {"the state is closed": {"state": "closed"}}}},
		{"update_pull_request", fmt.Sprintf(`"number":%d,"clear":["milestone"]`, pull.Number), []map[string]forgery{{"the milestone is another": {"milestone": forgery{"id": 7, "title": "v9"}}}}},
		{"create_comment", `"number":1,"body":"b"`, []map[string]forgery{{"another text": {"body": "stranger"}}}},
		{"edit_comment", fmt.Sprintf(`"comment_id":%d,"body":"b"`, comment.ID), []map[string]forgery{{"another text": {"body": "stranger"}}}},
		{"create_pull_request_review", fmt.Sprintf(`"number":%d,"event":"comment","body":"b","comments":[{"path":"README.md","line":1,"body":"x"}]`, pull.Number), []map[string]forgery{{
			"its state is pending": {"state": "PENDING"}, "its state is approved": {"state": "APPROVED"}, "of another commit": {"commit_id": w.Playground.Head}, "0 comments on code instead of 1": {"comments_count": 0}, "its text is another": {"body": "stranger"},
		}}},
	} {
		if a := ask(t, row.tool, ","+row.more, nil); a.Fields["note"] != nil || a.Fields["not_as_asked"] != nil {
			t.Errorf("%s: %s", row.tool, a.All)
		}
		for _, forgeries := range row.forgeries {
			for told, forging := range forgeries {
				a := ask(t, row.tool, ","+row.more, forging)
				if !strings.Contains(fmt.Sprint(a.Fields["note"]), told) || strings.Contains(a.All, "stranger") {
					t.Errorf("%s, %v: %s", row.tool, forging, a.All)
				}
			}
		}
	}
	// What is made once only is made anew for each.
	for i, forging := range []forgery{{"name": "stranger"}, {"color": "000000"}, {"description": "stranger"}} {
		if a := ask(t, "create_label", fmt.Sprintf(`,"name":"l%d","color":"#aabbcc"`, i), forging); a.Fields["note"] == nil {
			t.Error(a.All)
		}
	}
	for i, forging := range []forgery{{"title": "stranger"}, {"state": "closed"}, {"description": "stranger"}, {"due_on": nil}} {
		if a := ask(t, "create_milestone", fmt.Sprintf(`,"title":"m%d","due_date":"2031-01-01T00:00:00Z"`, i), forging); a.Fields["note"] == nil {
			t.Error(a.All)
		}
	}
	for told, forging := range map[string]forgery{
		"it comes from another": {"head.repo_id": 999999}, "its head is at another commit": {"head.sha": w.Playground.Head}, "it goes to another": {"base.repo_id": 999999},
		"or repository": {"base.ref": "other"}, "it is not open": {"state": "closed"}, "it is a draft": {"draft": true},
	} {
		a := ask(t, "create_pull_request", `,"title":"t","head":"agent/1","base":"main"`, forging)
		if !strings.Contains(fmt.Sprint(a.Fields["note"]), told) || forging["head.repo_id"] != nil && a.Fields["head_repository"] != nil {
			t.Errorf("%v: %s", forging, a.All)
		}
		c.keeper("PATCH", fmt.Sprintf("/repos/%s/pulls/%v", repo, a.Fields["number"]), map[string]any{"state": "closed"}, nil)
	}
	// An answer that is none says nothing of what became of it.
	for tool, more := range map[string]string{"create_issue": `,"title":"t"`, "create_comment": `,"number":1,"body":"b"`, "create_pull_request": `,"title":"t","head":"agent/2","base":"main"`} {
		proxy.Rewrite = func(r *http.Request) http.Handler {
			if r.Method == http.MethodGet {
				return nil
			}
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(http.StatusCreated)
				io.WriteString(rw, "null")
			})
		}
		if a := d.Ask(tool, args(repo, more)); a.Code != "outcome_unknown" {
			t.Errorf("%s: %s", tool, a.All)
		}
	}
}

// forgeAnswer changes members of a JSON object, or of nothing but an object's.
func forgeAnswer(t *testing.T, body []byte, members map[string]any) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return body
	}
	for name, value := range members {
		into := object
		if outer, inner, ok := strings.Cut(name, "."); ok {
			into, name = object[outer].(map[string]any), inner
		}
		into[name] = value
	}
	forged, err := json.Marshal(object)
	if err != nil {
		t.Error(err)
	}
	return forged
}
