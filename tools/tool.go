// Package tools holds what a client can ask for, one file a tool.
//
// A tool is a declaration: its arguments as a struct, what those arguments touch, and
// how to ask Gitea. It decides nothing, and sees nothing but the [gate.Visit] that it
// is handed. Decoding, policy, scrubbing, paging by bytes and audit are the gate's,
// and a tool can't be registered without saying what they need. Nothing here knows of
// MCP: the same [Tool] runs wherever there is a gate.
package tools

import (
	"context"
	"encoding/json"
	"reflect"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
)

// Tool is what a client is told of a tool, and what the gate runs.
type Tool struct {
	gate.Tool
	Title       string
	Description string
	Hints       Hints

	arguments reflect.Type // the struct that the arguments are decoded into
}

// Schema returns the JSON schema of the tool's arguments. It is made when it is
// asked for: a session that calls no tool starts without it.
func (t Tool) Schema() *Schema { return schemaOf(t.arguments) }

// Hints are the truth about a tool for clients that show or ask before they
// call.
type Hints struct {
	ReadOnly    bool // changes nothing
	Destructive bool // may change or remove what is there
	Idempotent  bool // the same call again changes nothing more
	OpenWorld   bool // content comes from strangers
}

// definition is a tool before its types are erased. Every field is required but ahead.
type definition[A any] struct {
	name        string
	title       string
	description string
	target      func(A) gate.Target
	run         func(ctx context.Context, v *gate.Visit, args A) (*gate.Result, error)
	// ahead begins what run asks first, at the commit that the target's ref leads to. It
	// may be nil.
	ahead func(ask *forge.Reader, args A, commit string)
}

// changing is a tool that changes something, before its types are erased. Every
// field is required, but the hints where they are false.
type changing[A any] struct {
	name        string
	title       string
	description string
	target      func(A) gate.Target
	plan        func(ctx context.Context, v *gate.Visit, args A) (*gate.Plan, error)
	destructive bool // it changes or removes what is there
	idempotent  bool
}

// write makes a Tool of capability write.
func write[A any](d changing[A]) Tool { return change(policy.Write, d) }

// automate makes a Tool of capability automation.
func automate[A any](d changing[A]) Tool { return change(policy.Automation, d) }

func change[A any](capability policy.Capability, d changing[A]) Tool {
	return Tool{
		Tool: gate.Tool{
			Name:       d.name,
			Capability: capability,
			Prepare: func(raw json.RawMessage) (gate.Prepared, error) {
				args, remarks, err := decode[A](raw)
				if err != nil {
					return gate.Prepared{}, err
				}
				return gate.Prepared{
					Target: d.target(args),
					Plan: func(ctx context.Context, v *gate.Visit) (*gate.Plan, error) {
						remark(v, remarks)
						return d.plan(ctx, v, args)
					},
					Written:  written(&args),
					Settings: settings(&args),
					Number:   numberOf(&args),
					DryRun:   any(args).(interface{ dry() bool }).dry(),
				}, nil
			},
		},
		Title:       d.title,
		Description: d.description,
		Hints:       Hints{Destructive: d.destructive, Idempotent: d.idempotent, OpenWorld: true},
		arguments:   reflect.TypeFor[A](),
	}
}

// read makes a Tool of capability read.
func read[A any](d definition[A]) Tool {
	return Tool{
		Tool: gate.Tool{
			Name:       d.name,
			Capability: policy.Read,
			Prepare: func(raw json.RawMessage) (gate.Prepared, error) {
				args, remarks, err := decode[A](raw)
				if err != nil {
					return gate.Prepared{}, err
				}
				prepared := gate.Prepared{
					Target: d.target(args),
					Number: numberOf(&args),
					Run: func(ctx context.Context, v *gate.Visit) (*gate.Result, error) {
						remark(v, remarks)
						return d.run(ctx, v, args)
					},
				}
				if d.ahead != nil {
					prepared.Ahead = func(ask *forge.Reader, commit string) { d.ahead(ask, args, commit) }
				}
				return prepared, nil
			},
		},
		Title:       d.title,
		Description: d.description,
		Hints:       Hints{ReadOnly: true, Idempotent: true, OpenWorld: true},
		arguments:   reflect.TypeFor[A](),
	}
}

// remark notes what of the arguments was taken otherwise than it was given.
func remark(v *gate.Visit, remarks []string) {
	for _, each := range remarks {
		v.Remark(each)
	}
}
