package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"aegis/gate"

	"golang.org/x/term"
)

// terminal is where a person can be asked: what they read, and what they type.
// The zero terminal is none.
type terminal struct {
	out io.Writer
	in  io.Reader
}

// terminalOf is the process' own, if both its standard input and its standard
// error are one. Standard output is for the answer.
func terminalOf(env environment) terminal {
	clean, ok := env.stderr.(*cleanStderr)
	if !ok || clean.file() == nil || env.stdin == nil || !term.IsTerminal(int(clean.file().Fd())) || !term.IsTerminal(int(env.stdin.Fd())) {
		return terminal{}
	}
	return terminal{out: clean, in: env.stdin}
}

// canAsk reports whether it is one.
func (t terminal) canAsk() bool { return t.out != nil && t.in != nil }

// maxReply bounds what is read of a line that should be a yes, in bytes.
const maxReply = 256

// Ask is [terminal.ask], for the gate.
func (t terminal) Ask(ctx context.Context, question *gate.Question) gate.Said {
	if t.ask(ctx, question) {
		return gate.Yes
	}
	return gate.No
}

// ask shows a question and reports whether the answer was yes, in full, before
// the question expired and ctx was done.
func (t terminal) ask(ctx context.Context, question *gate.Question) bool {
	if !t.canAsk() {
		return false
	}
	ctx, cancel := context.WithDeadline(ctx, question.Expires)
	defer cancel()
	for line := range strings.Lines(question.Message) {
		// The mark in front tells the question's lines, which hold what others
		// wrote, from those of Aegis.
		fmt.Fprintf(t.out, "| %s\n", visible(strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")))
	}
	fmt.Fprint(t.out, "Type yes to do this; anything else is a no: ")
	typed := make(chan string, 1)
	go func() { // a read can't be given up; the process ends soon
		line, err := bufio.NewReaderSize(io.LimitReader(t.in, maxReply), maxReply).ReadString('\n')
		if err != nil {
			line = "" // a line that was not finished is no answer
		}
		typed <- line
	}()
	select {
	case line := <-typed:
		return strings.TrimSpace(line) == "yes" && ctx.Err() == nil
	case <-ctx.Done():
		fmt.Fprintln(t.out, "\nNobody answered in time.")
		return false
	}
}
