package gitea

import "time"

// Branch is a branch.
type Branch struct {
	Name      string         `json:"name"`
	Commit    *PayloadCommit `json:"commit"`
	Protected bool           `json:"protected"`
}

// PayloadCommit is the commit that a branch leads to.
type PayloadCommit struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// Commit is a commit with what is known of its people.
type Commit struct {
	*CommitMeta
	HTMLURL    string        `json:"html_url"`
	RepoCommit *RepoCommit   `json:"commit"`
	Author     *User         `json:"author"`
	Parents    []*CommitMeta `json:"parents"`
}

// CommitMeta names a commit.
type CommitMeta struct {
	URL string `json:"url"`
	SHA string `json:"sha"`
}

// RepoCommit is the commit itself.
type RepoCommit struct {
	Author  *CommitUser `json:"author"`
	Message string      `json:"message"`
}

// CommitUser is who made a commit, and when, as the commit says.
type CommitUser struct {
	Identity
	Date string `json:"date"`
}

// Identity is a name in a commit.
type Identity struct {
	Name string `json:"name"`
}

// ChangedFile is a file that a commit or a pull request changes.
type ChangedFile struct {
	Filename         string `json:"filename"`
	PreviousFilename string `json:"previous_filename"`
	Status           string `json:"status"`
	Additions        int    `json:"additions"`
	Deletions        int    `json:"deletions"`
}

// ContentsResponse is a file, a link, a folder or a submodule.
type ContentsResponse struct {
	Path          string  `json:"path"`
	SHA           string  `json:"sha"`
	LastCommitSha *string `json:"last_commit_sha"`
	Type          string  `json:"type"`
	Size          int64   `json:"size"`
	Content       *string `json:"content"`
	Target        *string `json:"target"`
	URL           *string `json:"url"`
	HTMLURL       *string `json:"html_url"`
}

// GitTreeResponse is a tree, or a page of it.
type GitTreeResponse struct {
	SHA       string     `json:"sha"`
	URL       string     `json:"url"`
	Entries   []GitEntry `json:"tree"`
	Truncated bool       `json:"truncated"`
}

// GitEntry is an entry of a tree.
type GitEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	SHA  string `json:"sha"`
}

// Tag is a tag.
type Tag struct {
	Name   string      `json:"name"`
	Commit *CommitMeta `json:"commit"`
}

// Release is a release.
type Release struct {
	ID           int64         `json:"id"`
	TagName      string        `json:"tag_name"`
	Target       string        `json:"target_commitish"`
	Title        string        `json:"name"`
	Note         string        `json:"body"`
	URL          string        `json:"url"`
	HTMLURL      string        `json:"html_url"`
	IsDraft      bool          `json:"draft"`
	IsPrerelease bool          `json:"prerelease"`
	CreatedAt    time.Time     `json:"created_at"`
	Publisher    *User         `json:"author"`
	Attachments  []*Attachment `json:"assets"`
}

// Attachment is a file of a release.
type Attachment struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// CombinedStatus is what was reported of a commit.
type CombinedStatus struct {
	SHA        string      `json:"sha"`
	Statuses   []*Status   `json:"statuses"`
	Repository *Repository `json:"repository"`
	CommitURL  string      `json:"commit_url"`
}

// Status is what one reporter says of a commit.
type Status struct {
	State       StatusState `json:"status"`
	TargetURL   string      `json:"target_url"`
	Description string      `json:"description"`
	Context     string      `json:"context"`
	Creator     *User       `json:"creator"`
	Updated     time.Time   `json:"updated_at"`
}

// StatusState is how it went.
type StatusState string

// Values of [StatusState].
const (
	StatusError   StatusState = "error"
	StatusFailure StatusState = "failure"
	StatusSuccess StatusState = "success"
	StatusWarning StatusState = "warning"
)
