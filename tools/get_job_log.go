package tools

import (
	"bytes"
	"context"
	"errors"
	"time"

	"aegis/gate"
)

type getJobLogArgs struct {
	repoArgs
	Job int64 `json:"job_id"`
	lineArgs
	EndLine    int  `json:"end_line,omitempty"`
	Timestamps bool `json:"timestamps,omitempty" doc:"On every line"`
}

func (a *getJobLogArgs) check() error {
	return errors.Join(a.repoArgs.check(), a.wrongLines(a.EndLine))
}

// logTail is how many lines of a log are shown where none are asked for: how it
// ended is at its end.
const logTail = 200

func getJobLog() Tool {
	return read(definition[getJobLogArgs]{
		name:        "get_job_log",
		title:       "Read a job's log",
		description: "A workflow job's log, secrets redacted: its last 200 lines unless lines are given. get_workflow_run has the job_id. Untrusted text.",
		target:      func(a getJobLogArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetJobLog,
	})
}

func runGetJobLog(_ context.Context, v *gate.Visit, a getJobLogArgs) (*gate.Result, error) {
	repo := v.Repo()
	if err := (&runHeads{v: v}).ofJob(a.Job); err != nil {
		return nil, err
	}
	shrink := []func([]byte) []byte{withoutColours}
	if !a.Timestamps {
		shrink = append(shrink, withFewTimes)
	}
	log, err := v.Gitea().JobLog(repo.Name, a.Job, shrink...)
	if err != nil {
		return nil, err
	}
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Visibility string `json:"visibility"`
			Job        int64  `json:"job_id"`
		}{repo.FullName, string(repo.Visibility), a.Job},
		Text: &gate.Text{Body: log, First: a.StartLine, Column: a.StartColumn, Last: a.EndLine, Tail: logTail},
	}, nil
}

// withoutColours takes out what colours a terminal's text (ESC [ digits m) and
// clears its lines (ESC [ K). It could cut a secret in two, and no reader
// misses it. It writes into log.
func withoutColours(log []byte) []byte {
	begin := []byte("\x1b[")
	left := log[:0]
	for {
		at := bytes.Index(log, begin)
		if at < 0 {
			return append(left, log...)
		}
		end := at + len(begin)
		for end < len(log) && (log[end] >= '0' && log[end] <= '9' || log[end] == ';') {
			end++
		}
		if end < len(log) && (log[end] == 'm' || log[end] == 'K') {
			left = append(left, log[:at]...)
			end++
		} else {
			left = append(left, log[:end]...)
		}
		log = log[end:]
	}
}

// withFewTimes leaves the time at the first of the lines that were written in one second
// and takes it from the others, where it is most of what they say. Lines stay lines. It
// writes into log.
func withFewTimes(log []byte) []byte {
	left, last := log[:0], ""
	for line := range bytes.Lines(log) {
		second, rest, ok := cutTime(line)
		switch {
		case !ok:
			left = append(left, line...)
			continue
		case string(second) != last:
			last = string(second)
			left = append(append(left, last...), "Z "...)
		}
		left = append(left, rest...)
	}
	return left
}

// cutTime parts a line from the time that it begins with: 2024-05-01T10:00:00.1234567Z
// and a blank.
func cutTime(line []byte) (second, rest []byte, ok bool) {
	const form = "2006-01-02T15:04:05"
	if len(line) < len(form) || line[len("2006-01-02")] != 'T' {
		return nil, line, false
	}
	if _, err := time.Parse(form, string(line[:len(form)])); err != nil {
		return nil, line, false
	}
	fraction, rest, ok := bytes.Cut(line[len(form):], []byte("Z "))
	if !ok || len(bytes.Trim(fraction, ".0123456789")) > 0 || len(fraction) > 10 {
		return nil, line, false
	}
	return line[:len(form)], rest, true
}
