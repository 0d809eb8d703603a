package hook

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

var errUnsupported = errors.New("no job can wait for this")

// payload is as much of what Gitea sends as is looked at. Which event it is of, its
// shape tells: the header that names it is not signed.
type payload struct {
	Action     string `json:"action"`
	Repository struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
	Sender struct {
		Login string `json:"login"`
	} `json:"sender"`

	Issue *struct {
		Number  int64     `json:"number"`
		Created time.Time `json:"created_at"`
	} `json:"issue"`
	Comment     *comment `json:"comment"`
	PullRequest *struct {
		Number  int64      `json:"number"`
		Created *time.Time `json:"created_at"`
		Base    branch     `json:"base"`
		Head    branch     `json:"head"`
	} `json:"pull_request"`
	Review *struct {
		Type string `json:"type"`
	} `json:"review"`
	Changes *struct {
		Added []struct {
			Name string `json:"name"`
		} `json:"added_labels"`
	} `json:"changes"`
	Run *struct {
		ID         int64     `json:"id"`
		HeadSHA    string    `json:"head_sha"`
		Conclusion string    `json:"conclusion"`
		Completed  time.Time `json:"completed_at"`
	} `json:"workflow_run"`
	Release *struct {
		Tag string `json:"tag_name"`
	} `json:"release"`

	Ref     string    `json:"ref"`
	RefType string    `json:"ref_type"`
	After   string    `json:"after"`
	SHA     string    `json:"sha"`
	Context *string   `json:"context"`
	State   string    `json:"state"`
	Created time.Time `json:"created_at"`
}

// comment is one on an issue. Of a page of a wiki the member of that name is a text.
type comment struct{ Created time.Time }

// UnmarshalJSON reads a comment, or nothing of a text.
func (c *comment) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return nil
	}
	var read struct {
		Created time.Time `json:"created_at"`
	}
	err := json.Unmarshal(raw, &read)
	c.Created = read.Created
	return err
}

type branch struct {
	Ref string `json:"ref"`
	SHA string `json:"sha"`
}

// extract makes an event of a body, and says by which names X-Gitea-Event may call it.
func extract(body []byte) (Event, []string, error) {
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return Event{}, nil, errors.New("not the JSON of a webhook")
	}
	found, names := p.read()
	found.Repository, found.Sender = p.Repository.FullName, p.Sender.Login
	if found.At.Unix() <= 0 { // no time yet, as Gitea writes it
		found.At = time.Time{}
	}
	event, err := found.event()
	if err == nil && !event.whole() {
		err = errors.New("a value is missing")
	}
	return event, names, err
}

// read tells the shapes apart, the one with most in it first.
func (p *payload) read() (found stored, names []string) {
	switch {
	case p.Run != nil:
		found = stored{Kind: "workflow_run", Action: p.Action, RunID: p.Run.ID, SHA: p.Run.HeadSHA}
		if p.Action == "completed" {
			found.Action, found.At = p.Run.Conclusion, p.Run.Completed
		}
	case p.Comment != nil && p.Issue != nil:
		found = stored{Kind: "issue_comment", Action: p.Action, Number: p.Issue.Number}
		if p.Action == "created" {
			found.At = p.Comment.Created
		}
	case p.Review != nil && p.PullRequest != nil:
		// Only the ending of the type is the same in all versions.
		for ending, action := range map[string]string{"_approved": "approved", "_rejected": "rejected", "_comment": "commented"} {
			if strings.HasSuffix(p.Review.Type, ending) {
				found.Action = action
				names = []string{"pull_request" + ending, "pull_request_review" + ending}
			}
		}
		found.Kind, found.Number = "pull_request_review", p.PullRequest.Number
		found.Ref, found.SHA = fullRef("branch", p.PullRequest.Base.Ref), p.PullRequest.Head.SHA
		return found, names
	case p.PullRequest != nil:
		found = stored{Kind: "pull_request", Action: p.Action, Number: p.PullRequest.Number, Label: p.label(),
			Ref: fullRef("branch", p.PullRequest.Base.Ref), SHA: p.PullRequest.Head.SHA}
		if p.Action == "opened" && p.PullRequest.Created != nil {
			found.At = *p.PullRequest.Created
		}
	case p.Issue != nil:
		found = stored{Kind: "issues", Action: p.Action, Number: p.Issue.Number, Label: p.label()}
		if p.Action == "opened" {
			found.At = p.Issue.Created
		}
	case p.Release != nil:
		found = stored{Kind: "release", Action: p.Action, Ref: "refs/tags/" + p.Release.Tag}
	case p.Context != nil:
		found = stored{Kind: "status", Action: p.State, SHA: p.SHA, At: p.Created}
	case p.After != "" && strings.Trim(p.After, "0") != "": // zeros stand for a branch that is gone
		found = stored{Kind: "push", Ref: p.Ref, SHA: p.After}
	case p.RefType != "" && p.SHA != "":
		found = stored{Kind: "create", Action: p.RefType, Ref: fullRef(p.RefType, p.Ref), SHA: p.SHA}
	}
	return found, []string{found.Kind}
}

// label is the one label that was added.
func (p *payload) label() string {
	if p.Changes == nil || len(p.Changes.Added) != 1 {
		return ""
	}
	return p.Changes.Added[0].Name
}

func fullRef(kind, name string) string {
	if kind == "tag" {
		return "refs/tags/" + name
	}
	return "refs/heads/" + name
}
