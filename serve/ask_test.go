package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/serve/frame"
	"aegis/serve/stdio"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// yes is the one answer that is one.
const yes = `{"action":"accept","content":{"approve":true}}`

// A human who says yes to what they were shown: it is done, once.
func TestAYesIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{})
			d.comment("1", "hello")
			q := d.question("1")
			if !strings.Contains(q.message, "acme/website") || !strings.Contains(q.message, "hello") {
				t.Errorf("the human is shown %q", q.message)
			}
			if n := d.posts.Load(); n != 0 {
				t.Fatalf("%d requests were sent before the answer", n)
			}
			d.answer(q, yes)
			if a := d.result(); a.failed != "" || d.posts.Load() != 1 {
				t.Errorf("got %+v, %d requests", a, d.posts.Load())
			}
		})
	}
}

// Whatever is not the explicit yes is a no, and every no is in the log.
func TestEverythingElseIsANo(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"accepted without content":             `{"action":"accept"}`,
		"accepted with null":                   `{"action":"accept","content":null}`,
		"accepted with nothing filled in":      `{"action":"accept","content":{}}`,
		"accepted with null for a yes":         `{"action":"accept","content":{"approve":null}}`,
		"accepted with a no":                   `{"action":"accept","content":{"approve":false}}`,
		"accepted with a text":                 `{"action":"accept","content":{"approve":"true"}}`,
		"accepted with a number":               `{"action":"accept","content":{"approve":1}}`,
		"accepted with a list":                 `{"action":"accept","content":{"approve":[true]}}`,
		"accepted with another member":         `{"action":"accept","content":{"approve":true,"but":"not on main"}}`,
		"accepted with another spelling":       `{"action":"accept","content":{"Approve":true}}`,
		"accepted with both spellings":         `{"action":"accept","content":{"approve":false,"Approve":true}}`,
		"accepted in another spelling":         `{"action":"Accept","content":{"approve":true}}`,
		"accepted with a yes beside content":   `{"action":"accept","approve":true}`,
		"accepted with a yes further inside":   `{"action":"accept","content":{"content":{"approve":true}}}`,
		"declined":                             `{"action":"decline"}`,
		"declined with a yes":                  `{"action":"decline","content":{"approve":true}}`,
		"cancelled":                            `{"action":"cancel"}`,
		"cancelled with a yes":                 `{"action":"cancel","content":{"approve":true}}`,
		"answered with an action that is none": `{"action":"","content":{"approve":true}}`,
	}
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{})
			for name, answer := range answers {
				d.comment("1", "hello")
				d.answer(d.question("1"), answer)
				if got := d.result(); !d.declined(got) {
					t.Errorf("%s: got %s", name, got.line)
				}
			}
			d.comment("2", "hello") // the session goes on, and asks again
			d.answer(d.question("2"), yes)
			if a := d.result(); a.failed != "" || d.posts.Load() != 1 {
				t.Errorf("then a yes: %+v, %d requests", a, d.posts.Load())
			}
		})
	}
}

// In the era with a handshake the question is a request to the client, which may
// refuse it.
func TestAQuestionThatTheClientRefusesIsANo(t *testing.T) {
	t.Parallel()
	d := sitDown(t, eras[0], desk{})
	d.comment("1", "hello")
	q := d.question("1")
	d.send(`{"jsonrpc":"2.0","id":` + q.id + `,"error":{"code":-32601,"message":"Method not found"}}`)
	d.declined(d.result())
}

