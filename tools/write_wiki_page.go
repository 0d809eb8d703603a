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
	Page    string `json:"name" max:"250" doc:"As list_wiki_pages has it, title, or file name"`
	Content string `json:"content" text:"content" doc:"The whole page"`
	Message string `json:"message,omitempty" text:"message" doc:"Of the commit"`
}

// reservedPages are names that Gitea keeps for itself.
var reservedPages = []string{"_pages", "_new", "_edit", "raw"}

func (a *writeWikiPageArgs) check() error {
	return errors.Join(a.repoArgs.check(), checkPageName(a.Page), a.checkName())
}

func (a *writeWikiPageArgs) checkName() error {
	switch {
	case strings.TrimSpace(a.Page) != a.Page:
		return errors.New("name must not begin or end with a blank")
	case strings.ContainsFunc(a.Page, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return errors.New("name contains an invisible character")
	case slices.Contains(reservedPages, a.Page):
		return errors.New("name is one that Gitea keeps for itself")
	case len(forge.WikiFile(a.Page)) > 255:
		return errors.New("name is too long")
	}
	return nil
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
	Page     string   `json:"name"`
	Title    string   `json:"title"`
	Creates  bool     `json:"creates"`
	Replaces string   `json:"replaces_commit,omitempty"` // that the page was last written by
	Others   []string `json:"also_stands_for,omitempty"` // files of other pages, which stay as they are
	Kept     []string `json:"kept,omitempty"`            // of how the page is stored
	Bytes    int      `json:"bytes"`
}

// wikiWritten is a page that was written.
type wikiWritten struct {
	Repository string   `json:"repository"`
	Page       string   `json:"name"`
	Title      string   `json:"title"`
	Created    bool     `json:"created,omitempty"`
	Others     []string `json:"also_stands_for,omitempty"`
	Kept       []string `json:"kept,omitempty"`
	Commit     string   `json:"commit"`
	Bytes      int      `json:"bytes"`
	URL        string   `json:"html_url"`
}

func planWriteWikiPage(_ context.Context, v *gate.Visit, a writeWikiPageArgs) (*gate.Plan, error) {
	repo := v.Repo()
	page, err := findPage(v, a.Page)
	if err != nil {
		return nil, err
	}
	content, before, effect := a.Content, "", wikiEffect{Page: pageName(page.file), Title: page.title, Creates: page.stored == nil, Others: page.others}
	if page.stored != nil {
		effect.Replaces = page.stored.Commit()
		kept, err := keepForm(page.stored.Content, a.Content)
		if err != nil {
			return nil, gate.Refuse(gate.Conflict, "The page %s. Nothing was written.", err).WithHint("A human has to change it, with git.")
		}
		content, effect.Kept = kept.content, kept.notes
		before = shownText(page.stored.Content)
	}
	effect.Bytes = len(content)
	request := forge.ReplaceWikiPage(repo.Name, page.title, content, a.Message)
	if effect.Creates {
		request = forge.CreateWikiPage(repo.Name, page.title, content, a.Message)
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: request}},
		Effect: effect,
		Changes: func() ([]gate.Change, error) {
			return []gate.Change{{Field: "content", Before: before, After: shownText([]byte(content))}}, nil
		},
		Rests: []gate.Basis{gate.RestsOn(effect.Replaces, func() (string, error) {
			now, err := pageOf(v, page.file)
			if err != nil || now == nil {
				return "", err
			}
			return now.Commit(), nil
		}, gate.Refuse(gate.Conflict, "The page was written while this call was under way; nothing was written.").
			WithHint("Read it again and decide anew."))},
		Look: "the wiki",
		Answer: func(answers []json.RawMessage) (any, error) {
			made, err := forge.Read[forge.WikiPageWritten](answers[0])
			if err != nil {
				return nil, err
			}
			if made.File() != page.file {
				v.Remark("the page has another name than was planned")
			}
			if !bytes.Equal(made.Content, []byte(content)) {
				v.Remark("the page has another content than was sent")
			}
			return wikiWritten{
				repo.FullName, made.SubURL, page.title, effect.Creates, effect.Others, effect.Kept, made.Commit(), len(made.Content), made.HTMLURL,
			}, nil
		},
	}, nil
}

// foundPage is the page that a name stands for.
type foundPage struct {
	title, file string
	stored      *forge.WikiPage // nil if there is none
	others      []string        // files of pages that it stands for as well
}

// findPage finds the page that a name stands for, as it is for reading. A name that
// stands for none is the title of a new one.
func findPage(v *gate.Visit, name string) (found foundPage, err error) {
	found.stored, found.file, found.others, err = v.Gitea().FindWikiPage(v.Repo().Name, name)
	if err != nil && forge.From(err).Reason != forge.NothingYet {
		return found, err
	}
	if found.stored == nil {
		found.title = forge.NewWikiTitle(name)
		found.file = forge.WikiFile(found.title)
		return found, nil
	}
	var ok bool
	if found.title, ok = forge.WikiTitle(found.file); !ok {
		return found, gate.Refuse(gate.Conflict, "The page's file was named with git, and Gitea would rename it with the write; nothing was written.").
			WithHint("A human has to write it, with git.")
	}
	return found, dated(found.stored)
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
	return page, dated(page)
}

// dated refuses a page of which Gitea does not tell when it was written.
func dated(page *forge.WikiPage) error {
	if page.Commit() == "" {
		return gate.Refuse(gate.GiteaError, "Gitea does not tell which commit the page is of.")
	}
	return nil
}

// pageName is the name that the list of pages has for a file.
func pageName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(file, ".md"), " ", "+")
}
