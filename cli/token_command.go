package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// tokenPrintedWithin bounds how long a command may take to print a token: it may ask its
// user for a password.
const tokenPrintedWithin = 30 * time.Second

// printedToken runs a command that prints an access token alone. Its words stand between
// spaces, and no shell reads them. What it says besides is not passed on: there may be
// secrets in it.
func printedToken(command string) (string, error) {
	words, err := tokenCommandWords(command)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), tokenPrintedWithin)
	defer cancel()
	var printed bounded
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Stdout, c.WaitDelay = &printed, time.Second
	err = c.Run()
	token := strings.TrimSpace(printed.String())
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s has not ended after %s", quoted(words[0]), tokenPrintedWithin)
	case err != nil:
		return "", fmt.Errorf("%s has failed (%w); run it by hand to see why", quoted(words[0]), plain(err))
	case token == "":
		return "", fmt.Errorf("%s has printed nothing", quoted(words[0]))
	case strings.ContainsAny(token, "\r\n"):
		return "", fmt.Errorf("%s has printed more than one line; it should print the token alone", quoted(words[0]))
	}
	return token, nil
}

// tokenCommandWords are a command's words, with the whole path of its program.
func tokenCommandWords(command string) ([]string, error) {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("it names no command")
	}
	program, err := exec.LookPath(words[0])
	if err != nil {
		return nil, fmt.Errorf("there is no program %s in PATH; write its whole path", quoted(words[0]))
	}
	words[0] = program
	return words, nil
}

// bounded keeps as much as a file of a token may hold.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), maxTokenFile-b.Len())])
	return len(p), nil
}
