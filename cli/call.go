package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/canon"
	"aegis/internal/operatorfile"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

// maxArguments bounds the arguments of a call on standard input, in bytes: a
// client's frame may be as long.
const maxArguments = stdio.DefaultMaxFrame

func callCommand(env environment, s *settings) *cobra.Command {
	var args string
	command := &cobra.Command{
		Use:   "call TOOL --args JSON",
		Short: "Make one call from a shell, through the same gate",
		Long: `Makes one call as a session of its own, with the same policy, scrubbing and audit
log as a client's. Prints the answer's JSON object on one line, then its text if
there is one.

Exit status 0 for an answer, 3 if Aegis denied the call, 4 if it failed in
another way, 2 for wrong configuration or usage. Write mode has to be turned on
with --write itself: WRITE_MODE is a client's. A call that a human has to approve
asks on the terminal, if standard input and standard error are one, and wants
"yes"; without a terminal it is denied.`,
		Example: `  aegis call list_issues --args '{"owner":"acme","repo":"website"}'
  echo '{"owner":"acme","repo":"website","number":1}' | aegis call get_issue --args -`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, names []string) error {
			return call(cmd.Context(), env, s, names[0], args)
		},
	}
	command.Flags().StringVar(&args, "args", "{}", "the tool's arguments, a JSON object; - reads them from standard input")
	return takes(command, everySetting()...)
}

// call makes one call as a session of its own.
func call(ctx context.Context, env environment, s *settings, name, args string) error {
	at := slices.IndexFunc(tools.All(), func(t tools.Tool) bool { return t.Name == name })
	if at < 0 {
		return &failure{exitUsage, fmt.Errorf("there is no tool %q; \"aegis tools\" lists them", name)}
	}
	config, err := s.config()
	if err != nil {
		return err
	}
	config.Write = config.Write && s.flags.Changed(writeMode)
	if level, _, _ := s.value(logLevel); level == "" {
		config.LogLevel = zerolog.WarnLevel // a shell shows both outputs together
	}
	raw, err := readArguments(env.stdin, args)
	if err != nil {
		return err
	}
	env.knows(config)
	logger := zerolog.New(env.stderr).Level(config.LogLevel).With().Timestamp().Logger()
	door, err := open(config, logger)
	if err != nil {
		return err
	}

	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	self, on := door.Caller("stdio", principal()), caller.Connect("")
	on.Client("aegis call", Version)
	// Without an audit log the call is denied, and the answer says so.
	_ = door.Gate.Begin(context.WithoutCancel(ctx), self, on)
	var human gate.Human
	if at := terminalOf(env); at.canAsk() {
		human = at
	}
	parent, _ := env.lookup("TRACEPARENT") // as programs tell those that they start
	wanted := gate.Call{Args: raw, Trace: canon.ParseTrace(parent), Shell: true}
	answer := door.Gate.Converse(ctx, self, on, tools.All()[at].Tool, wanted, human)
	begun := make(chan struct{})
	close(begun)
	finish(door, config, self, on, begun, logger)
	return printAnswer(env.stdout, answer)
}

// readArguments returns the arguments as they were given. What is wrong with
// them is the gate's to say.
func readArguments(stdin io.Reader, args string) (json.RawMessage, error) {
	if args != "-" {
		return json.RawMessage(args), nil
	}
	raw, err := io.ReadAll(io.LimitReader(stdin, maxArguments+1))
	if err != nil {
		return nil, &failure{exitUsage, fmt.Errorf("--args -: standard input can't be read: %w", plain(err))}
	}
	if len(raw) > maxArguments {
		return nil, &failure{exitUsage, fmt.Errorf("--args -: standard input is longer than %d MiB", maxArguments>>20)}
	}
	text, err := operatorfile.Decode(raw)
	if err != nil {
		return nil, &failure{exitUsage, fmt.Errorf("--args -: standard input: %w", err)}
	}
	return json.RawMessage(text), nil
}

// printAnswer writes both blocks of an answer. Its error has the status of a
// call that failed.
func printAnswer(out io.Writer, answer gate.Answer) error {
	if _, err := fmt.Fprintf(out, "%s\n%s", answer.Object, answer.Text); err != nil {
		return &failure{exitFault, fmt.Errorf("the answer could not be written: %w", plain(err))}
	}
	switch {
	case !answer.IsError:
		return nil
	case slices.Contains(gate.Faults(), answer.Code):
		return &failure{exitFault, errors.New("the call failed: " + string(answer.Code))}
	}
	return &failure{exitDenied, errors.New("denied: " + string(answer.Code))}
}
