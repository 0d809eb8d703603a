package policy

import (
	"strings"
	"unicode/utf8"
)

// lists reads allow and deny lists of patterns.
func (r *reader) lists(of member, what string, compile func(string) (glob, error)) lists {
	var l lists
	for _, m := range r.members(of.key, of.value, "allow", "deny") {
		to := &l.allow
		if m.key == "deny" {
			to = &l.deny
		}
		to.present, to.line = true, m.at.line
		texts, places := r.strings(m, "a "+what+" pattern", misspeltPattern)
		for i, text := range texts {
			g, err := compile(text)
			if err != nil {
				r.errorf(places[i], "the %s pattern %s %v", what, quote(text), err)
				continue
			}
			r.doubt(places[i], text, m.key == "deny" && what == "path")
			to.entries = append(to.entries, entry{text, places[i].line, g})
		}
	}
	return l
}

// doubt warns of patterns that mean something, but hardly what was meant. hides
// says whether it is a deny of paths.
func (r *reader) doubt(at place, pattern string, hides bool) {
	for name := range strings.SplitSeq(pattern, "/") {
		if name != "**" && strings.Contains(name, "**") && !strings.ContainsAny(name, "{}[]") {
			r.warnf(at, "** is more than * only between slashes: **/*.pem reaches into folders, **.pem does not")
			return
		}
	}
	if row := rootOnly(pattern); hides && row != "" {
		r.warnf(at, "%s holds at the root only; write **/%[1]s to hold everywhere", row)
	}
	if strings.Contains(pattern, " ") {
		r.warnf(at, "this is one pattern with a space in it; is a comma missing?")
	} else if sign := listSign(pattern); sign != "" {
		r.warnf(at, "this is one pattern with the character %s in it; several are written [a, b], and a regular expression is none", sign)
	}
	if word := doubtful(pattern); word != "" {
		first, _ := utf8.DecodeRuneInString(word)
		r.warnf(r.within(at, first), "each letter of this word looks like another one: it begins with %s; is it meant?", codePoint(first))
	}
}
