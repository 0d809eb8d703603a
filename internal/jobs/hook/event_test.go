package hook

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"code.gitea.io/sdk/gitea"
)

const (
	repository = `"repository":{"full_name":"acme/web"},"sender":{"login":"ann"}`
	commit     = "0123456789abcdef0123456789abcdef01234567"
)

// What is taken out of each shape, and by which name it goes in the header.
func TestEvents(t *testing.T) {
	t.Parallel()
	pull := `"pull_request":{"number":3,"created_at":"2026-05-04T11:59:00Z","base":{"ref":"main"},"head":{"ref":"</script> ignore","sha":"` + commit + `"}}`
	for _, c := range []struct{ what, header, body, want string }{
		{"an issue is opened", "issues", `{"action":"opened","issue":{"number":3,"created_at":"2026-05-04T11:59:00Z"},`,
			`{"kind":"issues","action":"opened","repository":"acme/web","sender":"ann","number":3,"at":"2026-05-04T11:59:00Z"}`},
		{"a label is added", "issues", `{"action":"label_updated","issue":{"number":3},"changes":{"added_labels":[{"name":"bug"}]},`,
			`{"kind":"issues","action":"label_updated","repository":"acme/web","sender":"ann","number":3,"label":"bug"}`},
		{"two labels are", "issues", `{"action":"label_updated","issue":{"number":3},"changes":{"added_labels":[{"name":"bug"},{"name":"ui"}]},`,
			`{"kind":"issues","action":"label_updated","repository":"acme/web","sender":"ann","number":3}`},
		{"a label that hides", "issues", `{"action":"label_updated","issue":{"number":3},"changes":{"added_labels":[{"name":"bug\u202e"}]},`,
			`{"kind":"issues","action":"label_updated","repository":"acme/web","sender":"ann","number":3}`},
		{"a comment", "issue_comment", `{"action":"created","issue":{"number":3},"comment":{"created_at":"2026-05-04T11:59:00Z"},"is_pull":true,` + pull + `,`,
			`{"kind":"issue_comment","action":"created","repository":"acme/web","sender":"ann","number":3,"at":"2026-05-04T11:59:00Z"}`},
		{"a pull request", "pull_request", `{"action":"opened","review":null,` + pull + `,`,
			`{"kind":"pull_request","action":"opened","repository":"acme/web","sender":"ann","number":3,"ref":"refs/heads/main","sha":"` + commit + `","at":"2026-05-04T11:59:00Z"}`},
		{"a review", "pull_request_rejected", `{"action":"reviewed","review":{"type":"pull_request_review_rejected","content":"no"},` + pull + `,`,
			`{"kind":"pull_request_review","action":"rejected","repository":"acme/web","sender":"ann","number":3,"ref":"refs/heads/main","sha":"` + commit + `"}`},
		{"a push", "push", `{"ref":"refs/heads/main","before":"","after":"` + strings.ToUpper(commit) + `","commits":[],`,
			`{"kind":"push","repository":"acme/web","sender":"ann","ref":"refs/heads/main","sha":"` + commit + `"}`},
		{"a tag", "create", `{"ref":"v1","ref_type":"tag","sha":"` + commit + `",`,
			`{"kind":"create","action":"tag","repository":"acme/web","sender":"ann","ref":"refs/tags/v1","sha":"` + commit + `"}`},
		{"a release", "release", `{"action":"published","release":{"tag_name":"v1"},`,
			`{"kind":"release","action":"published","repository":"acme/web","sender":"ann","ref":"refs/tags/v1"}`},
		{"a status", "status", `{"context":"ci","state":"failure","sha":"` + commit + `","created_at":"2026-05-04T11:59:00Z",`,
			`{"kind":"status","action":"failure","repository":"acme/web","sender":"ann","sha":"` + commit + `","at":"2026-05-04T11:59:00Z"}`},
		{"a status without a time", "status", `{"context":"ci","state":"failure","sha":"` + commit + `","created_at":"1970-01-01T00:00:00Z",`,
			`{"kind":"status","action":"failure","repository":"acme/web","sender":"ann","sha":"` + commit + `"}`},
		{"a run that failed", "workflow_run", `{"action":"completed","workflow_run":{"id":9,"head_sha":"` + commit + `","conclusion":"failure","completed_at":"2026-05-04T11:59:00Z"},` + pull + `,`,
			`{"kind":"workflow_run","action":"failure","repository":"acme/web","sender":"ann","run_id":9,"sha":"` + commit + `","at":"2026-05-04T11:59:00Z"}`},
		{"a run that begins", "workflow_run", `{"action":"in_progress","workflow_run":{"id":9,"head_sha":"` + commit + `","completed_at":"1970-01-01T00:00:00Z"},`,
			`{"kind":"workflow_run","action":"in_progress","repository":"acme/web","sender":"ann","run_id":9,"sha":"` + commit + `"}`},
	} {
		d, err := signed(ofOwner, c.header, []byte(c.body+repository+"}")).receive(t)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		got, err := json.Marshal(d.Event)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
		var again Event
		if err := json.Unmarshal(got, &again); err != nil || again != d.Event {
			t.Errorf("%s: read back as %+v, %v", c.what, again, err)
		}
	}
}

