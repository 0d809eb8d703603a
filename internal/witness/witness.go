// Package witness brings checkpoints of the audit log to where they are kept.
//
// A checkpoint shows that a log was rewritten only if whoever rewrote it could not reach the
// checkpoint. So it goes elsewhere: to the end of a file (on another machine's share, or
// append-only), to an HTTPS address, to syslog, or to a command that knows what to do with
// it. A [Destination] fails loudly and promptly, and is tried once.
package witness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

// Destination is where checkpoints go.
type Destination struct {
	bring func(context.Context, string) error
}

// Publish brings a checkpoint there.
func (d Destination) Publish(ctx context.Context, note string) error { return d.bring(ctx, note) }

// Parse reads a destination: an https:// address (http:// to loopback), "syslog", "exec:"
// and a command with its arguments, or a file.
func Parse(text string) (Destination, error) {
	switch {
	case text == "":
		return Destination{}, errors.New("it names no place for checkpoints")
	case text == "syslog":
		return Destination{toSyslog}, nil
	case strings.HasPrefix(text, "exec:"):
		words := strings.Fields(strings.TrimPrefix(text, "exec:"))
		if len(words) == 0 {
			return Destination{}, errors.New("exec: names no command")
		}
		return Destination{func(ctx context.Context, note string) error { return toCommand(ctx, words, note) }}, nil
	case strings.Contains(text, "://"):
		address, err := url.Parse(text)
		if err != nil || address.Host == "" || address.User != nil {
			return Destination{}, errors.New("it is no address, or holds credentials")
		}
		loopback := address.Hostname() == "127.0.0.1" || address.Hostname() == "::1" || address.Hostname() == "localhost"
		if address.Scheme != "https" && !(address.Scheme == "http" && loopback) {
			return Destination{}, errors.New("it does not begin with https://")
		}
		return Destination{func(ctx context.Context, note string) error { return toAddress(ctx, address, note) }}, nil
	}
	return Destination{func(_ context.Context, note string) error { return toFile(text, note) }}, nil
}

// toFile adds a checkpoint to a file.
func toFile(path string, note string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(note)
	return errors.Join(err, f.Sync(), f.Close())
}

// toCommand starts a command, without a shell, that reads the checkpoint.
func toCommand(ctx context.Context, words []string, note string) error {
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Stdin = strings.NewReader(note)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")} // and no token
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", words[0], err)
	}
	return nil
}

// toAddress sends a checkpoint by POST. Redirects are not followed. Errors name the host
// alone: what follows it may be a secret, as in the addresses of webhooks.
func toAddress(ctx context.Context, address *url.URL, note string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), strings.NewReader(note))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return fmt.Errorf("%s: %w", address.Host, failed.Err)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %d", address.Host, response.StatusCode)
	}
	return nil
}
