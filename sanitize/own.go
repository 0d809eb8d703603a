package sanitize

import "aegis/sanitize/leaks"

// ownRules are what is looked for beside gitleaks' default rules: credentials,
// and what the operator's own rules find.
type ownRules struct {
	*learned
	rules *leaks.Rules
	more  func(w *leaks.Work, text string) []leaks.Finding // those of the rules that are about the text; nil if none is
}

func (o *ownRules) find(w *leaks.Work, text string, fresh []leaks.Span) []leaks.Finding {
	found := o.known().find(text, fresh)
	if o.more != nil && w.Spend(len(text)) {
		found = append(found, o.more(w, text)...)
	}
	return found
}

// ParseRules reads more rules from a file in the format of gitleaks'
// configuration, for [Config.Rules]; see [leaks.ParseRules]. It refuses rules with
// an id that Aegis' own rules have.
func ParseRules(raw []byte) (rules *leaks.Rules, warnings []string, err error) {
	return leaks.ParseRules(raw, codedRules...)
}

// codedRules are the ids of what no expression tells.
var codedRules = []string{ownCredential, privateKey, urlCredentials, giteaToken, aegisKey, authorizationHeader}

// Rules returns the ids of all rules but the operator's.
func Rules() []string { return append(leaks.IDs(), codedRules...) }

// about returns the scrubber for a text in the file of the given path.
func (s *Scrubber) about(path string) *Scrubber {
	if s == nil || s.own == nil || s.own.rules == nil || path == "" {
		return s
	}
	own, view := *s.own, *s
	own.more = own.rules.At(path)
	view.own = &own
	return &view
}

// withholds reports whether one of the operator's rules keeps the whole of the
// file of that path back, and which.
func (s *Scrubber) withholds(path string) (rule string, ok bool) {
	if s == nil || s.own == nil {
		return "", false
	}
	return s.own.rules.Withholds(path)
}

// AsksForPaths reports whether what is cut from a file may depend on its path:
// whether there are rules of the operator's.
func (s *Scrubber) AsksForPaths() bool { return s != nil && s.own != nil && s.own.rules != nil }
