package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"

	"aegis/forge"
	"aegis/gate"
)

type writeWikiPageArgs struct {
	writeArgs
	Page    string `json:"name" max:"250" doc:"Name in list_wiki_pages, or title"`
	Content string `json:"content" text:"content" doc:"Markdown, the whole page"`
	Message string `json:"message,omitempty" text:"message" doc:"Of the commit"`
}

// reservedPages are names that Gitea keeps for itself.
var reservedPages = []string{"_pages", "_new", "_edit", "raw"}

func (a *writeWikiPageArgs) check() error {
	switch {
	case strings.ContainsAny(a.Page, `/\`), a.Page == ".", a.Page == "..":
		return errors.New("name must be a page's name, without slashes")
	case strings.TrimSpace(a.Page) != a.Page:
		return errors.New("name must not begin or end with a blank")
	case strings.ContainsFunc(a.Page, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return errors.New("name contains an invisible character")
	case slices.Contains(reservedPages, a.Page):
		return errors.New("name is one that Gitea keeps for itself")
	case len(forge.WikiFile(a.Page)) > 255:
		return errors.New("name is too long")
	}
	return a.repoArgs.check()
}

func writeWikiPage() Tool {
	return write(changing[writeWikiPageArgs]{
		name:        "write_wiki_page",
		title:       "Write a wiki page",
		description: "Creates a wiki page, or replaces all of the one that has the name.",
		target:      func(a writeWikiPageArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planWriteWikiPage,
		destructive: true,
	})
}

// wikiEffect says which page is written.
type wikiEffect struct {
	Page     string `json:"name"`
	Creates  bool   `json:"creates"`
	Replaces string `json:"replaces_commit,omitempty"` // that the page was last written by
	Bytes    int    `json:"bytes"`
}

// wikiWritten is a page that was written.
type wikiWritten struct {
	Repository string `json:"repository"`
	Page       string `json:"name"`
	Created    bool   `json:"created,omitempty"`
	Commit     string `json:"commit"`
	Bytes      int    `json:"bytes"`
	URL        string `json:"html_url"`
}

func planWriteWikiPage(_ context.Context, v *gate.Visit, a writeWikiPageArgs) (*gate.Plan, error) {
	repo := v.Repo()
	title, stored, err := findPage(v, a.Page)
	if err != nil {
		return nil, err
	}
	file, last, before := forge.WikiFile(title), "", ""
	if stored != nil {
		last, before = stored.Commit(), string(stored.Content)
	}
	effect := wikiEffect{Page: pageName(file), Creates: last == "", Replaces: last, Bytes: len(a.Content)}
	request := forge.ReplaceWikiPage(repo.Name, title, a.Content, a.Message)
	if effect.Creates {
		request = forge.CreateWikiPage(repo.Name, title, a.Content, a.Message)
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: request}},
		Effect: effect,
		Changes: func() ([]gate.Change, error) {
			return []gate.Change{{Field: "content", Before: before, After: a.Content}}, nil
		},
		Rests: []gate.Basis{gate.RestsOn(last, func() (string, error) {
			page, err := pageOf(v, file)
			if err != nil || page == nil {
				return "", err
			}
			return page.Commit(), nil
		}, gate.Refuse(gate.Conflict, "The page was written while this call was under way; nothing was written.").
			WithHint("Read it again and decide anew."))},
		Look: "the wiki",
		Answer: func(answers []json.RawMessage) (any, error) {
			page, err := forge.Read[forge.WikiPageWritten](answers[0])
			if err != nil {
				return nil, err
			}
			if page.File() != file {
				v.Remark("the page has another name than was planned")
			}
			if !bytes.Equal(page.Content, []byte(a.Content)) {
				v.Remark("the page has another content than was sent")
			}
			return wikiWritten{repo.FullName, page.SubURL, effect.Creates, page.Commit(), len(page.Content), page.HTMLURL}, nil
		},
	}, nil
}

// findPage returns the title under which a page is to be written, and the page as it
// is, nil if there is no such page. A name is
// taken for one in the list of pages first, as it is for reading, and else for a
// title.
func findPage(v *gate.Visit, name string) (title string, page *forge.WikiPage, err error) {
	listed := strings.ReplaceAll(strings.TrimSuffix(name, ".md"), "+", " ") + ".md"
	if page, err = pageOf(v, listed); err != nil {
		return "", nil, err
	}
	if page == nil {
		page, err = pageOf(v, forge.WikiFile(name))
		return name, page, err
	}
	title, ok := forge.WikiTitle(listed)
	if !ok {
		return "", nil, gate.Refuse(gate.Conflict, "The page has a name that Gitea would change with the write.").WithHint("A human has to write it, with git.")
	}
	return title, page, nil
}

// pageOf returns the page of a file, nil if it is not there.
func pageOf(v *gate.Visit, file string) (*forge.WikiPage, error) {
	page, err := v.Gitea().WikiPageFile(v.Repo().Name, file)
	if err != nil {
		if forge.From(err).Kind == forge.NotFound {
			return nil, nil
		}
		return nil, err
	}
	if page.Commit() == "" {
		return nil, gate.Refuse(gate.GiteaError, "Gitea does not tell which commit the page is of.")
	}
	return page, nil
}

// pageName is the name that the list of pages has for a file.
func pageName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(file, ".md"), " ", "+")
}
