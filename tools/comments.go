package tools

import (
	"encoding/json"

	"aegis/forge"
	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// commentEffect says where a comment goes.
type commentEffect struct {
	On       string `json:"on"` // issue or pull request
	Number   int64  `json:"number,omitempty"`
	URL      string `json:"html_url"`
	State    string `json:"state,omitempty"`
	Locked   bool   `json:"locked,omitempty"` // only those who may write can comment
	Bytes    int    `json:"body_bytes"`
	Replaced int    `json:"replaced_body_bytes,omitempty"`
}

// writtenComment compares a comment with what was to be written.
func writtenComment(v *gate.Visit, number int64, body string, answer json.RawMessage) (any, error) {
	comment, err := forge.Read[gitea.Comment](answer)
	if err != nil {
		return nil, err
	}
	if comment.Body != body {
		v.Remark("Gitea holds another text than was to be written.")
	}
	return commentWritten{v.Repo().FullName, number, comment.ID, comment.HTMLURL}, nil
}

// commentWritten is a comment that was written.
type commentWritten struct {
	Repository string `json:"repository"`
	Number     int64  `json:"number,omitempty"`
	ID         int64  `json:"comment_id"`
	URL        string `json:"html_url"`
}
