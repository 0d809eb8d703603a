package tools

import gitea "aegis/forge/gitea"

// wikiItem is a wiki page in a list.
type wikiItem struct {
	Name    string `json:"name"` // as get_wiki_page takes it
	Title   string `json:"title"`
	Commit  string `json:"commit,omitempty"`
	Author  string `json:"author,omitempty"` // as git has it
	Updated string `json:"updated_at,omitempty"`
}

func wikiRow(page *gitea.WikiPageMetaData) wikiItem {
	item := wikiItem{Name: page.SubURL, Title: page.Title}
	if last := page.LastCommit; last != nil {
		item.Commit = last.ID
		if last.Author != nil {
			item.Author, item.Updated = last.Author.Name, last.Author.Date
		}
	}
	return item
}
