// Package sanitize makes text that somebody else wrote fit to be shown to a
// model and to be kept in a log.
//
// Text goes in as a repository holds it; what comes out has its secrets cut
// ("[redacted:RULE]"), its invisible characters made visible, and, if asked,
// a frame around it that says where untrusted text begins and ends. The
// promise is about the output: the secret rules of gitleaks find nothing in
// it, at any of five depths of decoding, and none of the values that Aegis
// itself must keep is in it in any of the forms listed at [Config]. Text that
// cannot be brought to that state is withheld, never passed.
package sanitize

// Config is what a [Scrubber] must know beyond the rules it carries.
type Config struct {
	// Secrets are values to redact wherever they occur: Aegis' own
	// credentials and the operator's. Each is found plain, reversed, in
	// base64 (standard and URL alphabet, at any alignment), in hex of either
	// case, URL-encoded, JSON-escaped, and split by invisible characters.
	// Each must be at least [MinSecret] bytes long.
	Secrets []string
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
}

// Add adds the counts of other to r.
func (r *Report) Add(other Report) {
	for rule, n := range other.Redactions {
		r.redacted(rule, n)
	}
	r.Hidden += other.Hidden
	r.Withheld += other.Withheld
}

func (r *Report) redacted(rule string, n int) {
	if r.Redactions == nil {
		r.Redactions = make(map[string]int)
	}
	r.Redactions[rule] += n
}
