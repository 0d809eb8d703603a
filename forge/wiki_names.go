package forge

import (
	"net/url"
	"slices"
	"strings"
)

// A page of a wiki is a file, which Gitea names after the title: escaped, and with a
// dash for a blank. In its list the page has a name, which is the same escaped once
// more. Files that were pushed with git may be called anything, and several of them may
// have one name and one title. Gitea takes what ends in .md for a file's own name and
// anything else for a page's, which it spells as if it had made the file itself. So pages
// are asked for by the file.

// WikiFile is the name of the file that Gitea makes of a page's title.
func WikiFile(title string) string {
	title = strings.TrimSpace(title)
	if strings.Contains(title, "-") || strings.HasSuffix(title, ".md") {
		title += ".-" // says that a dash is no blank
	} else {
		title = strings.ReplaceAll(title, " ", "-")
	}
	return strings.ReplaceAll(url.QueryEscape(title), "+", " ") + ".md"
}

// WikiTitle is the title that leads to a file. It is not ok where none does: then
// Gitea can't write to the file.
func WikiTitle(file string) (title string, ok bool) {
	title = wikiTitle(file)
	return title, strings.HasSuffix(file, ".md") && title != "" && WikiFile(title) == file
}

// NewWikiTitle is the title of the page that a text is to become: itself, unless it is
// the name that a title with dashes gets. So such a page can be made where the title is
// another one's name.
func NewWikiTitle(text string) string {
	if bare := strings.TrimSuffix(text, ".md"); strings.HasSuffix(bare, ".-") {
		if title, ok := WikiTitle(strings.ReplaceAll(bare, "+", " ") + ".md"); ok {
			return title
		}
	}
	return text
}

// wikiTitle is the title that Gitea shows for a file.
func wikiTitle(file string) string {
	name := strings.TrimSuffix(file, ".md")
	if bare, dashes := strings.CutSuffix(name, ".-"); dashes {
		name = bare
	} else {
		name = strings.ReplaceAll(name, "-", " ")
	}
	if title, err := url.QueryUnescape(name); err == nil {
		return title
	}
	return name
}

// wikiName is the name that Gitea lists a file by.
func wikiName(file string) string {
	name, title := strings.TrimSuffix(file, ".md"), wikiTitle(file)
	if strings.HasSuffix(name, ".-") {
		return url.QueryEscape(title + ".-")
	}
	return strings.TrimSuffix(strings.ReplaceAll(WikiFile(title), " ", "+"), ".md")
}

// wikiFiles are the files that a text may stand for, each once: the one of this name or
// of this name in the list, the one of this title, and those that Gitea lists by this
// name or title, and that were pushed without its escapes.
func wikiFiles(text string) (files []string) {
	bare := strings.TrimSuffix(text, ".md")
	listed := strings.ReplaceAll(bare, "+", " ") + ".md"
	add := func(file string) {
		if isWikiFile(file) && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	add(listed)
	add(WikiFile(text))
	title := wikiTitle(listed)
	for _, pushed := range []string{bare, title, strings.ReplaceAll(title, " ", "-"), text, strings.ReplaceAll(text, " ", "-")} {
		if file := pushed + ".md"; file == text || wikiName(file) == bare || wikiTitle(file) == text {
			add(file)
		}
	}
	return files
}

// isWikiFile reports whether a text can be a file's name in a path.
func isWikiFile(file string) bool { return isText(file, 255) && !strings.ContainsAny(file, `/\`) }
