package gitea

// WikiPage is a page of a wiki.
type WikiPage struct {
	Title         string      `json:"title"`
	ContentBase64 string      `json:"content_base64"`
	HTMLURL       string      `json:"html_url"`
	SubURL        string      `json:"sub_url"`
	LastCommit    *WikiCommit `json:"last_commit"`
}

// WikiPageMetaData is a page of a wiki without its text.
type WikiPageMetaData struct {
	Title      string      `json:"title"`
	HTMLURL    string      `json:"html_url"`
	SubURL     string      `json:"sub_url"`
	LastCommit *WikiCommit `json:"last_commit"`
}

// WikiCommit is the commit that a page was last changed by.
type WikiCommit struct {
	ID     string      `json:"sha"`
	Author *CommitUser `json:"author"`
}
