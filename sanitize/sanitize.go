// Package sanitize makes text that somebody else wrote fit to be shown to a
// model and to be kept in a log.
//
// Text goes in as a repository holds it; what comes out has its secrets cut
// ("[redacted:RULE]"), its invisible characters made visible, and, if asked,
// a frame around it that says where untrusted text begins and ends. The
// promise is about the output: the secret rules of gitleaks find nothing in
// it, at any of five depths of decoding, and none of the values that Aegis
// itself must keep is in it in any of the forms listed at [Config]. Text that
// cannot be brought to that state is withheld, never passed. The one exception is
// a finding that the operator has named by its fingerprint: see [Scrubber.With].
package sanitize

import "aegis/sanitize/leaks"

// Config is what a [Scrubber] must know beyond the rules it carries.
type Config struct {
	// Secrets are values to redact wherever they occur: Aegis' own
	// credentials and the operator's. Each is found plain, reversed, in
	// base64 (standard and URL alphabet, at any alignment), in hex of either
	// case, URL-encoded, JSON-escaped, and split by invisible characters.
	// Each must be at least [MinSecret] bytes long.
	Secrets []string
	// Rules are more rules than the default ones, nil for none: see [ParseRules].
	// A rule that is about certain paths runs on texts of which the path is known
	// and matches. One that has nothing but a path keeps such a file back.
	Rules *leaks.Rules
}

// MinSecret is the length in bytes below which a value in [Config.Secrets]
// is refused: redacting it would cut ordinary words out of ordinary text.
const MinSecret = 6

// Report counts what was changed.
type Report struct {
	// Redactions counts cuts by the rule that asked for them: the id of a
	// gitleaks rule, or "own-credential" for a value of [Config.Secrets].
	Redactions map[string]int
	// Hidden counts invisible characters: in prose those that were made
	// visible, in files, diffs and logs all of them.
	Hidden int
	// Withheld counts fields replaced because they could not be made clean.
	Withheld int
	// Exceptions counts findings that were left as they are, by the fingerprint
	// that allows it.
	Exceptions map[string]int
}

// Add adds the counts of other to r.
func (r *Report) Add(other Report) {
	for rule, n := range other.Redactions {
		r.redacted(rule, n)
	}
	r.Hidden += other.Hidden
	r.Withheld += other.Withheld
	for fingerprint, n := range other.Exceptions {
		r.except(fingerprint, r.Exceptions[fingerprint]+n)
	}
}

// Again adds the counts of a second look at the same text, or at parts of it:
// what was cut since, and what of all else there is more than was known.
func (r *Report) Again(other Report) {
	for rule, n := range other.Redactions {
		r.redacted(rule, n)
	}
	r.Hidden = max(r.Hidden, other.Hidden)
	r.Withheld = max(r.Withheld, other.Withheld)
	for fingerprint, n := range other.Exceptions {
		r.except(fingerprint, max(n, r.Exceptions[fingerprint]))
	}
}

// excepted adds counts of exceptions.
func (r *Report) excepted(counts map[string]int) { r.Add(Report{Exceptions: counts}) }

func (r *Report) except(fingerprint string, n int) {
	if r.Exceptions == nil {
		r.Exceptions = make(map[string]int)
	}
	r.Exceptions[fingerprint] = n
}

func (r *Report) redacted(rule string, n int) {
	if r.Redactions == nil {
		r.Redactions = make(map[string]int)
	}
	r.Redactions[rule] += n
}
