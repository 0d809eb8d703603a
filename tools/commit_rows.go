package tools

import (
	"strings"

	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// commitItem is a commit in a list: its subject, not its whole message.
type commitItem struct {
	SHA     string   `json:"sha"`
	Subject string   `json:"subject"`
	Author  string   `json:"author,omitempty"` // login, or the name that git has
	Date    string   `json:"date,omitempty"`
	Parents []string `json:"parents,omitempty"`
	HasBody bool     `json:"has_body,omitempty"`
}

// Hide takes away what whoever made the commit wrote.
func (c *commitItem) Hide() { c.Subject, c.Author = gate.HiddenText, "" }

func commitRow(c *gitea.Commit) commitItem {
	item := commitItem{SHA: c.SHA, Author: login(c.Author)}
	if meta := c.RepoCommit; meta != nil {
		subject, body, _ := strings.Cut(meta.Message, "\n")
		item.Subject, item.HasBody = subject, strings.TrimSpace(body) != ""
		if meta.Author != nil {
			item.Date = meta.Author.Date
			if item.Author == "" {
				item.Author = meta.Author.Name
			}
		}
	}
	for _, parent := range c.Parents {
		item.Parents = append(item.Parents, parent.SHA)
	}
	return item
}
