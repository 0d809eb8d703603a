package giteatest

import (
	"context"
	"net/http"
)

// Hook is a webhook of Gitea's own kind, for every event that there is.
type Hook struct {
	Address string // on loopback: Gitea is told to deliver nowhere else
	Secret  string // "" signs nothing
	Form    bool   // instead of JSON
}

// hookEvents are all events by the names that Gitea's API takes.
var hookEvents = []string{
	"create", "delete", "fork", "push", "issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment",
	"pull_request", "pull_request_assign", "pull_request_label", "pull_request_milestone", "pull_request_comment",
	"pull_request_review", "pull_request_review_request", "pull_request_sync", "wiki", "repository", "release",
	"package", "status", "workflow_run", "workflow_job",
}

// Deliver makes Gitea tell of what happens below path from now on, which is "/orgs/acme"
// or "/repos/acme/app". [Server.Settle] returns when what there was to tell has been told.
func (s *Server) Deliver(ctx context.Context, path string, h Hook) error {
	kind := "json"
	if h.Form {
		kind = "form"
	}
	return s.As(s.World.Keeper.Token).Into(ctx, http.MethodPost, path+"/hooks", object{
		"type": "gitea", "active": true, "events": hookEvents,
		"config": object{"url": h.Address, "content_type": kind, "secret": h.Secret},
	}, nil)
}
