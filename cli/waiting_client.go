package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"aegis/sanitize"
	"aegis/serve/stdio"

	"golang.org/x/term"
)

// waitingClient is whoever started "aegis --stdio" and waits for a session.
type waitingClient struct {
	out    io.Writer // frames go there
	served bool      // there is a session
}

// clientPatience is how long a client that was promised a session is waited for, to be
// told that there is none.
const clientPatience = 5 * time.Second

// refuseClient tells a client why there is no session. Clients show the answer to their
// handshake and hide standard error, where the same was written.
func (env environment) refuseClient(err error) {
	if env.client.served || env.stdin == nil || env.onTerminal() || !slices.ContainsFunc(env.args, asksForStdio) {
		return
	}
	stdio.Refuse(env.stdin, env.client.out, env.cleaned(fmt.Sprintf("aegis: %v", err)), clientPatience)
}

// asksForStdio reports whether an argument is --stdio, in whatever spelling of true.
func asksForStdio(arg string) bool {
	value, has := strings.CutPrefix(arg, "--stdio=")
	on, err := strconv.ParseBool(value)
	return arg == "--stdio" || has && err == nil && on
}

// cleaned is a text as it is written to standard error.
func (env environment) cleaned(text string) string {
	w, ok := env.stderr.(*cleanStderr)
	if !ok {
		return "aegis: the session can't start"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	clean, _ := w.scrubber.Text(text, sanitize.TextOptions{})
	return clean
}

// onTerminal reports whether somebody types what should come from a client.
func (env environment) onTerminal() bool {
	return env.stdin != nil && term.IsTerminal(int(env.stdin.Fd()))
}

// tellTerminal says what happens to somebody who started a session by hand.
func (env environment) tellTerminal() {
	if env.onTerminal() {
		fmt.Fprintln(env.stderr, "aegis: waiting for an MCP client on standard input; a client's configuration names this command. Ctrl-D ends it. \"aegis demo\" and \"aegis call\" are for people.")
	}
}
