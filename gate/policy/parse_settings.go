package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (r *reader) flow(p *Policy, of member) {
	for _, m := range r.members("flow", of.value, "private_to_public", "untrusted_to_write", "forget_after") {
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

func (r *reader) secrets(p *Policy, of member) {
	for _, m := range r.members("secrets", of.value, "allow") {
		texts, places := r.strings(m, "a fingerprint")
		for i, text := range texts {
			if text == "" || len(text) > 1024 || strings.TrimSpace(text) != text {
				r.errorf(places[i], "a fingerprint must have 1 to 1024 bytes and no space around it")
			}
		}
		p.secrets = texts
	}
}

func (r *reader) limits(p *Policy, of member) {
	const most = 1 << 40
	for _, m := range r.members("limits", of.value, "calls_per_minute", "calls_per_minute_per_tool", "bytes_per_session", "bytes_per_answer") {
		switch m.key {
		case "calls_per_minute":
			p.limits.CallsPerMinute = int(r.number(m, 1, 1_000_000))
		case "calls_per_minute_per_tool":
			p.limits.CallsPerMinutePerTool = int(r.number(m, 1, 1_000_000))
		case "bytes_per_session":
			p.limits.BytesPerSession = r.number(m, 1, most)
		case "bytes_per_answer":
			p.limits.BytesPerAnswer = int(r.number(m, 256, 16<<20))
		}
	}
}
