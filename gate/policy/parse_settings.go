package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (r *reader) flow(p *Policy, of member) {
	p.flowLines = make(map[string]int)
	for _, m := range r.members("flow", of.value, "private_to_public", "untrusted_to_write", "forget_after") {
		p.flowLines[m.key] = m.at.line
		switch m.key {
		case "private_to_public":
			p.flow.PrivateToPublic = r.action(m)
		case "untrusted_to_write":
			p.flow.UntrustedToWrite = r.action(m)
		case "forget_after":
			p.flow.ForgetAfter = r.duration(m)
		}
	}
}

func (r *reader) action(m member) Action {
	words := []string{Deny.String(), Ask.String(), Allow.String()}
	return Action(max(0, slices.Index(words, r.choice(m, words...))))
}

func (r *reader) duration(m member) time.Duration {
	const longest = 365 * 24 * time.Hour
	if node, ok := m.value.(*ast.StringNode); ok {
		if d, err := time.ParseDuration(node.Value); err == nil && time.Second <= d && d <= longest {
			r.skip(node)
			return d
		}
	}
	r.wrong(m.value, fmt.Sprintf("%s must be a duration from 1s to %dh, as in 8h or 90m", m.key, int(longest.Hours())))
	return 0
}

// mostFingerprints bounds secrets.allow: each may have to go into one entry of
// the audit log.
const mostFingerprints = 200

// fingerprint is compiled when a policy first has one: it takes a quarter of a
// millisecond of every start.
var fingerprint = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9a-f]{16}$`)
})

func (r *reader) secrets(p *Policy, of member) {
	for _, m := range r.members("secrets", of.value, "allow") {
		texts, places := r.strings(m, "a fingerprint", misspelt)
		for i, text := range texts {
			switch {
			case !fingerprint().MatchString(text):
				r.errorf(places[i], "a fingerprint is RULE@ and 16 hex digits, as \"aegis secrets\" prints it")
			case strings.HasPrefix(text, "own-credential@"):
				r.errorf(places[i], "Aegis' own credentials can't be allowed")
			case i == mostFingerprints:
				r.errorf(places[i], "more than %d fingerprints", mostFingerprints)
			}
		}
		p.secrets = texts
	}
}

func (r *reader) limits(p *Policy, of member) {
	const most = 1 << 40
	for _, m := range r.members("limits", of.value, "calls_per_minute", "calls_per_minute_per_tool", "calls_per_hour", "writes_per_session", "bytes_per_session", "bytes_per_answer") {
		switch m.key {
		case "calls_per_minute":
			p.limits.CallsPerMinute = int(r.number(m, 1, 1_000_000))
		case "calls_per_minute_per_tool":
			p.limits.CallsPerMinutePerTool = int(r.number(m, 1, 1_000_000))
		case "calls_per_hour":
			p.limits.CallsPerHour = int(r.number(m, 1, 1_000_000))
		case "writes_per_session":
			p.limits.WritesPerSession = r.number(m, 1, 1_000_000)
		case "bytes_per_session":
			p.limits.BytesPerSession = r.size(m, 1, most)
		case "bytes_per_answer":
			p.limits.BytesPerAnswer = int(r.size(m, 256, 16<<20))
		}
	}
}
