package jobs

import (
	"slices"
	"strings"

	"aegis/internal/canon"
	"aegis/internal/jobs/document"

	"github.com/bmatcuk/doublestar/v4"
)

// filterWords are the words that a filter may have, by the member of a row that it looks at.
var filterWords = map[string][]string{
	"state":      {"open", "closed", "pending", "success", "error", "failure", "warning", "skipped"},
	"status":     {"queued", "waiting", "in_progress", "completed", "success", "failure", "cancelled", "skipped", "added", "changed", "deleted", "renamed", "copied"},
	"conclusion": {"success", "failure", "cancelled", "skipped"},
	"type":       {"file", "folder", "symlink", "submodule"},
}

// where reads which rows of a tool's list count.
func (p *parser) where(tool string, m document.Member) *Filter {
	if answers[tool].rows == "" {
		p.Errorf(m.At, "%s lists nothing, so that where has nothing to look at; remove it", tool)
		p.Skip(m.Value)
		return nil
	}
	var names []string
	for _, name := range sorted(filterNeeds) {
		if hasMember(tool, filterNeeds[name]) {
			names = append(names, name)
		}
	}
	f := &Filter{words: map[string][]string{}, MaxComments: -1}
	for _, each := range p.Members("where of "+tool, m.Value, names) {
		p.filter(f, each)
	}
	if f.MaxComments >= 0 && f.MinComments > f.MaxComments {
		p.Errorf(m.At, "comments_min is more than comments_max, which no row is; write the smaller one first")
	}
	return f
}

func (p *parser) filter(f *Filter, m document.Member) {
	switch m.Key {
	case "updated_before", "updated_after", "created_before", "created_after":
		text, ok := p.Word(m.Key, m.Value)
		ago, right := parseAge(text)
		if ok && !right {
			p.Errorf(m.Value.Place(), "%s is a time ago, as in 90m, 12h, 60d or 8w", m.Key)
		}
		f.ages = append(f.ages, age{filterNeeds[m.Key], ago, strings.HasSuffix(m.Key, "_before")})
	case "labels_any":
		f.AnyLabel = p.names(m, isLabel, "a label has 1 to 50 bytes")
	case "labels_all":
		f.AllLabels = p.names(m, isLabel, "a label has 1 to 50 bytes")
	case "labels_none":
		f.NoLabel = p.names(m, isLabel, "a label has 1 to 50 bytes")
	case "authors":
		f.Authors = p.names(m, isLogin, "a user's name has letters, digits, '.', '_' and '-'")
	case "authors_none":
		f.NoAuthors = p.names(m, isLogin, "a user's name has letters, digits, '.', '_' and '-'")
	case "author_standing":
		f.Standing = p.Choice(m.Key, m.Value, []string{"writer", "stranger"})
	case "own":
		f.Own = p.truth(m)
	case "draft":
		f.Draft = p.truth(m)
	case "comments_min":
		f.MinComments, _ = p.Number(m.Key, m.Value, 0, 1_000_000)
	case "comments_max":
		f.MaxComments, _ = p.Number(m.Key, m.Value, 0, 1_000_000)
	case "paths_any":
		f.AnyPath = p.names(m, isGlob, "a path is from the root, with slashes, as in \"docs/**\"; /, ./ and .. are in front of none")
	case "paths_none":
		f.NoPath = p.names(m, isGlob, "a path is from the root, with slashes, as in \"docs/**\"; /, ./ and .. are in front of none")
	default:
		words := filterWords[m.Key]
		for _, each := range p.List(m.Key, m.Value) {
			if text := p.Choice("an item of "+m.Key, each, words); text != "" {
				f.words[m.Key] = append(f.words[m.Key], text)
			}
		}
	}
}

func (p *parser) truth(m document.Member) *bool {
	b, ok := p.Bool(m.Key, m.Value)
	if !ok {
		return nil
	}
	return &b
}

// names reads a list of names, each of which right finds to be one.
func (p *parser) names(m document.Member, right func(string) bool, form string) (all []string) {
	for _, each := range p.List(m.Key, m.Value) {
		text, ok := p.Word("an item of "+m.Key, each)
		switch {
		case !ok:
		case strings.Contains(text, "${"):
			p.Errorf(each.Place(), "%s takes no values; write it out", m.Key)
		case !right(text):
			p.Errorf(each.Place(), "%s has what is none: %s", m.Key, form)
		case slices.Contains(all, text):
			p.Errorf(each.Place(), "%s has an item twice; remove one", m.Key)
		default:
			all = append(all, text)
		}
	}
	return all
}

func isLabel(text string) bool { return len(text) <= 50 && isPlain(text) }

func isLogin(text string) bool { _, err := canon.ParseOwner(text); return err == nil }

// isGlob reports whether a pattern is right and can match a path.
func isGlob(text string) bool {
	if !doublestar.ValidatePattern(text) || !isPlain(text) || strings.Contains(text, `\`) {
		return false
	}
	for segment := range strings.SplitSeq(text, "/") {
		if segment == "" || segment == "." || segment == ".." || segment == ".git" {
			return false
		}
	}
	return len(text) <= canon.MaxPath
}
