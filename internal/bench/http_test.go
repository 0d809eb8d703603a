package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/internal/app"
	serving "aegis/serve/http"

	gitea "code.gitea.io/sdk/gitea"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// atOnce is how many callers make calls at the same time.
const atOnce = 32

// distance is how long a forge takes for an answer, as Gitea does on the same machine.
const distance = 10 * time.Millisecond

// BenchmarkHTTP measures calls of many callers, each with a key of their own, beside a
// server of the library's that has one tool: it asks the forge once for the same file,
// and hands it on.
func BenchmarkHTTP(b *testing.B) {
	text := goSource(b, 4<<10)
	c := readFile(b, text)
	forge := newForge(b, map[string]string{"main.go": text})
	for _, far := range []time.Duration{0, distance} {
		slow := slowed(b, forge.Config.Handler, far)
		b.Run(fmt.Sprintf("forge=%s", far), func(b *testing.B) {
			stock, ours := stockServer(b, slow, c), ourServer(b, slow)
			var rates, lates [2][]float64
			for b.Loop() {
				for i, url := range []string{stock, ours} {
					rate, late := drive(b, url, c)
					rates[i], lates[i] = append(rates[i], rate), append(lates[i], late)
				}
			}
			for i, name := range []string{"stock", "ours"} {
				b.ReportMetric(median(rates[i]), name+"-calls/s")
				b.ReportMetric(median(lates[i]), name+"-p99-ms")
			}
		})
	}
}

// slowed is a forge that takes its time.
func slowed(b *testing.B, forge http.Handler, by time.Duration) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(by)
		forge.ServeHTTP(w, r)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

// stockServer is the library's server with a tool that reads a file.
func stockServer(b *testing.B, forge string, c call) string {
	owner, name, _ := names(b)
	httpClient := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * atOnce}}
	b.Cleanup(httpClient.CloseIdleConnections)
	server := mcp.NewServer(&mcp.Implementation{Name: "stock", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: c.tool, InputSchema: json.RawMessage(`{"type":"object"}`)}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		client, err := gitea.NewClient(forge, gitea.SetGiteaVersion(""), gitea.SetHTTPClient(httpClient), gitea.SetToken(token))
		if err != nil {
			return nil, err
		}
		file, _, err := client.GetContents(owner, name, commit, "main.go")
		if err != nil {
			return nil, err
		}
		raw, err := base64.StdEncoding.DecodeString(*file.Content)
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(raw)}}}, err
	})
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
	listening := httptest.NewServer(handler)
	b.Cleanup(listening.Close)
	return listening.URL
}

// everybody has the key that is their name.
type everybody struct{}

func (everybody) Verify(name string) (serving.Key, bool) {
	return serving.Key{ID: name, Name: name, Caller: caller.Config{ID: name, Principal: name, Credential: token}}, true
}
func (everybody) InForce(string) bool { return true }

// ourServer is a server as aegis serve has it.
func ourServer(b *testing.B, at string) string {
	folder := b.TempDir()
	address, err := forge.ParseURL(at, false)
	if err != nil {
		b.Fatal(err)
	}
	door, err := app.Open(app.Config{
		URL: address, Token: token, AuditLog: filepath.Join(folder, "audit.jsonl"), State: filepath.Join(folder, "state.db"), Logger: zerolog.Nop(),
	})
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	server := serving.New(serving.Config{
		Version: "bench", Door: door.Gate, Callers: door.Known, Keys: everybody{}, Logger: zerolog.Nop(),
		Self: caller.New(caller.Config{ID: "server", Principal: "bench"}),
	})
	go func() { ended <- server.Serve(ctx, listener) }()
	b.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, door.Close()); err != nil {
			b.Error(err)
		}
	})
	return "http://" + listener.Addr().String() + serving.Path
}

// perDrive is how many calls each caller makes for one measure.
const perDrive = 20

// drive makes calls, as many at once as there are callers, and returns how many a second
// were answered, and the time in which 99 of 100 were, in milliseconds.
func drive(b *testing.B, url string, c call) (rate, late float64) {
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * atOnce}
	defer transport.CloseIdleConnections()
	took := make([]time.Duration, atOnce*perDrive)
	var group sync.WaitGroup
	began := time.Now()
	for n := range atOnce {
		group.Go(func() {
			for i := range perDrive {
				begin := time.Now()
				if err := callOver(transport, url, fmt.Sprintf("caller-%d", n), c); err != nil {
					b.Error(err)
					return
				}
				took[n*perDrive+i] = time.Since(begin)
			}
		})
	}
	group.Wait()
	all := time.Since(began)
	slices.Sort(took)
	return float64(len(took)) / all.Seconds(), milliseconds(took[len(took)*99/100])
}

// callOver makes one call without a session.
func callOver(transport *http.Transport, url, key string, c call) error {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s,`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`, c.tool, c.args)
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer " + key,
		"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": c.tool,
	} {
		r.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && len(answer) < 4000 {
		err = fmt.Errorf("%d %s", response.StatusCode, answer)
	}
	return err
}
