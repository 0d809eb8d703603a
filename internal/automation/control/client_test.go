package control

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/automation"
)

// A secret goes to a loopback address alone, whatever stands in the file.
func TestTheSecretGoesNowhereElse(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("ab", 32)
	for _, text := range []string{
		"", "127.0.0.1:9464", "192.0.2.7:9464 " + word, "localhost:9464 " + word, "0.0.0.0:9464 " + word, "127.0.0.1 " + word,
		"127.0.0.1:9464 abcd", "127.0.0.1:9464 " + word + " more", "127.0.0.1:9464@evil.example:80 " + word, "127.0.0.1:9464/x " + word,
	} {
		state := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(fileOf(state), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Of(state); err == nil {
			t.Errorf("%q: %+v", text, c)
		} else if strings.Contains(err.Error(), word) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

// Who listens at the address of a server that is gone is not believed to have done anything.
func TestAnAnswerOfSomebodyElse(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	for name, answer := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://192.0.2.1/")
			w.WriteHeader(307)
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"nothing":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		server := httptest.NewServer(answer)
		if _, err := Open(state, server.Listener.Addr().String(), &runner{}); err != nil {
			t.Fatal(err)
		}
		if got, err := client(t, state).Run(context.Background(), automation.Asked{Job: "known"}); !errors.Is(err, ErrGone) && !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		server.Close()
	}
}

// FuzzSecretFile: whatever stands in the file, a secret goes to a loopback address or nowhere.
func FuzzSecretFile(f *testing.F) {
	word := strings.Repeat("ab", 32)
	for _, text := range []string{"127.0.0.1:9464 " + word, "[::1]:1 " + word, "[::ffff:127.0.0.1]:80 " + word, "10.0.0.1:1 " + word, "[::1%eth0]:1 " + word, "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := parse(text)
		if c == nil {
			return
		}
		host, _, err := net.SplitHostPort(c.address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || len(c.secret) != 64 || strings.ContainsAny(c.secret, " \r\n") {
			t.Errorf("%q goes to %q", text, c.address)
		}
	})
}
