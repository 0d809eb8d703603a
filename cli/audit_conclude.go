package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"aegis/audit"
)

// concludeReading says on stderr what a log has besides its entries, and is the command's
// error: that the log is not what it was, and what else is wrong.
func concludeReading(stderr io.Writer, r audit.Reading, more ...string) error {
	for _, note := range r.Notes {
		fmt.Fprintf(stderr, "note: %s\n", harmless(note))
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(stderr, "!! %s\n", harmless(problem.String()))
	}
	if r.More > 0 {
		fmt.Fprintf(stderr, "!! and %d more\n", r.More)
	}
	var wrong []string
	if len(r.Problems) > 0 {
		wrong = append(wrong, "the log is not what it was: "+count(int64(len(r.Problems))+r.More, "place does", "places do")+" not fit; keep the log and the files beside it, and find out what happened")
	}
	for _, text := range more {
		if text != "" {
			wrong = append(wrong, text)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &failure{exitFailed, errors.New(strings.Join(wrong, "; "))}
}

// leftOut says what of a log is not shown because only the last lines are.
func leftOut(r audit.Reading) string {
	var said []string
	if r.Earlier > 0 {
		said = append(said, count(r.Earlier, "earlier line is", "earlier lines are")+" not shown")
	}
	if r.Unread > 0 {
		said = append(said, count(int64(r.Unread), "older file was", "older files were")+" not read")
	}
	if len(said) > 0 {
		return strings.Join(said, ", and ") + "; --limit 0 shows all"
	}
	return ""
}

func count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
