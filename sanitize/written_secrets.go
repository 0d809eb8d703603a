package sanitize

import (
	"cmp"
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

// Unclean is the rule of a text that can't be made clean of secrets at all.
const Unclean = "unclean"

// Written is a text that is about to be stored.
type Written struct {
	Field string // its name among the arguments, as "body" or "files[2].content"
	Text  string
	Path  string // of the file that it will be, "" if it is none: see [TextOptions]
}

// A Secret is what keeps texts from being written. It holds nothing of the secret
// itself.
type Secret struct {
	// Rule is the rule that found it, or [Unclean].
	Rule string
	// Fields are those that hold it: one, or all those over which it is spread.
	Fields []string
}

// Secrets returns what of texts, in the order in which they will be stored, must
// not be: each secret that an answer would not show either, in whatever encoding or
// disguise, be the text read as prose or as a file; and each that is in no text
// alone but in several together, its name in one and its value in another or cut
// in two over neighbours. What s allows as an exception is no secret here either.
// Texts whose form is given, as commit ids and dates, are best left out: beside a
// name like "token" a commit id is what a token of Gitea looks like.
//
// The result is sorted, without doubles, and nil if nothing was found. A scrubber
// that was not made by [New] takes every text for a secret.
func (s *Scrubber) Secrets(texts []Written) []Secret {
	s = s.Remembering(s.known())
	var all []Secret
	for _, w := range texts {
		for _, rule := range s.rulesIn(w) {
			all = append(all, Secret{rule, []string{w.Field}})
		}
	}
	all = append(all, s.across(texts)...)
	slices.SortFunc(all, func(a, b Secret) int {
		return cmp.Or(slices.Compare(a.Fields, b.Fields), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.CompactFunc(all, Secret.equal)
}

// rulesIn returns the rules that find something in one text: those that cut from it
// however it is shown.
func (s *Scrubber) rulesIn(w Written) []string {
	if s == nil || s.own == nil {
		return []string{Unclean}
	}
	var report Report
	if rule, ok := s.withholds(w.Path); ok {
		report.redacted(rule, 1)
	}
	view, text := s.about(w.Path).working(len(shows)*len(w.Text)), strings.ToValidUTF8(w.Text, "\uFFFD")
	var looked []string
	for _, show := range shows {
		show := func(text string) string { return show(view.work, text) }
		shown := show(text)
		if slices.Contains(looked, shown) {
			continue // whatever comes of it has been looked at
		}
		looked = append(looked, shown)
		if _, ok := view.clean(text, show, true, &report); !ok {
			report.redacted(Unclean, 1)
		}
	}
	rules := make([]string, 0, len(report.Redactions))
	for rule := range report.Redactions {
		rules = append(rules, rule)
	}
	return rules
}

// shows are the ways in which a text that was stored can come to be shown.
var shows = []func(*leaks.Work, string) string{
	func(w *leaks.Work, text string) string { shown, _, _ := reveal(w, text, asFile); return shown },
	func(w *leaks.Work, text string) string { shown, _, _ := reveal(w, text, asHidden); return shown },
	func(w *leaks.Work, text string) string {
		shown, _, _ := reveal(w, text, asProse)
		shown, _ = revealEntities(w, shown)
		return revealComments(w, shown)
	},
}
