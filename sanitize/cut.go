package sanitize

import (
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

// find returns all that has to be cut from text: what gitleaks' rules and ours
// find, broken private keys and own credentials, in the text, in what it encodes,
// in what it says to those who see through disguises, and in each without
// invisible characters. Checksums of modules are none of it. Offsets are in text.
func (s *Scrubber) find(text string) []leaks.Finding {
	found := s.findIn(text)
	for _, v := range views(text) {
		for _, f := range s.findIn(v.text) {
			f.Start, f.End = v.original(f.Start, f.End)
			f.MatchStart, f.MatchEnd = v.original(f.MatchStart, f.MatchEnd)
			found = append(found, f)
		}
	}
	return withoutChecksums(text, found)
}

func (s *Scrubber) findIn(text string) []leaks.Finding {
	return append(leaks.Find(text, s.findAlso), s.readings(text)...)
}

// findAlso finds what no rule of gitleaks is about.
func (s *Scrubber) findAlso(text string, fresh []leaks.Span) []leaks.Finding {
	found := append(keyBlocks(text), s.own.find(text, fresh)...)
	found = append(found, keyLines(text)...)
	found = append(found, s.memory.find(text)...)
	found = append(found, giteaTokens(text)...)
	found = append(found, authorizations(text)...)
	found = append(found, namedSecrets(text)...)
	found = append(found, discordTokens(text)...)
	found = append(found, manifests(text)...)
	found = append(found, webKeys(text)...)
	found = append(found, cookies(text)...)
	return append(found, credentialsInURLs(text)...)
}

const (
	markerBegin = "[redacted:"
	markerLimit = 80 // no marker is longer
)

// An extent says how much of a finding is cut. What is left of a match around
// its secret is sometimes a match again, so that each round cuts more.
type extent uint8

const (
	cutSecret extent = iota
	cutMatch
	cutLines
)

// cut replaces findings in text by markers. With breaks, line breaks inside a
// cut are kept after its marker.
func cut(text string, found []leaks.Finding, how extent, breaks bool, report *Report) string {
	type span struct {
		start, end int
		rule       string
	}
	spans := make([]span, 0, len(found))
	for _, f := range found {
		start, end := f.Start, f.End
		if how >= cutMatch || start == end || strings.Contains(text[start:end], markerBegin) || fragment(text, f) {
			start, end = f.MatchStart, f.MatchEnd
		}
		if how >= cutLines {
			start = strings.LastIndexByte(text[:start], '\n') + 1
			if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
				end += i
			} else {
				end = len(text)
			}
		}
		start, end = aroundMarkers(text, start, end)
		spans = append(spans, span{start, end, f.Rule})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	merged := spans[:0]
	for _, next := range spans {
		if n := len(merged); n > 0 && next.start < merged[n-1].end {
			last := &merged[n-1]
			last.end = max(last.end, next.end)
			last.rule = preferred(last.rule, next.rule)
			continue
		}
		merged = append(merged, next)
	}
	var b strings.Builder
	b.Grow(len(text))
	copied := 0
	for _, m := range merged {
		b.WriteString(text[copied:m.start])
		b.WriteString(markerBegin + m.rule + "]")
		gone := text[m.start:m.end]
		if breaks {
			for range strings.Count(gone, "\n") {
				b.WriteByte('\n')
			}
		}
		if !strings.Contains(gone, markerBegin) { // else it was counted before
			report.redacted(m.rule, 1)
		}
		copied = m.end
	}
	b.WriteString(text[copied:])
	return b.String()
}

// preferred returns the rule that says more.
func preferred(a, b string) string {
	rank := func(rule string) int {
		switch {
		case rule == ownCredential:
			return 0
		case rule == privateKey:
			return 1
		case rule == giteaToken || rule == urlCredentials || rule == authorizationHeader:
			return 3
		case rule == namedSecretRule || rule == kubernetesSecret || rule == cookieValue:
			return 4
		case strings.HasPrefix(rule, "generic"):
			return 5
		}
		return 2
	}
	switch {
	case rank(a) != rank(b):
		if rank(a) < rank(b) {
			return a
		}
		return b
	case a < b:
		return a
	}
	return b
}

// aroundMarkers widens a span so that it cuts no marker in two.
func aroundMarkers(text string, start, end int) (int, int) {
	window := max(0, start-markerLimit)
	if i := strings.LastIndex(text[window:start], markerBegin[:1]); i >= 0 {
		at := window + i
		if strings.HasPrefix(text[at:], markerBegin) {
			if j := strings.IndexByte(text[at:min(len(text), at+markerLimit)], ']'); j >= 0 && at+j >= start {
				start = at
				end = max(end, at+j+1)
			}
		}
	}
	window = max(start, end-markerLimit)
	if i := strings.LastIndex(text[window:end], markerBegin[:1]); i >= 0 {
		at := window + i
		if strings.HasPrefix(text[at:], markerBegin) {
			if j := strings.IndexByte(text[at:min(len(text), at+markerLimit)], ']'); j >= 0 && at+j >= end {
				end = at + j + 1
			}
		}
	}
	return start, end
}