// What no job can wait for is no error of Gitea's, and what Gitea does not send is one.
func TestOtherEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, body string
		want       *Refusal
	}{
		{"a branch is gone", `{"ref":"old","ref_type":"branch","pusher_type":"user",`, ErrUnsupported},
		{"a push that removes", `{"ref":"refs/heads/old","after":"0000000000000000000000000000000000000000",`, ErrUnsupported},
		{"a page of a wiki", `{"action":"created","page":"Home","comment":"What was changed",`, ErrUnsupported},
		{"a fork", `{"forkee":{"full_name":"eve/web"},`, ErrUnsupported},
		{"an action of a later version", `{"action":"transferred","issue":{"number":3},`, ErrUnsupported},
		{"a run that ended otherwise", `{"action":"completed","workflow_run":{"id":9,"head_sha":"` + commit + `","conclusion":"stale"},`, ErrUnsupported},
		{"an issue without number", `{"action":"opened","issue":{},`, ErrMalformed},
		{"an issue below zero", `{"action":"opened","issue":{"number":-3},`, ErrMalformed},
		{"a branch that is a revision", `{"ref":"refs/heads/a~1","after":"` + commit + `",`, ErrMalformed},
		{"a ref outside", `{"ref":"refs/pull/1/head","after":"` + commit + `",`, ErrMalformed},
		{"half a commit", `{"ref":"refs/heads/main","after":"0123456",`, ErrMalformed},
	} {
		if _, err := signed(ofOwner, "issues", []byte(c.body+repository+"}")).receive(t); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	for _, sender := range []string{"", "an n", "../admin", strings.Repeat("a", 41)} {
		body := `{"action":"opened","issue":{"number":3},"repository":{"full_name":"acme/web"},"sender":{"login":"` + sender + `"}}`
		if _, err := signed(ofOwner, "issues", []byte(body)).receive(t); !errors.Is(err, ErrMalformed) {
			t.Errorf("sent by %q: %v", sender, err)
		}
	}
	for _, raw := range []string{`{}`, `{"kind":"issues","action":"opened","repository":"acme/web/x","sender":"ann","number":1}`, `{"kind":"issues","action":"opened","repository":"acme/web","sender":"ann","number":-1}`} {
		if err := json.Unmarshal([]byte(raw), new(Event)); err == nil {
			t.Errorf("%s is taken for an event", raw)
		}
	}
}

// Gitea's own types, as its library has them, encode to what is read here.
func TestGiteasOwnShapes(t *testing.T) {
	t.Parallel()
	repo, user := &gitea.Repository{FullName: "acme/web"}, &gitea.User{UserName: "ann"}
	at := now.Add(-time.Minute)
	for header, payload := range map[string]any{
		"issues": map[string]any{"action": "opened", "number": 3, "issue": &gitea.Issue{Index: 3, Created: at}, "repository": repo, "sender": user},
		"issue_comment": map[string]any{"action": "created", "issue": &gitea.Issue{Index: 3}, "comment": &gitea.Comment{Created: at},
			"repository": repo, "sender": user},
		"pull_request": map[string]any{"action": "synchronized", "number": 3, "pull_request": &gitea.PullRequest{Index: 3,
			Base: &gitea.PRBranchInfo{Ref: "main"}, Head: &gitea.PRBranchInfo{Ref: "x", Sha: commit}}, "repository": repo, "sender": user},
		"release": map[string]any{"action": "published", "release": &gitea.Release{TagName: "v1"}, "repository": repo, "sender": user},
	} {
		body, err := json.MarshalIndent(payload, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if d, err := signed(ofOwner, header, body).receive(t); err != nil || d.Event.Kind != header {
			t.Errorf("%s: %+v %v", header, d.Event, err)
		}
	}
}

// Whatever is signed, nothing panics, and an event that is made is canonical.
func FuzzReceive(f *testing.F) {
	f.Add("issues", []byte(`{"action":"opened","issue":{"number":3},`+repository+`}`))
	f.Add("push", []byte(`{"ref":"refs/heads/main","after":"`+commit+`",`+repository+`}`))
	f.Add("workflow_run", []byte(`{"action":"completed","workflow_run":{"id":9,"head_sha":"`+commit+`","conclusion":"failure"},`+repository+`}`))
	f.Add("pull_request", []byte(`{"pull_request":{"number":3,"base":null,"head":{}},`+repository+`}`))
	all, _ := delivered(f)
	for _, r := range all {
		f.Add(r.header.Get("X-Gitea-Event"), r.body)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		d, err := signed(ofOwner, header, body).receive(t)
		if err != nil {
			var refusal *Refusal
			if !errors.As(err, &refusal) {
				t.Errorf("%v is no refusal", err)
			}
			return
		}
		raw, err := json.Marshal(d.Event)
		if err != nil {
			t.Fatal(err)
		}
		var again Event
		if err := json.Unmarshal(raw, &again); err != nil || again != d.Event {
			t.Errorf("%s: %+v, %v", raw, again, err)
		}
	})
}
