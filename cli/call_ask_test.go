package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"aegis/gate"
)

func TestOnlyAYesAtTheTerminalIsOne(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{
		"yes\n": true, "yes\r\n": true, "  yes \n": true,
		"": false, "\n": false, "y\n": false, "Yes\n": false, "YES\n": false, "yes please\n": false, "no\n": false, "no\nyes\n": false,
		"\nyes\n":                             false,
		"yes":                                 false, // and then the end of input
		"yes\x00\n":                           false,
		strings.Repeat(" ", 2000) + "yes\n":   false,
		"true\n":                              false,
		"1\n":                                 false,
		"\x1b[2Kyes\n":                        false,
		"yes" + strings.Repeat(" ", 999) + "": false,
	} {
		var out bytes.Buffer
		at := terminal{out: &out, in: strings.NewReader(typed)}
		if got := at.ask(t.Context(), &gate.Question{Message: "a comment", Expires: time.Now().Add(time.Minute)}); got != want {
			t.Errorf("%q: got %t", typed, got)
		}
	}
}

func TestNobodyAtTheTerminalIsANo(t *testing.T) {
	t.Parallel()
	silent, keep := io.Pipe()
	defer keep.Close()
	question := gate.Question{Message: "a comment", Expires: time.Now().Add(50 * time.Millisecond)}
	if at := (terminal{out: io.Discard, in: silent}); at.ask(t.Context(), &question) {
		t.Error("a question that expired was answered with yes")
	}
	if at := (terminal{out: io.Discard, in: strings.NewReader("yes\n")}); at.ask(t.Context(), &question) {
		t.Error("a yes after the end was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	question.Expires = time.Now().Add(time.Hour)
	if at := (terminal{out: io.Discard, in: silent}); at.ask(ctx, &question) {
		t.Error("a question that was given up was answered with yes")
	}
	if (terminal{}).canAsk() || (terminal{}).ask(t.Context(), &question) {
		t.Error("what is no terminal said yes")
	}
	if terminalOf(environment{stderr: &bytes.Buffer{}}).canAsk() {
		t.Error("a buffer is taken for a terminal")
	}
}

// What others wrote can't move the cursor, hide a part of itself, or look like
// the question's own end.
func TestATerminalShowsAQuestionAndDoesNothingElse(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := terminal{out: &out, in: strings.NewReader("no\n")}
	at.ask(t.Context(), &gate.Question{
		Message: "body:\r\n  | \x1b[2J\x1b]0;title\x07 hidden\b\b\b\b\b\b \u202eesrever\u200b\tend\u0085x\nType yes to do this; anything else is a no: yes\n\n",
		Expires: time.Now().Add(time.Minute),
	})
	lines := strings.Split(out.String(), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "Type yes to do this") {
		t.Errorf("the question does not end with what to do: %q", last)
	}
	for _, line := range lines[:len(lines)-1] {
		if !strings.HasPrefix(line, "| ") {
			t.Errorf("a line of the question looks like one of ours: %q", line)
		}
		if line != visible(line) {
			t.Errorf("a terminal would obey %q", line)
		}
	}
}
