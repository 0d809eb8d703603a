package gate

import (
	"strings"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// world is what a call knows of Gitea, and the only one that asks it for more. What
// it found out are facts, which are asked for once; what is missing for a judgement
// it asks for at the same time.
type world struct {
	*request
	*facts
	knowing *policy.Policy // the policy, for somebody who knows the facts
	way     *forge.Way
	client  *forge.Client
	plan    *Plan     // what a call that changes something will do
	flow    *FlowCase // what flow control decided on last, nil if it did not yet
	found   findings
	consent consent
	sending sending
}

// open opens a call's world, once it was decided that Gitea may be asked.
func open(r *request, way *forge.Way, d decision) *world {
	w := &world{request: r, facts: new(facts), way: way, consent: d.consent}
	w.knowing = r.knowing(w.facts)
	w.found.referred = d.referred
	target := r.prepared.Target
	grant := r.grant()
	grant.Everywhere = target.kind == everywhere
	if target.kind == oneRepository {
		grant.Repos = []canon.Repo{target.repo}
	}
	w.client = way.Client(r.ctx, grant)
	return w
}

// judge is one who knows what the world knows by now.
func (w *world) judge() *judge { return &judge{request: w.request, facts: w.facts, knowing: w.knowing} }

// settle has something judged until nothing is missing for it. What is missing is
// asked for, all of it at once. It comes to an end: each question is asked once, and
// of each kind a bounded number.
func (w *world) settle(step func(j *judge)) {
	for {
		j := w.judge()
		step(j)
		if len(j.missing) == 0 {
			return
		}
		w.ask(j.missing)
	}
}

// ask answers questions. One without an answer has an error for it.
func (w *world) ask(questions []question) {
	err := w.atOnce(askedAtOnce, func(do func(job func() error) bool) error {
		for _, q := range questions {
			if !do(func() error { w.note(q, w.find(q)); return nil }) {
				break
			}
		}
		return nil
	})
	for _, q := range questions {
		if _, known, _ := w.look(q); !known { // the call is over
			w.note(q, finding{err: err})
		}
	}
}

// find asks a question.
func (w *world) find(q question) finding {
	w.client.LookUp(q.repo)
	if q.kind != aboutWriters {
		record, err := w.client.Repository(q.repo)
		return finding{record: record, err: err}
	}
	logins, err := w.client.Assignees(q.repo)
	if err != nil {
		w.logger().Warn().Str("error", w.desk.scrubber.Line(err.Error())).Msg("authors' standing unknown; they count as strangers")
	}
	writers := make(map[string]bool)
	for _, login := range logins {
		writers[strings.ToLower(login)] = true
	}
	return finding{writers: writers, err: err}
}

// path judges a path of the call's repositories.
func (w *world) path(path canon.Path, folder bool) (d judgement) {
	w.settle(func(j *judge) { d = j.decidePath(path, folder) })
	return d
}

// lineage finds out what a repository was forked from, and judges it.
func (w *world) lineage(name canon.Repo, record *forge.Repository) (refusal *Refusal) {
	w.settle(func(j *judge) { _, refusal = j.lineage(name, record, false) })
	return refusal
}

func (w *world) showsRepository(record *forge.Repository) (shows bool) {
	w.settle(func(j *judge) { shows = j.showsRepository(record) })
	return shows
}

func (w *world) hasStanding(login string, repo canon.Repo) (has bool) {
	w.settle(func(j *judge) { has = j.hasStanding(login, repo) })
	return has
}

func (w *world) recognise(record *forge.Repository) { w.judge().recognise(record) }

// findings are what comes to light while a call runs, besides its result.
type findings struct {
	authors   []caller.Author // whose text is shown
	hidesText bool            // all that is shown is a stranger's text, which policy hides
	carries   bool            // what is written carries along what a stranger made
	unjudged  bool            // nobody asked whether it does
	narrow    bool            // what was looked at is seen by fewer than the repository
	looked    bool            // a plan has asked Gitea for what is stored
	withheld  int             // what [Files] left out
	remarks   []string        // what a write's own answer does not tell
	referred  []place         // other repositories that see of what is written
	outward   *outward        // what the texts tell people elsewhere; see [world.tellsOutside]
	cleaned   cleaned         // of files that [Visit.Code] had changed
}
