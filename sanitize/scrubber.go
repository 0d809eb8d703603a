package sanitize

import (
	"strings"
	"unicode/utf8"
)

// A Scrubber cuts secrets and shows what is hidden. It is made by [New] and
// is safe for concurrent use; one made otherwise withholds everything.
type Scrubber struct {
	own     *ownRules
	allowed map[string]bool // fingerprints of findings that stay
	memory  *Memory         // of values that were cut, nil if nothing is remembered
}

// New makes a Scrubber. It is cheap: rules are prepared when the first text
// comes. It fails if a secret is shorter than [MinSecret].
func New(cfg Config) (*Scrubber, error) {
	own, err := newCredentials(cfg.Secrets)
	if err != nil {
		return nil, err
	}
	return &Scrubber{own: &ownRules{credentials: own, rules: cfg.Rules, more: cfg.Rules.At("")}}, nil
}

// TextOptions says how [Scrubber.Text] shows a text.
type TextOptions struct {
	// ShowHidden shows every invisible character as what it is, also those
	// that hide nothing.
	ShowHidden bool
	// Path is the path of the file that the text is, "" if it is none or more
	// than one. It can only add rules to those that run: see [Config.Rules].
	Path string
}

func (o TextOptions) display() display {
	if o.ShowHidden {
		return asHidden
	}
	return asFile
}

// Text scrubs a whole file, diff or log. Line breaks are kept in number and
// place, also inside a secret of several lines, so that line numbers stay
// true; slicing comes after. Invisible characters are counted, and replaced by
// notes where they would hide something from a reader. Bytes that are not UTF-8
// become U+FFFD. A text that can't be made clean, or that a rule keeps back for its
// path, is replaced by a notice with as many line breaks.
func (s *Scrubber) Text(text string, opts TextOptions) (string, Report) {
	var report Report
	instead := withheldText
	if rule, ok := s.withholds(opts.Path); ok {
		instead = withheldFile + rule + "]"
		report.redacted(rule, 1)
	} else {
		show := func(text string) string {
			shown, present, _ := reveal(text, opts.display())
			report.Hidden = max(report.Hidden, present)
			return shown
		}
		valid := validUTF8(text)
		if clean, ok := s.about(opts.Path).clean(valid, show, true, &report); ok {
			return clean, report
		}
	}
	report.Withheld++
	return instead + strings.Repeat("\n", strings.Count(text, "\n")), report
}

const (
	withheld     = "[withheld]"
	withheldText = "[withheld: this text could not be made clean of secrets]"
	withheldFile = "[withheld: all of this file, by rule "
)

// Line scrubs an error message, a line of a log or a field of the audit log as
// prose, and makes it one line.
func (s *Scrubber) Line(text string) string {
	var report Report
	text, _ = s.prose(text, &report)
	line := strings.Join(strings.Fields(text), " ")
	if line != text {
		line, _ = s.prose(line, &report)
	}
	return line
}

// prose scrubs a text that is read, not compiled: everything hidden in it is
// shown. It reports whether it could be made clean; else it is withheld.
func (s *Scrubber) prose(text string, report *Report) (string, bool) {
	text = validUTF8(text)
	show := func(text string) string {
		shown, _, replaced := reveal(text, asProse)
		shown, decoded := revealEntities(shown)
		report.Hidden += replaced + decoded
		return revealComments(shown)
	}
	clean, ok := s.clean(text, show, false, report)
	if !ok {
		report.Withheld++
		return withheld, false
	}
	return clean, true
}

// validUTF8 replaces bytes that are not UTF-8.
func validUTF8(text string) string {
	if utf8.ValidString(text) { // nearly always, and known much sooner
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// rounds bounds how often a text is looked at again; after the first few more
// is cut each time.
const rounds = 10

func extentOf(round int) extent {
	switch {
	case round < 4:
		return cutSecret
	case round < 7:
		return cutMatch
	}
	return cutLines
}

// clean cuts and shows until there is nothing more to cut or to show, but for what
// is allowed to stay. It reports whether that came to an end.
func (s *Scrubber) clean(text string, show func(string) string, breaks bool, report *Report) (string, bool) {
	if s == nil || s.own == nil {
		return "", false
	}
	s = s.remembering()
	for round := range rounds {
		// What is shown could be a secret that was hidden, and what was hidden
		// could have been in the midst of one: look before and after.
		found, stay := s.sift(s.find(text))
		s.memory.learn(text, found)
		next := text
		if len(found) > 0 {
			next = cut(next, found, extentOf(round), breaks, report)
		}
		next = show(next)
		if next == text && len(found) == 0 {
			report.excepted(counted(stay))
			return text, true
		}
		text = next
	}
	return "", false
}
