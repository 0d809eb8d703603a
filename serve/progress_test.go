package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"aegis/internal/gatetest"
	"aegis/internal/sampleforge"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// A client that gives a token hears of its call before the answer, under that
// token; one that gives none hears nothing.
func TestProgress(t *testing.T) {
	t.Parallel()
	modern := strings.TrimSuffix(strings.TrimPrefix(meta, `"_meta":{`), "}")
	for era, begin := range map[string]struct{ frames, meta string }{
		"2025-11-25": {hello + "\n" + ready + "\n", ""},
		"2026-07-28": {"", modern},
	} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			lines, send := conversation(t)
			send(begin.frames)
			if begin.frames != "" {
				parseAnswer(t, <-lines)
			}
			for i, token := range []string{`"abc"`, `0`, `9007199254740991`, ``} {
				members := begin.meta
				if token != "" {
					members = strings.Trim(members+`,"progressToken":`+token, ",")
				}
				// Another text each time does not matter; another ref is read anew.
				ref := []string{"main", "v1.0", "1fa091b8369408e6eff1f5585303a0f3a5fafcf2", "48404eeb02545e6f3573407acf9b1b7ef723fb22"}[i]
				send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{` + members + `},"name":"search_code","arguments":{"owner":"acme","repo":"website","query":"e","ref":"` + ref + `"}}}` + "\n")
				told := 0
				for {
					line := <-lines
					a := parseAnswer(t, line)
					if a.ID == "7" {
						if a.Code != 0 || strings.Contains(string(a.Result), `"isError":true`) {
							t.Fatalf("%s", line)
						}
						break
					}
					var m struct {
						Params struct {
							Token           json.RawMessage `json:"progressToken"`
							Progress, Total float64
							Message         string
						}
					}
					if err := json.Unmarshal([]byte(line), &m); err != nil || a.Method != "notifications/progress" || string(m.Params.Token) != token || m.Params.Total != 100 || m.Params.Message == "" {
						t.Errorf("token %s: %s", token, line)
					}
					told++
				}
				// What the session has read at one ref need not be read at another.
				if i == 0 && told == 0 || token == "" && told > 0 {
					t.Errorf("token %s: told %d times", token, told)
				}
			}
		})
	}
}

// conversation is a session with a gate before the sample forge: the lines that
// it writes, and a way to write to it.
func conversation(t *testing.T) (lines <-chan string, send func(string)) {
	t.Helper()
	door := gatetest.Open(t, gatetest.Config{URL: sampled(t, nil).URL, Token: sampleforge.DemoToken()})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	written, ended := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		_ = NewServer("test", door.Gate, door.Caller, door.Connection, tools.All(), zerolog.Nop()).Run(ctx, &stdio.Transport{In: inR, Out: outW})
		_ = outW.Close()
	}()
	go func() {
		defer close(written)
		scanner := bufio.NewScanner(outR)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			written <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		_ = inW.Close()
		<-ended
		cancel()
	})
	return written, func(text string) {
		if _, err := io.WriteString(inW, text); err != nil {
			t.Errorf("writing to the server: %v", err)
		}
	}
}
