// Package jobs reads jobs.yaml: what is to be done when something happens or a time comes.
//
// A job is data. It has a trigger and steps that call tools, with typed values: of the
// event, of an item of a list, of an earlier answer. There is no expression language, and
// no text that a stranger wrote is a value: what a title or a body says is read through a
// tool, if at all. Two exceptions are quoted, so that they are nothing but text: the lines
// of a log, and names of files.
//
// [Parse] holds a file against the tools that there are: each argument is known, each value is of a
// kind that may stand where it stands. A file with one mistake is not loaded, not even in
// part. [Query.Arguments] makes a call's arguments of values, and holds each to its kind once more,
// since an answer is made of what people wrote.
//
// The package decides nothing about Gitea and asks nobody. What a job may do is for the gate, which
// gets its calls as it gets everybody's.
package jobs

import (
	"regexp"
	"slices"
	"sync"

	"aegis/internal/canon"
	"aegis/internal/jobs/hook"
	"aegis/internal/jobs/schedule"
)

// File is a file of jobs.
type File struct {
	Webhooks []Webhook
	Jobs     []*Job // in the file's order
}

// Webhook is where the secret of deliveries stands.
type Webhook struct {
	Covers     []hook.Covers
	SecretFile string
}

// Job is what is done, and when.
type Job struct {
	Name           string
	On             Trigger
	CredentialFile string // the access token that the job goes to Gitea with
	Repositories   []Pattern
	Steps          []Step
	WritesPerRun   int
	RunsPerHour    int
	DryRun         bool // what it would write is planned and not sent

	writes bool
}

// Principal is what policy and the audit log call a job.
func (j *Job) Principal() string { return canon.JobPrincipal(j.Name) }

// Writes reports whether a step of the job changes something.
func (j *Job) Writes() bool { return j.writes }

// Trigger is what makes a job run: a schedule or events.
type Trigger struct {
	Schedule *schedule.Schedule // nil for events
	Missed   schedule.Missed
	Event    *hook.Kind // nil for a schedule
	Actions  []string   // none for all
}

// Wants reports whether an event makes the job run, whoever it is by.
func (j *Job) Wants(e hook.Event) bool {
	return j.On.Event != nil && j.On.Event.Name == e.Kind &&
		(len(j.On.Actions) == 0 || slices.Contains(j.On.Actions, e.Action)) && j.Has(e.Repository)
}

// Has reports whether the job is for a repository.
func (j *Job) Has(repo canon.Repo) bool {
	return slices.ContainsFunc(j.Repositories, func(p Pattern) bool { return p.Matches(repo) })
}

// Step is one thing that a job does: a call, a loop, or a row of a table.
type Step struct {
	ID     string // "" if no later step uses it
	Call   *Query // nil for the others
	Each   *Query // a loop over its rows
	Do     []Step // of the loop
	Row    []Value
	Unless *Query // a row that it has keeps the step from being done
}

// Query is a call of a tool, and for one that lists something, which rows of it count.
type Query struct {
	Tool  string
	With  []Argument
	Where *Filter // nil for all
	Limit int     // rows that count at most

	repository Value // nil for the run's own
	placed     bool  // the tool is asked about a repository
}

// Limits where a job says nothing, and the largest that it may say.
const (
	defaultWrites, mostWrites = 20, 1000
	defaultRuns, mostRuns     = 12, 600
	defaultRows, mostRows     = 50, 500
	mostSteps                 = 50 // of a job, and of a loop
	MostJobs                  = 200
)

// named is what names look like: of jobs, and of steps.
var (
	jobName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`) })
	stepName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`) })
)

// ByName returns the job of a name, nil if there is none.
func (f *File) ByName(name string) *Job {
	if i := slices.IndexFunc(f.Jobs, func(j *Job) bool { return j.Name == name }); i >= 0 {
		return f.Jobs[i]
	}
	return nil
}

// Wanting returns the names of the jobs that an event makes run. users are those that jobs
// go to Gitea as: what one of them has done makes none run, so that no two jobs keep each
// other going.
func (f *File) Wanting(e hook.Event, users []string) (names []string) {
	if folded(users, e.Sender.String()) {
		return nil
	}
	for _, j := range f.Jobs {
		if j.Wants(e) {
			names = append(names, j.Name)
		}
	}
	return names
}
