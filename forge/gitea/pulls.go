package gitea

import "time"

// PullRequest is a pull request.
type PullRequest struct {
	Index               int64         `json:"number"`
	Poster              *User         `json:"user"`
	Title               string        `json:"title"`
	Body                string        `json:"body"`
	Labels              []*Label      `json:"labels"`
	Milestone           *Milestone    `json:"milestone"`
	Assignees           []*User       `json:"assignees"`
	RequestedReviewers  []*User       `json:"requested_reviewers"`
	State               StateType     `json:"state"`
	Draft               bool          `json:"draft"`
	IsLocked            bool          `json:"is_locked"`
	Comments            int           `json:"comments"`
	HTMLURL             string        `json:"html_url"`
	Mergeable           bool          `json:"mergeable"`
	HasMerged           bool          `json:"merged"`
	Merged              *time.Time    `json:"merged_at"`
	MergedCommitID      *string       `json:"merge_commit_sha"`
	MergedBy            *User         `json:"merged_by"`
	AllowMaintainerEdit bool          `json:"allow_maintainer_edit"`
	Base                *PRBranchInfo `json:"base"`
	Head                *PRBranchInfo `json:"head"`
	MergeBase           string        `json:"merge_base"`
	Deadline            *time.Time    `json:"due_date"`
	Created             *time.Time    `json:"created_at"`
	Updated             *time.Time    `json:"updated_at"`
	Closed              *time.Time    `json:"closed_at"`
}

// PRBranchInfo is an end of a pull request.
type PRBranchInfo struct {
	Name       string      `json:"label"`
	Ref        string      `json:"ref"`
	Sha        string      `json:"sha"`
	RepoID     int64       `json:"repo_id"`
	Repository *Repository `json:"repo"`
}

// PullReview is a review.
type PullReview struct {
	ID                int64           `json:"id"`
	Reviewer          *User           `json:"user"`
	State             ReviewStateType `json:"state"`
	Body              string          `json:"body"`
	CommitID          string          `json:"commit_id"`
	Stale             bool            `json:"stale"`
	Official          bool            `json:"official"`
	Dismissed         bool            `json:"dismissed"`
	CodeCommentsCount int             `json:"comments_count"`
	Submitted         time.Time       `json:"submitted_at"`
	HTMLURL           string          `json:"html_url"`
	HTMLPullURL       string          `json:"pull_request_url"`
}

// ReviewStateType is what a review says.
type ReviewStateType string

// Values of [ReviewStateType].
const (
	ReviewStateComment        ReviewStateType = "COMMENT"
	ReviewStatePending        ReviewStateType = "PENDING"
	ReviewStateRequestChanges ReviewStateType = "REQUEST_CHANGES"
)

// PullReviewComment is a comment of a review, on a line.
type PullReviewComment struct {
	ID          int64     `json:"id"`
	Body        string    `json:"body"`
	Reviewer    *User     `json:"user"`
	Resolver    *User     `json:"resolver"`
	Created     time.Time `json:"created_at"`
	Path        string    `json:"path"`
	LineNum     uint64    `json:"position"`
	OldLineNum  uint64    `json:"original_position"`
	HTMLURL     string    `json:"html_url"`
	HTMLPullURL string    `json:"pull_request_url"`
}
