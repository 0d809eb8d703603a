package automation

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/jobs/run"
	"aegis/sanitize"
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

// newDoor makes the door of a run. A call goes on when the run's context is done, and is given up
// when while is: a write that was sent should end in a known way. One run uses it at a time.
func newDoor(g *gate.Gate, all []tools.Tool, c *caller.Caller, on *caller.Connection, while context.Context) *door {
	named := make(map[string]tools.Tool, len(all))
	for _, tool := range all {
		named[tool.Name] = tool
	}
	return &door{gate: g, tools: named, caller: c, on: on, while: while}
}

// mayWrite reports whether an author of the last answer's rows may write to its repository.
func (d *door) mayWrite(login string) (bool, error) { return d.writers[strings.ToLower(login)], nil }

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
	if answer.Text == "" {
		return answer.Object, "", nil
	}
	if text, ok = sanitize.Unwrap(answer.Text); !ok {
		return nil, "", errEnvelope
	}
	return answer.Object, text, nil
}

var errEnvelope = errors.New("the text of an answer has no marks around it")