func TestNoAnswerInTimeIsANo(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{patience: 300 * time.Millisecond})
			d.comment("1", "hello")
			q := d.question("1")
			if era == eras[0] {
				first, second := d.receive(), d.receive() // in either order
				if second.Method == "notifications/cancelled" {
					first, second = second, first
				}
				if first.Method != "notifications/cancelled" {
					t.Errorf("got %s; want the question taken back", first.Line)
				}
				d.declined(d.read(second))
				d.answer(q, yes) // too late: nobody waits
				d.send(ping)
				if a := d.receive(); a.ID != `"ping"` {
					t.Errorf("got %s", a.Line)
				}
			} else {
				d.logged(gate.ApprovalDeclined, 1) // though no second call was made
				d.answer(q, yes)
				d.declined(d.result())
			}
			if n := d.posts.Load(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestTheEndOfInputIsANo(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{patience: time.Hour})
			d.comment("1", "hello")
			d.question("1")
			_ = d.in.Close()
			rest := d.end()
			if era == eras[0] && (len(rest) != 1 || d.read(rest[0]).failed != gate.ApprovalDeclined) {
				t.Errorf("got %+v; want the call's refusal", rest)
			}
			d.logged(gate.ApprovalDeclined, 1)
			if n := d.posts.Load(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A script that ends before it is asked is not waited for.
func TestAQuestionAfterTheEndOfInputIsANo(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{patience: time.Hour})
			d.comment("1", "hello")
			_ = d.in.Close()
			d.end()
			d.logged(gate.ApprovalDeclined, 1)
		})
	}
}

func TestTheEndOfTheProcessIsANo(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{patience: time.Hour})
			d.comment("1", "hello")
			d.question("1")
			d.stop()
			d.end()
			d.logged(gate.ApprovalDeclined, 1)
		})
	}
}

func TestACancelledCallIsNotAskedAboutAnyMore(t *testing.T) {
	t.Parallel()
	d := sitDown(t, eras[0], desk{patience: time.Hour})
	d.comment("1", "hello")
	q := d.question("1")
	d.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	for range 2 { // in whatever order
		if a := d.receive(); a.Method != "notifications/cancelled" && (a.ID != "1" || a.Code != frame.CodeServer && d.read(a).failed != gate.ApprovalDeclined) {
			t.Errorf("got %s", a.Line)
		}
	}
	d.logged(gate.ApprovalDeclined, 1)
	d.answer(q, yes)
	d.send(ping)
	if a := d.receive(); a.ID != `"ping"` || d.posts.Load() != 0 {
		t.Errorf("got %s, %d requests", a.Line, d.posts.Load())
	}
}

// Who can't show a form is not asked.
func TestAClientThatCantAskIsTold(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		capabilities string
		asked        bool
	}{
		"none":                  {`{}`, false},
		"other ones":            {`{"sampling":{},"roots":{}}`, false},
		"forms by address only": {`{"elicitation":{"url":{}}}`, false},
		"forms":                 {`{"elicitation":{"form":{}}}`, true},
		"both":                  {`{"elicitation":{"form":{},"url":{}}}`, true},
		"no mode, as once":      {`{"elicitation":{}}`, true},
	} {
		for _, era := range eras {
			t.Run(name+" "+era, func(t *testing.T) {
				t.Parallel()
				d := sitDown(t, era, desk{capabilities: row.capabilities})
				d.comment("1", "hello")
				if row.asked {
					d.answer(d.question("1"), yes)
					if a := d.result(); a.failed != "" {
						t.Errorf("got %+v", a)
					}
					return
				}
				if a := d.result(); a.failed != gate.ApprovalUnavailable || d.posts.Load() != 0 {
					t.Errorf("got %+v, %d requests", a, d.posts.Load())
				}
			})
		}
	}
}

// What waits for a human holds up nobody: more calls wait than run at once.
func TestAQuestionHoldsNoPlace(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{concurrency: 1})
			var open []asked
			for i := range 4 {
				id := fmt.Sprint(i)
				d.comment(id, "hello "+id)
				open = append(open, d.question(id))
			}
			for i, q := range open {
				d.answer(q, []string{yes, `{"action":"cancel"}`}[i%2])
				if a := d.result(); (a.failed == "") != (i%2 == 0) {
					t.Errorf("question %d: %+v", i, a)
				}
			}
			if n := d.posts.Load(); n != 2 {
				t.Errorf("%d requests; want 2", n)
			}
		})
	}
}

