package tools

import (
	"context"
	"path"
	"strconv"

	"aegis/forge/gitea"
	"aegis/gate"
)

type listNotificationsArgs struct{ pageArgs }

func listNotifications() Tool {
	return read(definition[listNotificationsArgs]{
		name:        "list_notifications",
		title:       "List notifications",
		description: "What the token's user has not read yet, or has pinned. Untrusted text.",
		target:      func(listNotificationsArgs) gate.Target { return gate.Everywhere() },
		run:         runListNotifications,
	})
}

// notificationItem is a notification. Gitea doesn't say why it was sent.
type notificationItem struct {
	ID         int64  `json:"id"`
	Repository string `json:"repository"`
	Type       string `json:"type,omitempty"`   // Issue, Pull, Commit or Repository
	Number     int64  `json:"number,omitempty"` // of an issue or a pull request
	Title      string `json:"title,omitempty"`
	State      string `json:"state,omitempty"` // open, closed or merged
	Unread     bool   `json:"unread,omitempty"`
	Pinned     bool   `json:"pinned,omitempty"`
	Updated    string `json:"updated_at,omitempty"`
}

// Author implements [gate.Authored]. Gitea does not say who wrote the title.
func (*notificationItem) Author() string { return "" }

// Hide implements [gate.Authored].
func (n *notificationItem) Hide() { n.Title = gate.HiddenText }

func runListNotifications(_ context.Context, v *gate.Visit, a listNotificationsArgs) (*gate.Result, error) {
	found, more, err := v.Gitea().Notifications(a.page())
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more, Own: true}
	for _, n := range found {
		// One of a repository that the user lost can't be judged.
		row := gate.Row{Record: n.Repository, Unnameable: n.Repository == nil}
		if n.Repository != nil {
			row.Value = notificationRow(n)
		}
		list.Rows = append(list.Rows, row)
	}
	return &gate.Result{List: list}, nil
}

func notificationRow(n *gitea.NotificationThread) *notificationItem {
	item := &notificationItem{
		ID: n.ID, Repository: n.Repository.FullName, Unread: n.Unread, Pinned: n.Pinned, Updated: stamp(n.UpdatedAt),
	}
	if s := n.Subject; s != nil {
		item.Type, item.Title, item.State = string(s.Type), s.Title, string(s.State)
		if s.Type == gitea.NotifySubjectIssue || s.Type == gitea.NotifySubjectPull {
			item.Number, _ = strconv.ParseInt(path.Base(s.URL), 10, 64) // …/issues/NUMBER
		}
	}
	return item
}
