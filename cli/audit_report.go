package cli

import (
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func reportCommand(s *settings) *cobra.Command {
	var f logFilter
	file := ""
	command := &cobra.Command{
		Use:   "report [LOG] --html FILE",
		Short: "Write a page about the audit log, for people",
		Long: `Writes one HTML page about LOG (default: the log that a session would write) and what
was rotated away from it: calls over time, by tool, repository, principal and client,
refusals with reasons, redactions, what was written, sessions, and whether the chain
holds. The page holds all it needs: no script, nothing from elsewhere. With --gitea-url
what was written is linked.

Exit status 0; 1 if the log is not what it was or can't be read. The page is written all
the same, and says so.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return wrong("--html", "name the file that the page is to be written to, or - for standard output")
			}
			sum, reading, log, err := f.summarise(cmd, s, args)
			if err != nil {
				return err
			}
			if isOfLog(file, log) {
				return wrong("--html", "%s belongs to the log; name another file", file)
			}
			base, _, err := s.value(giteaURL)
			if err != nil {
				return &failure{exitUsage, err}
			}
			if err := writeReport(cmd.OutOrStdout(), file, report{sum, log, base, chosen(cmd.Flags()), time.Now(), reading}); err != nil {
				return &failure{exitFailed, plain(err)}
			}
			return concludeReading(cmd.ErrOrStderr(), reading)
		},
	}
	command.Flags().StringVar(&file, "html", "", "file to write the page to; - is standard output")
	f.define(command.Flags())
	return takes(command, auditLog, giteaURL)
}

// isOfLog reports whether a file is the log, or lies beside it and is called as if it were
// of the log.
func isOfLog(file, log string) bool {
	for _, log := range []string{log, realOf(log)} {
		for _, file := range []string{file, realOf(file)} {
			if strings.HasPrefix(strings.ToLower(filepath.Base(file)), strings.ToLower(filepath.Base(log))) && sameFile(filepath.Dir(file), filepath.Dir(log)) {
				return true
			}
		}
	}
	return sameFile(file, log)
}

func realOf(file string) string {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

func writeReport(stdout io.Writer, file string, r report) error {
	if file == "-" {
		return r.write(stdout)
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(r.write(out), out.Close())
}

var numbered = regexp.MustCompile(`^(issue|pull request|release|run) ([0-9]+)$`)

// linkTo is what was made, and where Gitea shows that: "" if that is not known.
func linkTo(base, repo, made string) (text, href string) {
	at, err := url.Parse(base)
	if base == "" || err != nil || at.Scheme != "https" && at.Scheme != "http" {
		return made, ""
	}
	at.User = nil
	at = at.JoinPath(strings.Split(repo, "/")...)
	kind, id, _ := strings.Cut(made, " ")
	switch match := numbered.FindStringSubmatch(made); {
	case match != nil && match[1] == "issue":
		at = at.JoinPath("issues", match[2])
	case match != nil && match[1] == "pull request":
		at = at.JoinPath("pulls", match[2])
	case match != nil && match[1] == "run":
		at = at.JoinPath("actions", "runs", match[2])
	case match != nil:
		at = at.JoinPath("releases")
	case (kind == "commit" || kind == "parent") && len(id) >= 40 && strings.Trim(id, "0123456789abcdef") == "":
		return kind + " " + id[:10], at.JoinPath("commit", id).String()
	default:
		return made, ""
	}
	return made, at.String()
}
