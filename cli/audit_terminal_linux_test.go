package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"aegis/audit"

	"golang.org/x/sys/unix"
)

// What a real terminal shows has its width, and 80 columns if it does not say.
func TestShowAsksTheTerminalForItsWidth(t *testing.T) {
	t.Parallel()
	log := logOf(t, audit.Options{Now: from2031(time.Second)}, append(aCall(1, strings.Repeat("client ", 20)), aCall(2, "c")...)...)
	for says, want := range map[uint16]int{0: 80, 70: 70, 132: 132} {
		person, tty := openTerminal(t)
		if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: says}); err != nil {
			t.Fatal(err)
		}
		shown := person.watch("")
		var errs bytes.Buffer
		status := run(context.Background(), environment{
			args:   []string{"audit", "show", log},
			lookup: func(string) (string, bool) { return "", false },
			stdout: tty, stderr: &errs,
		})
		for patience := time.Now().Add(10 * time.Second); strings.Count(shown(), "\n") < 3 && time.Now().Before(patience); time.Sleep(5 * time.Millisecond) {
		}
		widest := 0
		for line := range strings.Lines(shown()) {
			widest = max(widest, cellWidth(strings.TrimRight(line, "\r\n")))
		}
		if status != 0 || widest != want || !strings.HasPrefix(shown(), "2031-02-03 UTC\r\n") {
			t.Errorf("%d: status %d, %d columns instead of %d: %s", says, status, widest, want, shown())
		}
	}
}
