// Package gitea is Gitea's records as its API writes them: of each as much as is read
// here. Names and members are those of Gitea's own library for Go, which a test holds
// them to. That library is not linked: with its client come SSH, signatures, and time
// at every start.
package gitea

import "time"

// Repository is a repository's record.
type Repository struct {
	ID              int64            `json:"id"`
	Owner           *User            `json:"owner"`
	FullName        string           `json:"full_name"`
	Description     string           `json:"description"`
	Empty           bool             `json:"empty"`
	Private         bool             `json:"private"`
	Fork            bool             `json:"fork"`
	Template        bool             `json:"template"`
	Parent          *Repository      `json:"parent"`
	Mirror          bool             `json:"mirror"`
	Size            int              `json:"size"`
	Language        string           `json:"language"`
	HTMLURL         string           `json:"html_url"`
	URL             string           `json:"url"`
	Website         string           `json:"website"`
	Stars           int              `json:"stars_count"`
	Forks           int              `json:"forks_count"`
	OpenIssues      int              `json:"open_issues_count"`
	OpenPulls       int              `json:"open_pr_counter"`
	Releases        int              `json:"release_counter"`
	DefaultBranch   string           `json:"default_branch"`
	Archived        bool             `json:"archived"`
	Created         time.Time        `json:"created_at"`
	Updated         time.Time        `json:"updated_at"`
	HasIssues       bool             `json:"has_issues"`
	HasWiki         bool             `json:"has_wiki"`
	ExternalWiki    *ExternalWiki    `json:"external_wiki"`
	HasPullRequests bool             `json:"has_pull_requests"`
	HasActions      bool             `json:"has_actions"`
	HasReleases     bool             `json:"has_releases"`
	HasPackages     bool             `json:"has_packages"`
	ExternalTracker *ExternalTracker `json:"external_tracker"`
	Permissions     *Permission      `json:"permissions"`
	Internal        bool             `json:"internal"`
	Topics          []string         `json:"topics"`
}

// ExternalWiki is there if a wiki is kept elsewhere.
type ExternalWiki struct{}

// RepositoryMeta is what an issue says of its repository.
type RepositoryMeta struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

// User is an account, of a person or an organization.
type User struct {
	ID         int64       `json:"id"`
	UserName   string      `json:"login"`
	FullName   string      `json:"full_name"`
	HTMLURL    string      `json:"html_url"`
	IsAdmin    bool        `json:"is_admin"`
	Visibility VisibleType `json:"visibility"`
}

// VisibleType is who sees an account.
type VisibleType string

// Values of [VisibleType].
const (
	VisibleTypeLimited VisibleType = "limited"
	VisibleTypePrivate VisibleType = "private"
	VisibleTypePublic  VisibleType = "public"
)

// Organization is an account of several.
type Organization struct {
	Name        string `json:"name"`
	FullName    string `json:"full_name"`
	Description string `json:"description"`
	Website     string `json:"website"`
	Visibility  string `json:"visibility"`
}

// Package is a version of a package.
type Package struct {
	Repository *Repository `json:"repository"`
	Creator    *User       `json:"creator"`
	Type       string      `json:"type"`
	Name       string      `json:"name"`
	Version    string      `json:"version"`
	HTMLURL    string      `json:"html_url"`
	CreatedAt  time.Time   `json:"created_at"`
}

// ExternalTracker is where a repository keeps its issues, if not in Gitea.
type ExternalTracker struct {
	ExternalTrackerURL string `json:"external_tracker_url"`
}

// Permission is what the asking user may do with a repository.
type Permission struct {
	Admin bool  `json:"admin"`
	Push  *bool `json:"push"`
	Pull  bool  `json:"pull"`
}
