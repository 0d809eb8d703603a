package gate

import (
	"context"
	"fmt"
	"time"

	"aegis/gate/caller"
)

// Human is a way to ask a connection's human.
type Human interface {
	// Ask shows a question, and returns what was said until it expires or ctx is
	// done. Whatever goes wrong is a no.
	Ask(ctx context.Context, question *Question) Said
}

// Said is what a human answers. The zero Said is a no.
type Said uint8

// The answers.
const (
	No    Said = iota
	Yes        // an explicit one
	Later      // the answer comes with another call, equal to this one otherwise
)

// maxAsked is how often the human is asked about one call, should what is asked
// change while the answer is waited for.
const maxAsked = 3

// refusalTime bounds what is done about a no.
const refusalTime = 10 * time.Second

// Converse takes a call through the door as [Gate.Do] does, and asks the human
// wherever that is wanted; nil is a connection that can't. Every question is answered
// to the door once. The answer has a question only if the human answers later.
func (g *Gate) Converse(ctx context.Context, c *caller.Caller, on *caller.Connection, tool Tool, call Call, human Human) Answer {
	call.CanAsk = human != nil
	answer := g.Do(ctx, c, on, tool, call)
	for asked := 1; answer.Ask != nil; asked++ {
		said := No
		if human != nil && asked <= maxAsked {
			said = human.Ask(ctx, answer.Ask)
		}
		call.Reply = &Reply{State: answer.Ask.State, Approved: said == Yes}
		switch said {
		case Yes:
			answer = g.Do(ctx, c, on, tool, call)
		case Later:
			c.Questions.Leave(answer.Ask.State, func() { g.refuse(context.Background(), c, on, tool, call) })
			return answer
		default:
			return g.refuse(ctx, c, on, tool, call)
		}
	}
	return answer
}

// refuse tells the door of a no, whoever has given up waiting for it. It may be the
// last that a goroutine does.
func (g *Gate) refuse(ctx context.Context, c *caller.Caller, on *caller.Connection, tool Tool, call Call) (answer Answer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalTime)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			g.options.Logger.Error().Str("session", c.Session()).Str("tool", tool.Name).Str("panic", fmt.Sprintf("%T", p)).Msg("a refusal panicked")
		}
	}()
	call.Progress = nil
	return g.Do(ctx, c, on, tool, call)
}
