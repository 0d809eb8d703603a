package control

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"strings"

	"aegis/internal/operatorfile"
)

// Client asks the server that has a state file.
type Client struct {
	address string
	secret  string
}

// ErrNoControl is the error of a server that can't be asked: it runs no jobs, or has no admin
// listener on this machine.
var ErrNoControl = errors.New("the process that has it can't be asked")

// Errors of a server that was asked.
var (
	ErrGone        = errors.New("the server has ended meanwhile")
	ErrUnavailable = errors.New("the server can't do that now: its log on stderr says why")
)

// maxFile and maxAnswer bound what is read, in bytes. An answer has at most what a thousand
// runs and a dry run's writes take.
const (
	maxFile   = 1 << 10
	maxAnswer = 16 << 20
)

// Of returns the client of the server that has a state file.
func Of(state string) (*Client, error) {
	word, _, err := operatorfile.Value(fileOf(state), maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoControl
	case err != nil:
		return nil, fmt.Errorf("%s: %w", fileOf(state), err)
	}
	c := parse(word)
	if c == nil {
		return nil, fmt.Errorf("%s is not what a server writes", fileOf(state))
	}
	return c, nil
}

// parse reads what a server writes, nil if it is anything else.
func parse(word string) *Client {
	address, secret, _ := strings.Cut(word, " ")
	at, err := netip.ParseAddrPort(address)
	if raw, bad := hex.DecodeString(secret); err != nil || !at.Addr().IsLoopback() || at.Addr().Zone() != "" || bad != nil || len(raw) != 32 {
		return nil
	}
	return &Client{at.String(), secret}
}

// Run has a job run, and returns when it has ended. When ctx is done before, the run goes on.
func (c *Client) Run(ctx context.Context, job string, dry bool) (r Result, err error) {
	err = c.ask(ctx, runPath, asked{Job: job, DryRun: dry}, &r)
	return r, err
}

// Failed returns what was given up, the oldest first.
func (c *Client) Failed(ctx context.Context) (all []GivenUp, err error) {
	err = c.ask(ctx, failedPath, asked{}, &all)
	return all, err
}

// Retry has a run that was given up made again, as a new one.
func (c *Client) Retry(ctx context.Context, id uint64) (again uint64, err error) {
	var answer asked
	err = c.ask(ctx, retryPath, asked{ID: id}, &answer)
	return answer.ID, err
}

func (c *Client) ask(ctx context.Context, path string, question asked, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.secret)
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return ErrGone
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return ErrGone
	}
	if response.StatusCode == http.StatusOK {
		if err := json.Unmarshal(raw, answer); err != nil {
			return ErrGone
		}
		return nil
	}
	var said struct{ Error string }
	_ = json.Unmarshal(raw, &said)
	for _, known := range failures {
		if said.Error == known.word {
			return known.err
		}
	}
	return ErrUnavailable
}
