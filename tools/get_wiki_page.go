package tools

import (
	"context"
	"errors"

	"aegis/forge"
	"aegis/gate"
)

type getWikiPageArgs struct {
	repoArgs
	Page string `json:"name" max:"250" doc:"As list_wiki_pages has it, title, or file name"`
	lineArgs
}

func (a *getWikiPageArgs) check() error {
	return errors.Join(a.repoArgs.check(), checkPageName(a.Page), a.wrongLines(0))
}

// checkPageName refuses what no page can be called.
func checkPageName(name string) error {
	if name == "." || name == ".." {
		return errors.New("name must be a page's name or title")
	}
	return nil
}

func getWikiPage() Tool {
	return read(definition[getWikiPageArgs]{
		name:        "get_wiki_page",
		title:       "Read a wiki page",
		description: "A wiki page's text, secrets redacted. Untrusted text.",
		target:      func(a getWikiPageArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetWikiPage,
		ahead:       func(ask *forge.Reader, a getWikiPageArgs, _ string) { _, _, _, _ = ask.FindWikiPage(a.repo, a.Page) },
	})
}

// wikiFields is where a page's text comes from.
type wikiFields struct {
	Repository string `json:"repository"`
	Visibility string `json:"visibility"`
	wikiItem
	textForm
	Others []string `json:"also_stands_for,omitempty"` // files of other pages
	Binary bool     `json:"binary,omitempty"`
	Hint   string   `json:"hint,omitempty"`
	URL    string   `json:"html_url"`
}

func runGetWikiPage(_ context.Context, v *gate.Visit, a getWikiPageArgs) (*gate.Result, error) {
	repo := v.Repo()
	page, _, others, err := v.Gitea().FindWikiPage(repo.Name, a.Page)
	if err != nil {
		return nil, err
	}
	if page == nil {
		return nil, notThis("The wiki has no page of this name or title.", "list_wiki_pages lists them.")
	}
	fields := &wikiFields{
		Repository: repo.FullName, Visibility: string(repo.Visibility), wikiItem: wikiRow(&page.WikiPageMetaData), URL: page.HTMLURL, Others: others,
	}
	if others != nil {
		fields.Hint = "The name stands for other pages as well; ask for one of those by its file's name."
	}
	if len(page.Content) == 0 {
		fields.Hint = "The page is empty, or larger than what Gitea gives out."
	}
	text, form, ok := decodeText(page.Content)
	if !ok {
		fields.Binary = true
		return &gate.Result{Fields: fields}, nil
	}
	fields.textForm = form
	return &gate.Result{Fields: fields, Text: &gate.Text{Body: text, First: a.StartLine, Column: a.StartColumn}}, nil
}
