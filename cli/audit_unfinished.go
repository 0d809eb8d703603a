package cli

import (
	"fmt"
	"io"
	"strings"

	"aegis/audit"
)

// unfinished prints a write without an outcome, and what that means.
func (p *printer) unfinished(u audit.Unfinished) error {
	if p.raw {
		return p.line(u.Stored)
	}
	p.printed++
	var b strings.Builder
	mark := ""
	switch {
	case u.Broken != "":
		fmt.Fprintf(&b, "!! line %d (byte %d) %s\n", u.Line, u.Offset, u.Broken)
		mark = "!! "
	case u.After:
		mark = "! "
	}
	fmt.Fprintf(&b, "%s%s %s call=%s", mark, at(u.Time), quoted(u.Tool), quoted(u.Call))
	for _, member := range [][2]string{{"repo", u.Repo}, {"second", u.Second}, {"ref", u.Ref}} {
		if member[1] != "" {
			fmt.Fprintf(&b, " %s=%s", member[0], quoted(member[1]))
		}
	}
	fmt.Fprintf(&b, "%s\n    %s.\n    %s. Gitea may or may not hold it.\n    Look at %s. Gitea got the call's id as X-Request-Id.\n",
		list("paths", u.Paths, u.PathsTotal), announced(u), ending(u), place(u.Stored))
	_, err := io.WriteString(p.out, b.String())
	return err
}

func announced(u audit.Unfinished) string {
	if u.Requests == 1 {
		return "1 request was announced"
	}
	return fmt.Sprintf("%d requests were announced; what is said here is about the last", u.Requests)
}

func ending(u audit.Unfinished) string {
	if u.Ended {
		return "It was about to be sent, and its session ended without an outcome"
	}
	return "It was about to be sent when the process ended, or is under way if session " + quoted(u.Session) + " still runs"
}

// places are what to look at, by words in the names of tools, the first that
// fits.
var places = []struct{ word, place string }{
	{"commit_files", "the branch and its newest commits"},
	{"branch", "the branches"},
	{"pull_request", "the pull requests"},
	{"comment", "the comments of its issues and pull requests"},
	{"issue", "the issues"},
	{"label", "the labels"},
	{"milestone", "the milestones"},
	{"release", "the releases and tags"},
	{"wiki", "the wiki"},
	{"workflow", "the workflow runs"},
}

func place(s audit.Stored) string {
	where := "what changed"
	for _, p := range places {
		if strings.Contains(s.Tool, p.word) {
			where = p.place
			break
		}
	}
	if s.Repo != "" {
		where += " in " + quoted(s.Repo)
	}
	if s.Ref != "" {
		where += ", at " + quoted(s.Ref)
	}
	return where
}
