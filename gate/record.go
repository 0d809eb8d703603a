package gate

import (
	"context"
	"slices"
	"strings"
	"time"

	"aegis/audit"
	"aegis/gate/caller"
)

// recordDecision puts the first decision on disk, and before it what is still owed:
// the session's start and changes of the policy.
func (r *request) recordDecision(d decision) error {
	ctx := context.WithoutCancel(r.ctx) // a cancelled call is recorded, too
	if err := r.Begin(ctx, r.caller, r.connection); err != nil {
		return err
	}
	if err := r.recordChanges(ctx, r.caller, r.connection); err != nil {
		return err
	}
	entry := r.entry(audit.KindDecision)
	entry.Stage = audit.StageStatic
	entry.Decision = audit.Allow
	entry.ShownSHA256, entry.ShownBytes = d.consent.shown.SHA256, d.consent.shown.Bytes
	entry.ArgsHMAC = r.log.ArgsHMAC(r.call.Args)
	if d.refusal != nil {
		entry.Decision = audit.Deny
		entry.Code, entry.Rule = string(d.refusal.Code), d.refusal.Rule
	}
	noteCase(&entry, d.refusal, d.about, nil)
	return r.append(ctx, entry)
}

// entry is an entry about the call as it came.
func (r *request) entry(kind audit.Kind) audit.Entry {
	entry := r.desk.entry(kind, r.caller, r.connection)
	entry.Call, entry.Request, entry.Trace = r.id, r.rpcID, r.trace.String()
	entry.Tool, entry.Capability = r.tool.Name, r.tool.Capability.String()
	entry.PolicySHA256, entry.FloorSHA256, entry.OwnPolicySHA256 = r.policy.SHA256(), r.inForce.floor, r.inForce.own
	target := r.prepared.Target
	entry.Repo, entry.Ref = target.repo.String(), target.ref.String()
	if target.branch != "" {
		entry.Ref = "refs/heads/" + target.branch
	}
	for _, path := range target.paths() {
		entry.Paths = append(entry.Paths, path.String())
	}
	entry.Number, entry.DryRun = r.prepared.Number, r.prepared.DryRun
	return entry
}

