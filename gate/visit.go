package gate

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/sanitize"

	"github.com/rs/zerolog"
)

// Visit is one call on its way through the door. A handler sees of it what was
// decided and resolved, and its client.
type Visit struct {
	gate       *Gate
	caller     *caller.Caller
	connection *caller.Connection
	tool       Tool
	call       Call
	id         string
	ctx        context.Context
	started    time.Time
	policy     *policy.Policy // in force for the whole call; knows what the call learns of repositories
	ids        ids
	slotErr    error
	way        *forge.Way // the caller\'s to Gitea, nil if it has none
	wayErr     error      // why not

	scrubber *sanitize.Scrubber // of answers, under that policy; it knows what was cut from earlier ones

	prepared  Prepared
	planned   *Plan           // what a call that changes something will do
	approval  *reason         // why policy wants a human to be asked, nil if it does not
	asks      []reason        // why a human would be asked, in a dry run
	rule      string          // the rule by which a human is asked, "" if none is
	shown     string          // hash of what the human was shown
	answers   string          // the call that asked what this one has the reply to
	narrow    bool            // whether what was looked at is seen by fewer than the repository
	looked    bool            // whether a plan has asked Gitea for what is stored
	sends     int             // requests that change something, begun
	written   int             // requests that changed something
	sent      int             // Gitea's status to the last of them
	remarks   []string        // what a write's own answer does not tell
	authors   []caller.Author // whose text is shown
	hidesText bool            // all that is shown is a stranger's text, which policy hides
	carries   bool            // what is written carries along what a stranger made
	referred  []place         // other repositories that see of what is written
	flowAsks  []reason        // why flow control wanted a human to be asked
	outward   *outward        // what the texts tell people elsewhere; see [Visit.tellsOutside]
	client    *forge.Client
	repo      *Resolved
	others    []*Resolved                      // more repositories of the call, whose rules on paths hold as well
	standing  map[canon.Repo]map[string]bool   // folded logins that may write there
	named     map[canon.Repo]*forge.Repository // records of repositories that rows only name, nil for none
	withheld  int                              // what [Files] left out

	ancestors map[canon.Repo]ancestor        // parents of forks that were asked for
	scrubbed  map[canon.Path]sanitize.Report // of files that [Visit.Code] had changed
}

// Resolved is a repository as Gitea resolved it for this call.
type Resolved struct {
	Name          canon.Repo
	ID            int64
	FullName      string // as Gitea spells it
	DefaultBranch string
	Visibility    Visibility
	Empty         bool
	Record        *forge.Repository // the record it was resolved from
	Ref           string            // refs/heads/… or refs/tags/…, "" if the call gave a commit id
	Commit        string            // 40 hex digits, "" if the target needs none
	origin        caller.Origin     // what leads to Commit

	traced      bool         // whether the next two are known
	ancestors   []canon.Repo // what it was forked from, as far as their rules hold in it
	untraceable *Refusal     // why they can not be known
}

// Gitea returns what asks Gitea for this call: bound to its context and to the
// repositories that the gate granted, and to reading.
func (v *Visit) Gitea() *forge.Reader { return v.client.Reader }

// Repo returns the target repository as it was resolved, nil for a target
// [Everywhere].
func (v *Visit) Repo() *Resolved { return v.repo }

// Path returns the target's path.
func (v *Visit) Path() canon.Path { return v.prepared.Target.path }

// ShowsFile reports whether policy shows the target repository's file at path.
func (v *Visit) ShowsFile(path canon.Path) bool {
	return v.repo != nil && v.judgePath(path, false).Allow
}

// ShowsRepository reports whether policy shows a repository, with all its
// parents.
func (v *Visit) ShowsRepository(record *forge.Repository) bool {
	v.recognise(record)
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || !v.policy.Repository(name, v.tool.Name).Allow {
		return false
	}
	_, refusal := v.judgeLineage(name, record, false)
	return refusal == nil
}

// ShowsParent reports whether policy shows what record was forked from.
func (v *Visit) ShowsParent(record *forge.Repository) bool {
	if record.Parent == nil {
		return false
	}
	v.recognise(record)
	name, err := canon.ParseFullName(record.Parent.FullName)
	return err == nil && v.policy.Repository(name, v.tool.Name).Allow
}

// Files leaves out the rows of which policy hides a path, and counts them. The
// paths are as Gitea gave them; a row with one that is not canonical is left
// out.
func Files[T any](v *Visit, rows []T, paths func(T) []string) (shown []T) {
	for _, row := range rows {
		if v.showsFiles(paths(row)) {
			shown = append(shown, row)
		} else {
			v.withheld++
		}
	}
	return shown
}

func (v *Visit) showsFiles(paths []string) bool {
	for _, each := range paths {
		if path, err := canon.ParsePath(each); err != nil || !v.ShowsFile(path) {
			return false
		}
	}
	return true
}

// enter gives the call an id, waits for a slot and starts its clock. What would be
// refused for the kill switch waits for none.
func (g *Gate) enter(ctx context.Context, c *caller.Caller, on *caller.Connection, tool Tool, call Call) (*Visit, func()) {
	v := &Visit{gate: g, caller: c, connection: on, tool: tool, call: call, id: c.NextCall()}
	v.way, v.wayErr = g.Admit(c)
	release := func() {}
	if v.checkKillSwitch() == nil {
		release, v.slotErr = g.slots.Take(ctx, c)
	}
	v.started = time.Now()
	current, change := g.policies.Current()
	g.changes.note(change)
	var cancel context.CancelFunc
	v.ctx, cancel = context.WithTimeout(ctx, g.options.Timeout)
	v.policy, v.scrubber = current.Knowing(v.identify), g.scrubberUnder(current).Within(v.ctx).Remembering(memory(c))
	return v, func() {
		cancel()
		if v.client != nil {
			v.client.Close()
		}
		release()
	}
}

// run calls the handler, or carries out what was planned. A panic in it is this call's failure and nobody
// else's.
func (v *Visit) run() (result *Result, err error) {
	err = v.contain(func() (err error) {
		if v.writes() {
			result, err = v.change()
		} else {
			result, err = v.prepared.Run(v.ctx, v)
		}
		return err
	})
	if err == nil && result == nil {
		err = errors.New("the tool answered nothing")
	}
	return result, err
}

// contain turns a panic in step into an error. The panic's text stays on
// stderr: it may quote anything.
func (v *Visit) contain(step func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			v.logger().Error().
				Str("panic", v.gate.scrubber.Line(fmt.Sprint(p))).
				Str("stack", v.gate.scrubber.Line(string(debug.Stack()))).
				Msg("panic in a call")
			err = errPanicked
		}
	}()
	return step()
}

var errPanicked = errors.New("panicked")

func (v *Visit) logger() *zerolog.Logger {
	logger := v.gate.options.Logger.With().Str("session", v.caller.Session()).Str("call", v.id).Str("tool", v.tool.Name).Logger()
	return &logger
}

// ParentName returns the name of the repository that the target was forked
// from, "" if there is none, if policy hides it, or if the token can't read it:
// Gitea tells a fork's readers of parents that are none of their business.
func (v *Visit) ParentName() string {
	if v.repo == nil || !v.ShowsParent(v.repo.Record) {
		return ""
	}
	parent := v.repo.Record.Parent.FullName
	name, err := canon.ParseFullName(parent)
	if err != nil {
		return ""
	}
	v.client.Allow(name)
	if _, err := v.client.Repository(name); err != nil {
		return ""
	}
	return parent
}
