package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// A Scrubber cuts secrets and shows what is hidden. It is made by [New] and
// is safe for concurrent use; one made otherwise withholds everything.
type Scrubber struct {
	own     *ownRules
	allowed map[string]bool // fingerprints of findings that stay
	done    <-chan struct{} // closed when nobody waits any more
	work    *leaks.Work     // what may still be done, of a view for one text
	memory  *Memory         // of values that were cut, nil if nothing is remembered
}

// New makes a Scrubber. It is cheap: rules are prepared when the first text
// comes. It fails if a secret is shorter than [MinSecret].
func New(cfg Config) (*Scrubber, error) {
	own, err := newLearned(cfg.Secrets)
	if err != nil {
		return nil, err
	}
	return &Scrubber{own: &ownRules{learned: own, rules: cfg.Rules, more: cfg.Rules.At("")}}, nil
}

// Prepare prepares the rules, for which the first text would wait else that one may
// find something in.
func (s *Scrubber) Prepare() {
	leaks.Prepare()
	s.own.rules.Prepare()
}

// TextOptions says how [Scrubber.Text] shows a text.
type TextOptions struct {
	// ShowHidden shows every invisible character as what it is, also those
	// that hide nothing.
	ShowHidden bool
	// Prose says that the text is read, not compiled, as what a JSON answer holds:
	// everything that is hidden in it is shown.
	Prose bool
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
// become U+FFFD. A text that can't be made clean, that takes more work than a text
// of its size may, or that a rule keeps back for its path, is replaced by a notice
// with as many line breaks.
func (s *Scrubber) Text(text string, opts TextOptions) (string, Report) {
	var pieces []string
	report, instead := s.Pieces(text, opts, func(piece string) { pieces = append(pieces, piece) })
	if instead != "" {
		return instead + strings.Repeat("\n", strings.Count(text, "\n")), report
	}
	if len(pieces) == 1 {
		return pieces[0], report // nothing to copy
	}
	return strings.Join(pieces, ""), report
}

// Pieces scrubs as Text does, but hands what comes of it to each piece by piece, in
// order: a large text is not there twice. If the text is withheld, instead is the
// notice that replaces it all, also what each was handed; else it is "".
func (s *Scrubber) Pieces(text string, opts TextOptions, each func(piece string)) (report Report, instead string) {
	s = s.working(len(text))
	if rule, ok := s.withholds(opts.Path); ok {
		report.redacted(rule, 1)
		report.Withheld++
		return report, withheldFile + rule + "]"
	}
	show := func(text string, report *Report) string {
		shown, present, _ := reveal(s.work, text, opts.display())
		report.Hidden = max(report.Hidden, present)
		return shown
	}
	if opts.Prose {
		show = s.showProse
	}
	if s.about(opts.Path).cleanPieces(validUTF8(s.work, text), show, each, &report) {
		return report, ""
	}
	report.Withheld++
	if s.work.Ended() {
		return report, withheldWork
	}
	return report, withheldText
}

const (
	withheld     = "[withheld]"
	withheldText = "[withheld: this text could not be made clean of secrets]"
	withheldWork = "[withheld: looking for secrets in this text takes too much work]"
	withheldFile = "[withheld: all of this file, by rule "
)

// Line scrubs an error message, a line of a log or a field of the audit log as
// prose, and makes it one line.
func (s *Scrubber) Line(text string) string {
	s = s.working(len(text))
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
	text = validUTF8(s.work, text)
	show := func(text string) string { return s.showProse(text, report) }
	clean, ok := s.clean(text, show, false, report)
	if !ok {
		report.Withheld++
		return withheld, false
	}
	return clean, true
}

// showProse shows what is hidden in a text that is read.
func (s *Scrubber) showProse(text string, report *Report) string {
	shown, _, replaced := reveal(s.work, text, asProse)
	shown, decoded := revealEntities(s.work, shown)
	report.Hidden += replaced + decoded
	return revealComments(s.work, shown)
}

// rounds bounds how often a text is looked at again; after the first few more
// is cut each time.
const rounds = 10

// mostGrowth bounds how many bytes longer a text may get by what is shown of it.
const mostGrowth = 16 << 20

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
		c, any := cutter{text: text, how: extentOf(round), breaks: breaks, report: report}, false
		var stay []keptFinding
		s.findings(text, func(found []leaks.Finding, allowed []keptFinding, of part) {
			any = any || len(found) > 0
			s.memory.learn(text, found)
			c.add(found, of.next)
			stay = append(stay, allowed...)
		})
		if s.work.Ended() {
			return "", false
		}
		next := show(c.done())
		if s.work.Ended() || len(next) > len(text)+mostGrowth {
			return "", false
		}
		if next == text && !any {
			report.excepted(counted(stay))
			return text, true
		}
		text = next
	}
	return "", false
}
