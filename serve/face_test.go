package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// eras are the protocol's versions with and without a handshake.
var eras = []string{"2025-11-25", "2026-07-28"}

// face is a server behind a gate, over the transport that a process has, seen
// from a client.
type face struct {
	*mcp.ClientSession
	door  *gatetest.Door
	forge *giteatest.Proxy
}

// sampled is the sample forge, of which some paths below /api/v1 are answered by
// handlers of the test.
func sampled(t *testing.T, instead map[string]http.HandlerFunc) *giteatest.Proxy {
	t.Helper()
	forge, err := sampleforge.Start(os.DirFS("../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	target, err := url.Parse(forge.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := instead[strings.TrimPrefix(r.URL.Path, "/api/v1")]; ok {
			handler(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
}

// visit connects a client of an era. config's URL and token are the forge's.
func visit(t *testing.T, era string, forge *giteatest.Proxy, config gatetest.Config) *face {
	t.Helper()
	config.URL, config.Token = forge.URL, sampleforge.DemoToken()
	registered := config.Tools
	if registered == nil {
		registered = tools.All()
	}
	f := &face{door: gatetest.Open(t, config), forge: forge}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	ended := make(chan error, 1)
	go func() {
		server := NewServer("test", f.door.Gate, f.door.Caller, f.door.Connection, registered, zerolog.Nop())
		ended <- server.Run(ctx, &stdio.Transport{In: inR, Out: outW})
		_ = outW.Close()
	}()
	client := mcp.NewClient(&mcp.Implementation{Name: "face", Version: "1"}, nil)
	var err error
	f.ClientSession, err = client.Connect(ctx, &mcp.IOTransport{Reader: outR, Writer: inW}, &mcp.ClientSessionOptions{ProtocolVersion: era})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.InitializeResult().ProtocolVersion; got != era {
		t.Fatalf("negotiated %s, want %s", got, era)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil && !errors.Is(err, io.ErrClosedPipe) { // the last answer may meet a client that is gone
			t.Error(err)
		}
		cancel()
	})
	return f
}

// last is the newest entry of the audit log.
func (f *face) last() gatetest.Entry {
	entries := f.door.Entries()
	return entries[len(entries)-1]
}

// failed takes a protocol error apart: its code, its message and, if it came
// from the gate, the gate's code and rule.
func failed(t *testing.T, err error) (code int64, message, kind, rule string) {
	t.Helper()
	var wire *jsonrpc.Error
	if !errors.As(err, &wire) {
		t.Fatalf("got %v, want a protocol error", err)
	}
	var data struct{ Code, Rule, Call string }
	if wire.Data != nil {
		if err := json.Unmarshal(wire.Data, &data); err != nil || data.Call == "" {
			t.Errorf("data %s", wire.Data)
		}
	}
	return wire.Code, wire.Message, data.Code, data.Rule
}

// answering is a handler that answers JSON, or text.
func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		kind := "text/plain"
		if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
			kind = "application/json"
		}
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}
}