// Questions that wait are bounded, however many calls a client makes.
func TestAFloodOfQuestionsIsRefused(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			d := sitDown(t, era, desk{patience: time.Hour})
			const calls = 24
			for i := range calls {
				d.comment(fmt.Sprint(i), "hello "+fmt.Sprint(i))
			}
			questions, refused := 0, 0
			for range calls {
				a := d.receive()
				switch {
				case a.Method == "elicitation/create", a.Method == "" && strings.Contains(string(a.Result), `"inputRequests"`):
					questions++
				case d.read(a).failed == gate.ApprovalUnavailable:
					refused++
				default:
					t.Errorf("got %s", a.Line)
				}
			}
			if questions == 0 || questions > caller.MaxQuestions || questions+refused != calls {
				t.Errorf("%d questions and %d refusals of %d calls", questions, refused, calls)
			}
		})
	}
}

// The form has one box, which is not ticked.
func TestTheFormIsOneBox(t *testing.T) {
	t.Parallel()
	var schema struct {
		Type       string
		Required   []string
		Properties map[string]struct {
			Type    string
			Default any
		}
	}
	if err := json.Unmarshal([]byte(form), &schema); err != nil {
		t.Fatal(err)
	}
	box := schema.Properties["approve"]
	if schema.Type != "object" || len(schema.Properties) != 1 || box.Type != "boolean" || box.Default != false || len(schema.Required) != 1 || schema.Required[0] != "approve" {
		t.Errorf("got %+v", schema)
	}
}

// The Go library's client, as its users write one.
func TestALibrarysClientIsAsked(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		for name, row := range map[string]struct {
			handler func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error)
			failed  gate.Code
		}{
			"yes": {func(_ context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"approve": true}}, nil
			}, ""},
			"no": {func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				return &mcp.ElicitResult{Action: "decline"}, nil
			}, gate.ApprovalDeclined},
			"a form left as it was": {func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"approve": false}}, nil
			}, gate.ApprovalDeclined},
			"nobody to ask": {nil, gate.ApprovalUnavailable},
		} {
			t.Run(name+" "+era, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, desk{})
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				inR, inW := io.Pipe()
				outR, outW := io.Pipe()
				ended := make(chan error, 1)
				go func() { ended <- d.server().Run(ctx, &stdio.Transport{In: inR, Out: outW}); _ = outW.Close() }()
				client := mcp.NewClient(&mcp.Implementation{Name: "library", Version: "1"}, &mcp.ClientOptions{ElicitationHandler: row.handler})
				session, err := client.Connect(ctx, &mcp.IOTransport{Reader: outR, Writer: inW}, &mcp.ClientSessionOptions{ProtocolVersion: era})
				if err != nil {
					t.Fatal(err)
				}
				result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "create_comment", Arguments: map[string]any{"owner": "acme", "repo": "website", "number": 1, "body": "hello"}})
				if err != nil {
					t.Fatal(err)
				}
				if got := failure(result.Content[0].(*mcp.TextContent).Text); got != row.failed {
					t.Errorf("got %q, want %q", got, row.failed)
				}
				if want := int64(len(row.failed)); (d.posts.Load() == 1) != (want == 0) {
					t.Errorf("%d requests", d.posts.Load())
				}
				if err := session.Close(); err != nil {
					t.Error(err)
				}
				<-ended
			})
		}
	}
}

// The instructions speak of writing where there is something to write with.
func TestInstructionsTellOfWriting(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		desk
		want bool
	}{
		"write mode":                {desk{}, true},
		"no write mode":             {desk{reading: true}, false},
		"a policy that allows none": {desk{policy: "version: 1\n"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, era := range eras {
				d := sitDown(t, era, row.desk)
				if told := strings.Contains(d.instructions, "dry_run"); told != row.want || strings.Contains(d.instructions, "read access") == row.want {
					t.Errorf("%s: %q", era, d.instructions)
				}
				d.send(`{"jsonrpc":"2.0","id":"list","method":"tools/list","params":{` + strings.TrimPrefix(d.meta(), ",") + `}}`)
				a := d.receive()
				if listed := strings.Contains(string(a.Result), `"create_comment"`); listed != row.want {
					t.Errorf("%s: tools that write are listed: %t", era, listed)
				}
				if row.want && !strings.Contains(string(a.Result), `"readOnlyHint":false`) && strings.Contains(string(a.Result), `"readOnlyHint":true`) {
					t.Errorf("%s: a tool that writes says that it reads: %s", era, a.Result)
				}
			}
		})
	}
}