// entry is an entry about a call whose repositories are known.
func (f *facts) entry(r *request, kind audit.Kind, shown caller.Shown) audit.Entry {
	entry := r.entry(kind)
	if f.repo != nil {
		entry.RepoID = f.repo.ID
	}
	var others []string
	for _, other := range f.others {
		if name := other.Name.String(); !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	entry.Second = strings.Join(others, " ")
	entry.ShownSHA256, entry.ShownBytes = shown.SHA256, shown.Bytes
	return entry
}

// recordMore puts a later decision of the call on disk.
func (w *world) recordMore(decision audit.Decision, rule string) error {
	entry := w.facts.entry(w.request, audit.KindDecision, w.consent.shown)
	entry.Stage, entry.Decision, entry.Rule = audit.StageResolved, decision, rule
	noteCase(&entry, nil, w.judge().whole, w.flow)
	return w.append(context.WithoutCancel(w.ctx), entry)
}

// recordOutcome puts the outcome on disk. If that fails, what was done is not
// in the log, and the session stays closed.
func (t *telling) recordOutcome(a Answer) error {
	entry := t.facts.entry(t.request, audit.KindOutcome, t.consent.shown)
	entry.GiteaStatus = t.status
	entry.Code, entry.Rule = string(a.Code), a.rule
	noteCase(&entry, t.refusal, t.whole, t.flow)
	entry.Redactions, entry.Exceptions = a.report.Redactions, a.report.Exceptions
	entry.Withheld, entry.Written, entry.Made = a.withheld, t.sending.written, t.sending.made
	reasons := t.found.remarks
	if a.Ask != nil {
		reasons = append(reasons, "a human is asked")
	}
	if t.consent.answers != "" {
		reasons = append(reasons, "the human was asked in call "+t.consent.answers)
	}
	entry.Reason = strings.Join(reasons, "; ")
	entry.Rows, entry.Bytes = a.rows, int64(a.size())
	entry.DurationMS = float64(time.Since(t.started).Microseconds()) / 1000
	err := t.append(context.WithoutCancel(t.ctx), entry)
	if err != nil {
		t.caller.Close(err)
	}
	return err
}

// append scrubs what a caller or a repository wrote and appends the entry.
func (r *request) append(ctx context.Context, entry audit.Entry) error {
	line, c := r.desk.scrubber.Line, &entry.Case
	decided := func(clean func(string) string, texts ...*string) {
		for _, text := range texts {
			if was := *text; was != "" {
				*text = clean(was)
				c.Cut = c.Cut || *text != was
			}
		}
	}
	for _, list := range [][]string{entry.Paths, c.Paths, c.Lineage, c.Marks, c.Carries} {
		for i := range list {
			decided(r.cleanPath, &list[i])
		}
	}
	decided(line, &entry.Repo, &c.Of, &c.Reaches)
	decided(r.cleanPath, &c.Branch)
	entry.Second, entry.Rule, entry.Reason = line(entry.Second), line(entry.Rule), line(entry.Reason)
	entry.Ref = r.cleanPath(entry.Ref)
	if err := r.log.Append(ctx, entry); err != nil {
		return err
	}
	event := r.logger().Info().Str("kind", string(entry.Kind))
	if entry.Code != "" {
		event = event.Str("code", entry.Code).Str("rule", entry.Rule)
	}
	if entry.Kind == audit.KindOutcome {
		event = event.Float64("duration_ms", entry.DurationMS).Int64("bytes", entry.Bytes)
	}
	event.Msg("call")
	return nil
}

// cleanPath scrubs a path or a ref, and each of its segments by itself: what is in
// base64 is not known to be where a slash, which is a digit there, stands before
// it.
func (r *request) cleanPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = r.desk.scrubber.Line(segment)
	}
	return r.desk.scrubber.Line(strings.Join(segments, "/"))
}

// recordChanges writes a policy entry for each change that the log does not
// have yet.
func (d *desk) recordChanges(ctx context.Context, by *caller.Caller, on *caller.Connection) error {
	c := &d.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > 0 {
		if err := d.log.Append(ctx, d.changeEntry(c.pending[0], by, on)); err != nil {
			return err
		}
		c.pending = c.pending[1:]
	}
	return nil
}

func (d *desk) changeEntry(change policyChange, by *caller.Caller, on *caller.Connection) audit.Entry {
	entry := d.entry(audit.KindPolicy, by, on)
	hash, whose, code := &entry.PolicySHA256, "policy", "policy_not_loaded"
	switch change.whose {
	case floors:
		hash, whose, code = &entry.FloorSHA256, "the managed floor", "floor_not_loaded"
	case owns: // another caller may be the one that has it written down
		by = change.of
		entry = audit.Entry{Kind: audit.KindPolicy, Session: by.Session(), Principal: by.Principal()}
		hash, whose = &entry.OwnPolicySHA256, "a caller's own policy"
	}
	*hash = change.SHA256
	logger := d.options.Logger.With().Str("session", by.Session()).Str("policy_sha256", change.SHA256).Logger()
	if change.Loaded {
		entry.Reason = "loaded"
		logger.Info().Msg(whose + " changed; the new one is in force")
		return entry
	}
	entry.Code, entry.Reason = code, "the policy in force stays"
	switch {
	case change.SHA256 == "" && change.whose == floors:
		entry.Reason = "everybody is denied everything"
	case change.SHA256 == "":
		entry.Reason = "whom it is for is denied everything"
	}
	logger.Error().Str("error", d.scrubber.Line(change.Err.Error())).Msg(whose + " does not load; " + entry.Reason)
	return entry
}
