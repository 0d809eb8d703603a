package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	door "aegis/serve/http"

	"github.com/spf13/cobra"
)

// answersWithin bounds how long a server may take to say how it is. It looks for two
// seconds at most.
const answersWithin = 4 * time.Second

func healthCommand(s *settings) *cobra.Command {
	command := &cobra.Command{
		Use:   "health",
		Short: `Ask a running "aegis serve" whether it is ready`,
		Long: `Asks the admin listener of a server on this machine whether it is ready, and says in a
line what it answers: for containers, whose images have no other program to ask with.

Exit status 0 if it is, 1 if it is not, or does not answer. Ask at the address that
the server was given: --admin-listen or AEGIS_ADMIN_LISTEN.`,
		Args:    cobra.NoArgs,
		Example: "  aegis health\n  aegis health --admin-listen 127.0.0.1:9464",
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, source, err := s.adminAddress()
			if err != nil {
				return err
			}
			if at == nil {
				return wrong(source, "the admin listener is off, so there is nobody to ask")
			}
			said, ready := askHealth(cmd.Context(), at)
			if !ready {
				return &failure{exitFailed, errors.New(said)}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
			return err
		},
	}
	return takes(command, adminListen)
}

// askHealth asks a server at an address. What it says is one of our own sentences, whoever
// answers there.
func askHealth(ctx context.Context, at *net.TCPAddr) (said string, ready bool) {
	address := onThisMachine(at)
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+door.ReadyPath, nil)
	if err != nil {
		return fmt.Sprintf("%s can't be asked", address), false
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens at %s", address), false
	case ctx.Err() != nil:
		return fmt.Sprintf("%s did not answer within %s", address, answersWithin), false
	case err != nil:
		return fmt.Sprintf("%s did not answer", address), false
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 256))
	return understood(response.StatusCode, strings.TrimSpace(string(answer)))
}

// onThisMachine is where a listener is reached from here.
func onThisMachine(at *net.TCPAddr) string {
	host := at.IP.String()
	if at.IP == nil || at.IP.IsUnspecified() { // every address is loopback's, too
		host = "127.0.0.1"
		if at.IP.To4() == nil && at.IP != nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, fmt.Sprint(at.Port))
}

// understood is what an answer says. One that a server does not give is none.
func understood(status int, answer string) (said string, ready bool) {
	if status == http.StatusOK && answer == door.Ready {
		return door.Ready, true
	}
	words, found := strings.CutPrefix(answer, door.NotReady)
	if status == http.StatusServiceUnavailable && found && !slices.ContainsFunc(strings.Split(words, ", "), func(word string) bool {
		return !slices.Contains(door.Words, word)
	}) {
		return answer, false
	}
	return "who answers there is no admin listener of Aegis", false
}
