// Package cli is the command line: one file a command. It turns flags and
// environment into a configuration and wires the rooms together; it decides
// nothing about a call.
//
// Exit statuses: 0 success, 1 a check that failed (aegis audit verify, aegis
// policy check, test and diff, aegis secrets, aegis health, aegis doctor, aegis status), 2 wrong configuration or usage; of aegis call also
// 3 for a call that was denied and 4 for one that failed in another way, of aegis policy
// explain 3 for one that would be denied and 4 for one that a human would be asked about.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

// Version is the release, set by the linker: -X aegis/cli.Version=1.2.3.
var Version = "dev"

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitDenied = 3
	exitFault  = 4
	exitAsked  = 4
)

// Execute runs the command line of this process and returns its exit status.
// sample holds the demo's forge.
func Execute(sample fs.FS) int {
	limitMemory()
	return run(context.Background(), environment{
		args: os.Args[1:], lookup: os.LookupEnv, sample: sample,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	})
}

// environment is what a command gets from the process it runs in.
type environment struct {
	args           []string
	lookup         func(string) (string, bool)
	sample         fs.FS
	stdin          *os.File
	stdout, stderr io.Writer
	client         *waitingClient
}

// failure is an error with an exit status of its own.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func run(ctx context.Context, env environment) int {
	env.stderr, env.client = newCleanStderr(env), &waitingClient{out: env.stdout}
	root := rootCommand(env)
	root.SetArgs(env.args)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(env.stderr, "aegis: %v\n", err)
	env.refuseClient(err)
	var own *failure
	if errors.As(err, &own) {
		return own.status
	}
	return exitUsage
}

func rootCommand(env environment) *cobra.Command {
	var stdio, demo, version bool
	s := newSettings(env.lookup)
	root := &cobra.Command{
		Use:   "aegis",
		Short: "An MCP server for Gitea behind one gate: policy, scrubbing, audit",
		Long: `Aegis lets an AI agent work with a Gitea forge under a policy: every tool call
passes one gate that decides, removes secrets from what comes back, and keeps a
hash-chained audit log. It reads; what it may write, write mode and policy say.

An MCP client starts "aegis --stdio" once a session; "aegis serve" serves many over
HTTP. "aegis demo" shows it at work without any Gitea.`,
		Example: `  aegis --stdio --gitea-url https://git.example.org
  aegis --stdio --demo
  aegis --version`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return printVersion(cmd)
			}
			if !stdio {
				return askForMore(cmd, "--stdio serves MCP, serve does over HTTP, demo shows it at work")
			}
			return serveStdio(cmd.Context(), env, s, demo)
		},
	}
	root.Flags().BoolVar(&stdio, "stdio", false, "serve MCP on standard input and output")
	root.Flags().BoolVar(&demo, "demo", false, "with --stdio: against the built-in sample forge, no Gitea needed")
	// cobra's own would link text/template, and with it whatever is exported.
	root.Flags().BoolVar(&version, "version", false, "print the version")
	s.define(root.PersistentFlags())
	root.AddCommand(demoCommand(env), initCommand(env, s), doctorCommand(env, s), statusCommand(env, s), toolsCommand(), callCommand(env, s), serveCommand(env, s), healthCommand(s), keysCommand(s), jobsCommand(env, s), policyCommand(env, s), auditCommand(s), secretsCommand(env, s), completionCommand(), versionCommand())
	takes(root, everySetting()...)
	root.SetUsageFunc(showUsage)
	root.CompletionOptions.DisableDefaultCmd = true
	completes(root)
	return root
}

// askForMore is the error of a command that does nothing by itself. Help goes
// to stderr: standard output is for what was asked for.
func askForMore(cmd *cobra.Command, choices string) error {
	cmd.SetOut(cmd.ErrOrStderr())
	_ = cmd.Help()
	return errors.New("say what to do: " + choices)
}

// group is a command that is nothing but the name of those below it. Left
// alone, or with one that does not exist, it is an error: a check that was
// misspelt must not look like one that passed.
func group(use, short, choices string, below ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return askForMore(cmd, choices) },
	}
	command.AddCommand(below...)
	return command
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  aegis version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return printVersion(cmd) },
	}
}

func printVersion(cmd *cobra.Command) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "aegis %s\n", Version)
	return err
}
