package automation

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/jobs/run"
	"aegis/tools"
)

// door is where a run's calls are made: the one gate, as the job's caller.
type door struct {
	gate    *gate.Gate
	tools   map[string]tools.Tool
	caller  *caller.Caller
	on      *caller.Connection
	while   context.Context // is done when calls that still run are to be given up
	asks    bool            // which authors of rows may write is wanted
	writers map[string]bool // among those of the last answer
}

// Door makes the door of a job's runs. A call goes on when ctx is done, and is given up when while
// is: a write that was sent should end in a known way. One run uses it at a time.
func Door(g *gate.Gate, all []tools.Tool, c *caller.Caller, on *caller.Connection, while context.Context) run.Door {
	return newDoor(g, all, c, on, while)
}

func newDoor(g *gate.Gate, all []tools.Tool, c *caller.Caller, on *caller.Connection, while context.Context) *door {
	named := make(map[string]tools.Tool, len(all))
	for _, tool := range all {
		named[tool.Name] = tool
	}
	return &door{gate: g, tools: named, caller: c, on: on, while: while}
}

// writes reports whether an author of the last answer's rows may write to its repository.
func (d *door) writes(login string) (bool, error) { return d.writers[strings.ToLower(login)], nil }

// Call makes a call. No human is there to be asked.
func (d *door) Call(ctx context.Context, name string, args json.RawMessage) (object []byte, text string, err error) {
	tool, ok := d.tools[name]
	if !ok {
		return nil, "", &run.Refused{Code: "no_such_tool", Nothing: true}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(d.while, cancel)()
	answer := d.gate.Do(ctx, d.caller, d.on, tool.Tool, gate.Call{Args: args, Standing: d.asks})
	d.writers = answer.Writers
	switch {
	case answer.IsError:
		return nil, "", &run.Refused{Code: string(answer.Code), Nothing: !answer.Sent}
	case answer.Ask != nil: // of who said that nobody can be asked
		return nil, "", &run.Refused{Code: string(gate.ApprovalUnavailable), Nothing: true}
	}
	text, err = unwrapped(answer.Text)
	return answer.Object, text, err
}

var errEnvelope = errors.New("the text of an answer has no marks around it")

// unwrapped takes the marks off a text.
func unwrapped(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	first, rest, _ := strings.Cut(text, "\n")
	nonce, begins := strings.CutPrefix(first, "<<untrusted ")
	body, ends := strings.CutSuffix(strings.TrimSuffix(rest, "\n"), "<<end "+nonce)
	if !begins || !ends {
		return "", errEnvelope
	}
	return body, nil
}
