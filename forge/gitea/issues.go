package gitea

import "time"

// Issue is an issue, or a pull request as one.
type Issue struct {
	HTMLURL     string           `json:"html_url"`
	Index       int64            `json:"number"`
	Poster      *User            `json:"user"`
	Title       string           `json:"title"`
	Body        string           `json:"body"`
	Labels      []*Label         `json:"labels"`
	Milestone   *Milestone       `json:"milestone"`
	Assignees   []*User          `json:"assignees"`
	State       StateType        `json:"state"`
	IsLocked    bool             `json:"is_locked"`
	Comments    int              `json:"comments"`
	Created     time.Time        `json:"created_at"`
	Updated     time.Time        `json:"updated_at"`
	Closed      *time.Time       `json:"closed_at"`
	Deadline    *time.Time       `json:"due_date"`
	PullRequest *PullRequestMeta `json:"pull_request"`
	Repository  *RepositoryMeta  `json:"repository"`
}

// StateType is whether an issue or a milestone is open.
type StateType string

// Values of [StateType].
const (
	StateOpen StateType = "open"
)

// PullRequestMeta is there if an issue is a pull request.
type PullRequestMeta struct{}

// Comment is a comment of an issue.
type Comment struct {
	ID             int64     `json:"id"`
	HTMLURL        string    `json:"html_url"`
	PRURL          string    `json:"pull_request_url"`
	IssueURL       string    `json:"issue_url"`
	Poster         *User     `json:"user"`
	OriginalAuthor string    `json:"original_author"`
	Body           string    `json:"body"`
	Created        time.Time `json:"created_at"`
	Updated        time.Time `json:"updated_at"`
}

// Label is a label.
type Label struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Milestone is a milestone.
type Milestone struct {
	ID           int64      `json:"id"`
	Title        string     `json:"title"`
	Description  string     `json:"description"`
	State        StateType  `json:"state"`
	OpenIssues   int        `json:"open_issues"`
	ClosedIssues int        `json:"closed_issues"`
	Closed       *time.Time `json:"closed_at"`
	Deadline     *time.Time `json:"due_on"`
}
