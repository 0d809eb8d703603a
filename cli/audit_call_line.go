package cli

import (
	"fmt"
	"strings"

	"aegis/audit"
)

// lineOf is the line of a call, or of an entry that is about none.
func lineOf(s audit.Stored, came string) logLine {
	return logLine{
		seq: s.Seq, at: s.Time, verdict: verdictOf(s), tool: quotedIf(s.Tool), about: subject(s), came: came, who: whoAsked(s),
	}
}

// whoAsked is a call's principal and client. A session's beginning tells its principal by
// itself.
func whoAsked(s audit.Stored) string {
	if s.Kind == audit.KindSessionStart {
		return quotedIf(s.Client)
	}
	return strings.TrimSpace(quotedIf(s.Principal) + " " + quotedIf(s.Client))
}

// verdictOf is what was decided, in a word.
func verdictOf(s audit.Stored) string {
	switch {
	case s.Kind == audit.KindDecision:
		return quoted(string(s.Decision))
	case s.Kind != audit.KindOutcome:
		return "-"
	case s.Code != "":
		return "failed"
	}
	return "allow"
}

// subject is what a call was about, or the kind of an entry that is about no call.
func subject(s audit.Stored) string {
	if s.Tool == "" {
		return string(s.Kind)
	}
	var words []string
	if s.Repo != "" {
		words = append(words, quoted(s.Repo))
	}
	for i, path := range s.Paths {
		if i == 3 {
			words = append(words, fmt.Sprintf("and %d more", max(s.PathsTotal, int64(len(s.Paths)))-3))
			break
		}
		words = append(words, quoted(path))
	}
	if s.Ref != "" {
		words = append(words, "at "+quoted(s.Ref))
	}
	if s.DryRun {
		words = append(words, "(dry run)")
	}
	return strings.Join(words, " ")
}

// came is what came of a call.
func came(s audit.Stored) string {
	var said []string
	if s.Code != "" {
		said = append(said, quoted(s.Code))
	}
	for _, made := range s.Made {
		said = append(said, "made "+quotedWords(made))
	}
	if len(s.Made) == 0 && s.Written > 0 {
		said = append(said, count(int64(s.Written), "request written", "requests written"))
	}
	said = append(said, fmt.Sprintf("%d bytes", s.Bytes))
	if n := total(s.Redactions); n > 0 {
		said = append(said, fmt.Sprintf("%d redacted", n))
	}
	if s.Withheld > 0 {
		said = append(said, fmt.Sprintf("%d withheld", s.Withheld))
	}
	return strings.Join(said, ", ")
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// quotedWords quotes a text of several words, word by word.
func quotedWords(text string) string {
	words := strings.Fields(text)
	for i := range words {
		words[i] = quoted(words[i])
	}
	return strings.Join(words, " ")
}

func refusedBy(s audit.Stored) string {
	if s.Rule == "" {
		return quotedIf(s.Code)
	}
	return strings.TrimSpace(quotedIf(s.Code) + " by " + quotedWords(s.Rule))
}

func quotedIf(text string) string {
	if text == "" {
		return ""
	}
	return quoted(text)
}

// tellsOf is what an entry says that is about no call.
func tellsOf(s audit.Stored) string {
	switch {
	case s.Archived != "":
		return "the file is " + quoted(s.Archived) + " from here on"
	case s.Continues != "" && s.Reason == "":
		return "continues " + quoted(s.Continues)
	case s.Checkpoint != "":
		origin, _, _ := strings.Cut(s.Checkpoint, "\n")
		return "by " + quoted(origin)
	case s.Kind == audit.KindSessionStart:
		return quotedIf(s.Principal)
	}
	return quotedWords(s.Reason)
}
