package forge

import (
	"net/http"
	"net/url"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Repository is Gitea's record of a repository. It embeds its parent's record,
// and the original_url of a mirror can hold credentials: it is not to be
// answered as it is.
type Repository = gitea.Repository

// Repository returns a repository's record. Its full name may be spelled in
// another case than repo.
func (c *Reader) Repository(repo canon.Repo) (*Repository, error) {
	var record Repository
	if _, err := c.getJSON(&record, nil, "repos", repo.Owner(), repo.Name()); err != nil {
		return nil, err
	}
	if record.ID <= 0 || record.FullName == "" {
		return nil, notGitea(http.StatusOK)
	}
	return &record, nil
}

// Head is a branch: where it is, and what Gitea lets the token's user do with it.
type Head struct {
	Commit    string
	Protected bool
	Rule      string // that protects it, "" to who does not administer the repository
	MayPush   bool   // as far as the user goes; a rule may want more, a signature say
}

// BranchCommit returns the id of the commit at the head of a branch, given by
// its short name.
func (c *Reader) BranchCommit(repo canon.Repo, branch string) (string, error) {
	head, err := c.Branch(repo, branch)
	return head.Commit, err
}

// Branch returns a branch, given by its short name.
func (c *Reader) Branch(repo canon.Repo, branch string) (Head, error) {
	var record struct {
		Name   string `json:"name"`
		Commit struct {
			ID  string `json:"id"`
			URL string `json:"url"`
		} `json:"commit"`
		Protected bool   `json:"protected"`
		Rule      string `json:"effective_branch_protection_name"`
		MayPush   *bool  `json:"user_can_push"`
	}
	if _, err := c.getJSON(&record, nil, below(repo, branch, "branches")...); err != nil {
		return Head{}, err
	}
	if record.Name != branch { // a database may fold case where git doesn't
		return Head{}, otherName()
	}
	if !commitID(record.Commit.ID) {
		return Head{}, notGitea(http.StatusOK)
	}
	mayPush := record.MayPush == nil || *record.MayPush // Gitea itself says it if it is not told before
	return Head{record.Commit.ID, record.Protected, record.Rule, mayPush}, c.isOf(repo, 0, record.Commit.URL)
}

// WantsSignature reports whether a rule that protects branches takes signed commits only,
// and Gitea has no key to sign what it commits for people. It is told to who administers the
// repository.
func (c *Reader) WantsSignature(repo canon.Repo, rule string) (bool, error) {
	if !isShortRef(rule) {
		return false, nil
	}
	var record struct {
		Wants bool `json:"require_signed_commits"`
	}
	if _, err := c.getJSON(&record, nil, below(repo, rule, "branch_protections")...); err != nil || !record.Wants {
		return false, err
	}
	for _, name := range []string{"signing-key.gpg", "signing-key.pub"} {
		key, err := c.getText(nil, name)
		if err == nil && strings.TrimSpace(key) != "" || err != nil && From(err).Kind != NotFound {
			return false, err
		}
	}
	return true, nil
}

// TagCommit returns the id of the commit that a tag, given by its short name,
// leads to. A tag of a tree or a blob is NotFound: its id would be served as
// if it were a commit's, with another root.
func (c *Reader) TagCommit(repo canon.Repo, tag string) (string, error) {
	var record struct {
		Name   string `json:"name"`
		Commit struct {
			SHA string `json:"sha"`
			URL string `json:"url"`
		} `json:"commit"`
	}
	if _, err := c.getJSON(&record, nil, below(repo, tag, "tags")...); err != nil {
		return "", err
	}
	if record.Name != tag {
		return "", otherName()
	}
	if err := c.isOf(repo, 0, record.Commit.URL); err != nil {
		return "", err
	}
	return c.CommitID(repo, record.Commit.SHA)
}

// CommitID returns the id of the commit that id names: id itself, or where id
// is an annotated tag's, the commit's that it leads to. The id of a tree or a
// blob is NotFound.
func (c *Reader) CommitID(repo canon.Repo, id string) (string, error) {
	if !canon.IsCommitID(id) {
		return "", notGitea(http.StatusOK)
	}
	return c.commitNamed(repo, strings.ToLower(id))
}

// ShortCommitID returns the id of the one commit whose id begins with short. If there
// is none, or more than one, or if something else is called so, that is NotFound.
func (c *Reader) ShortCommitID(repo canon.Repo, short string) (string, error) {
	id, err := c.commitNamed(repo, short)
	switch {
	case err != nil && From(err).FailedInside(), err == nil && !strings.HasPrefix(id, short):
		return "", &Error{Kind: NotFound, Status: http.StatusOK, Message: "No single commit's id begins so."}
	}
	return id, err
}

// commitNamed returns the id of the commit that Gitea finds by a name.
func (c *Reader) commitNamed(repo canon.Repo, name string) (string, error) {
	var record struct {
		SHA     string `json:"sha"`
		HTMLURL string `json:"html_url"`
	}
	brief := url.Values{"stat": {"false"}, "verification": {"false"}, "files": {"false"}}
	if _, err := c.getJSON(&record, brief, "repos", repo.Owner(), repo.Name(), "git", "commits", name); err != nil {
		return "", err
	}
	if !commitID(record.SHA) {
		return "", notGitea(http.StatusOK)
	}
	return record.SHA, c.isOf(repo, 0, record.HTMLURL)
}

// Assignees returns the logins of those who can write to a repository, in
// Gitea's spelling.
func (c *Reader) Assignees(repo canon.Repo) ([]string, error) {
	var users []struct {
		Login string `json:"login"`
	}
	if _, err := c.getJSON(&users, nil, "repos", repo.Owner(), repo.Name(), "assignees"); err != nil {
		return nil, err
	}
	logins := make([]string, 0, len(users))
	for _, user := range users {
		if user.Login != "" {
			logins = append(logins, user.Login)
		}
	}
	return logins, nil
}

// below returns the segments of an address below a repository that ends in a
// name with slashes.
func below(repo canon.Repo, name string, kind ...string) []string {
	segments := append([]string{"repos", repo.Owner(), repo.Name()}, kind...)
	return append(segments, strings.Split(name, "/")...)
}

// otherName is the error for a name that Gitea has in another spelling only.
func otherName() *Error {
	return &Error{Kind: NotFound, Status: http.StatusOK, Message: "Gitea has that name in another spelling only."}
}
