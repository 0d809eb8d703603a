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
	gate   *gate.Gate
	tools  map[string]tools.Tool
	caller *caller.Caller
	on     *caller.Connection
	while  context.Context // is done when calls that still run are to be given up
}

// Door makes the door of a job's runs. A call goes on when ctx is done, and is given up when while
// is: a write that was sent should end in a known way.
func Door(g *gate.Gate, all []tools.Tool, c *caller.Caller, on *caller.Connection, while context.Context) run.Door {
	named := make(map[string]tools.Tool, len(all))
	for _, tool := range all {
		named[tool.Name] = tool
	}
	return &door{g, named, c, on, while}
}

// Call makes a call. No human is there to be asked.
func (d *door) Call(ctx context.Context, name string, args json.RawMessage) (object []byte, text string, err error) {
	tool, ok := d.tools[name]
	if !ok {
		return nil, "", &run.Refused{Code: "no_such_tool", Nothing: true}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(d.while, cancel)()
	answer := d.gate.Do(ctx, d.caller, d.on, tool.Tool, gate.Call{Args: args})
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
