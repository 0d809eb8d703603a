package gate

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"aegis/audit"
	"aegis/gate/caller"
	"aegis/gate/policy"
)

// recordDecision puts the decision on disk, and before it what is still owed:
// the session's start and changes of the policy.
func (v *Visit) recordDecision(refusal *Refusal) error {
	ctx := context.WithoutCancel(v.ctx) // a cancelled call is recorded, too
	if err := v.gate.Begin(ctx, v.caller, v.connection); err != nil {
		return err
	}
	if err := v.gate.recordChanges(ctx, v.caller, v.connection); err != nil {
		return err
	}
	entry := v.entry(audit.KindDecision)
	entry.Stage = audit.StageStatic
	entry.Decision = audit.Allow
	entry.ArgsHMAC = v.gate.log.ArgsHMAC(v.call.Args)
	if refusal != nil {
		entry.Decision = audit.Deny
		entry.Code, entry.Rule = string(refusal.Code), refusal.Rule
	}
	return v.append(ctx, entry)
}

// recordMore puts a later decision of the call on disk.
func (v *Visit) recordMore(entry audit.Entry) error {
	if v.repo != nil {
		entry.RepoID = v.repo.ID
	}
	return v.append(context.WithoutCancel(v.ctx), entry)
}

// recordOutcome puts the outcome on disk. If that fails, what was done is not
// in the log, and the session stays closed.
func (v *Visit) recordOutcome(a Answer) error {
	entry := v.entry(audit.KindOutcome)
	if v.repo != nil {
		entry.RepoID = v.repo.ID
	}
	if v.client != nil {
		entry.GiteaStatus = v.client.LastStatus()
	}
	entry.Code, entry.Rule = string(a.Code), a.rule
	entry.Redactions, entry.Exceptions = a.report.Redactions, a.report.Exceptions
	entry.Withheld, entry.Written = a.withheld, v.written
	if v.sent != 0 {
		entry.GiteaStatus = v.sent
	}
	reasons := v.remarks
	if a.Ask != nil {
		reasons = append(reasons, "a human is asked")
	}
	if v.answers != "" {
		reasons = append(reasons, "the human was asked in call "+v.answers)
	}
	entry.Reason = strings.Join(reasons, "; ")
	entry.Bytes = int64(a.size())
	entry.DurationMS = float64(time.Since(v.started).Microseconds()) / 1000
	err := v.append(context.WithoutCancel(v.ctx), entry)
	if err != nil {
		v.caller.Close(err)
	}
	return err
}

func (v *Visit) entry(kind audit.Kind) audit.Entry {
	entry := v.gate.entry(kind, v.caller, v.connection)
	entry.Call, entry.Request = v.id, v.request()
	entry.Tool, entry.Capability = v.tool.Name, v.tool.Capability.String()
	entry.PolicySHA256 = v.policy.SHA256()
	target := v.prepared.Target
	entry.Repo, entry.Ref = target.repo.String(), target.ref.String()
	if target.branch != "" {
		entry.Ref = "refs/heads/" + target.branch
	}
	for _, path := range target.paths() {
		entry.Paths = append(entry.Paths, path.String())
	}
	var others []string
	for _, other := range v.others {
		if name := other.Name.String(); !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	entry.Second = strings.Join(others, " ")
	entry.DryRun, entry.ShownSHA256 = v.prepared.DryRun, v.shown
	return entry
}

// append scrubs what a caller or a repository wrote and appends the entry.
func (v *Visit) append(ctx context.Context, entry audit.Entry) error {
	line := v.gate.scrubber.Line
	for i, path := range entry.Paths {
		entry.Paths[i] = v.cleanPath(path)
	}
	entry.Repo, entry.Second = line(entry.Repo), line(entry.Second)
	entry.Ref, entry.Rule, entry.Reason = v.cleanPath(entry.Ref), line(entry.Rule), line(entry.Reason)
	if err := v.gate.log.Append(ctx, entry); err != nil {
		return err
	}
	event := v.logger().Info().Str("kind", string(entry.Kind)).RawJSON("request", requestID(entry.Request))
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
func (v *Visit) cleanPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = v.gate.scrubber.Line(segment)
	}
	return v.gate.scrubber.Line(strings.Join(segments, "/"))
}

// request is the JSON-RPC id as it may be logged. The client chose it, so that a
// string is scrubbed like any other text of its own.
func (v *Visit) request() json.RawMessage {
	var id string
	if json.Unmarshal(v.call.Request, &id) != nil {
		return v.call.Request // a number, too small to hide anything in, or none
	}
	clean := v.gate.scrubber.Line(id)
	if clean == id {
		return v.call.Request
	}
	raw, err := marshal(clean)
	if err != nil {
		return nil
	}
	return raw
}

func requestID(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// recordChanges writes a policy entry for each change that the log does not
// have yet.
func (g *Gate) recordChanges(ctx context.Context, by *caller.Caller, on *caller.Connection) error {
	c := &g.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > 0 {
		if err := g.log.Append(ctx, g.changeEntry(c.pending[0], by, on)); err != nil {
			return err
		}
		c.pending = c.pending[1:]
	}
	return nil
}

func (g *Gate) changeEntry(change policy.Change, by *caller.Caller, on *caller.Connection) audit.Entry {
	entry := g.entry(audit.KindPolicy, by, on)
	entry.PolicySHA256 = change.SHA256
	logger := g.options.Logger.With().Str("session", by.Session()).Str("policy_sha256", change.SHA256).Logger()
	if change.Loaded {
		entry.Reason = "loaded"
		logger.Info().Msg("policy changed; the new one is in force")
		return entry
	}
	entry.Code, entry.Reason = "policy_not_loaded", "the policy in force stays"
	logger.Error().Str("error", g.scrubber.Line(change.Err.Error())).Msg("policy changed but does not load; the one in force stays")
	return entry
}
