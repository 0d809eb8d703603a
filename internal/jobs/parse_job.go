package jobs

import (
	"errors"
	"slices"
	"strings"

	"aegis/internal/jobs/document"
	"aegis/internal/jobs/hook"
	"aegis/internal/jobs/schedule"
)

// job reads a job. What it waits for is read before its steps, wherever it stands.
func (p *parser) job(f *File, m document.Member) *Job {
	what := "job " + m.Key
	j := &Job{Name: m.Key, WritesPerRun: defaultWrites, RunsPerHour: defaultRuns}
	members := p.Members(what, m.Value, []string{"on", "credential_file", "repositories", "steps", "limits", "dry_run"})
	if p.missing(what, m.Value, members, "on", "credential_file", "steps") {
		for _, each := range members {
			p.Skip(each.Value)
		}
		return j
	}
	var steps, repositories document.Node
	var at document.Place
	for _, each := range members {
		switch each.Key {
		case "on":
			p.trigger(f, j, each.Value)
		case "credential_file":
			j.CredentialFile = p.path("credential_file", each.Value)
		case "repositories":
			repositories, at = each.Value, each.At
		case "steps":
			steps = each.Value
		case "limits":
			p.limits(j, each.Value)
		case "dry_run":
			j.DryRun, _ = p.Bool("dry_run", each.Value)
		}
	}
	switch scheduled := j.On.Schedule != nil; {
	case j.On.Event != nil && !repositories.IsZero():
		p.Errorf(at, "a job that waits for a webhook has its repositories in on; write them there")
		p.Skip(repositories)
	case scheduled && repositories.IsZero():
		p.Errorf(m.At, "a job with a schedule has no repositories; write the key repositories, as in [\"acme/*\"]")
	case !repositories.IsZero():
		j.Repositories = p.patterns("repositories", repositories, func(Pattern) string { return "" })
	}
	if j.On.Schedule == nil && j.On.Event == nil { // what its steps may take is not known
		p.Skip(steps)
		return j
	}
	k := known{event: j.On.Event, actions: j.On.Actions, steps: map[string]answer{}, rows: map[string]bool{}}
	j.Steps = p.steps(j, steps, k, false)
	return j
}

func (p *parser) limits(j *Job, node document.Node) {
	for _, m := range p.Members("limits", node, []string{"writes_per_run", "runs_per_hour"}) {
		most, to := int64(mostWrites), &j.WritesPerRun
		if m.Key == "runs_per_hour" {
			most, to = mostRuns, &j.RunsPerHour
		}
		if n, ok := p.Number(m.Key, m.Value, 1, most); ok {
			*to = int(n)
		}
	}
}

// trigger reads what a job waits for: a schedule or a webhook.
func (p *parser) trigger(f *File, j *Job, node document.Node) {
	before := p.Found()
	members := p.Members("on", node, []string{"schedule", "timezone", "missed", "webhook", "action", "repositories"})
	has := func(key string) bool {
		return slices.ContainsFunc(members, func(m document.Member) bool { return m.Key == key })
	}
	var misplaced []string
	switch {
	case !node.IsMapping():
		return
	case has("schedule") && has("webhook"):
		p.Errorf(node.Place(), "a job waits for a schedule or for a webhook, not for both; write a second job")
	case has("schedule"):
		misplaced = []string{"action", "repositories"}
	case has("webhook"):
		misplaced = []string{"timezone", "missed"}
	case p.Found() == before:
		p.Errorf(node.Place(), "on says what a job waits for: schedule, as in {schedule: \"0 3 * * 1\"}, or webhook, as in {webhook: issues, action: [opened], repositories: [acme/app]}")
	}
	for _, m := range members {
		if slices.Contains(misplaced, m.Key) {
			p.Errorf(m.At, "%s says nothing here; remove it, or write the other trigger", m.Key)
			p.Skip(m.Value)
		}
	}
	if p.Found() > before {
		for _, m := range members {
			p.Skip(m.Value)
		}
		return
	}
	if has("schedule") {
		p.schedule(j, members)
	} else {
		p.event(f, j, node, members)
	}
}

func (p *parser) schedule(j *Job, members []document.Member) {
	var fields, zone string
	var at, zoneAt document.Place
	j.On.Missed = schedule.Skip
	before := p.Found()
	for _, m := range members {
		switch m.Key {
		case "schedule":
			fields, _ = p.Word("schedule", m.Value)
			at = m.Value.Place()
		case "timezone":
			zone, _ = p.Word("timezone", m.Value)
			zoneAt = m.Value.Place()
		case "missed":
			j.On.Missed = schedule.Missed(p.Choice("missed", m.Value, []string{"skip", "once"}))
		}
	}
	if p.Found() > before {
		return
	}
	made, err := schedule.Parse(fields, zone)
	var wrongZone *schedule.ZoneError
	switch {
	case errors.As(err, &wrongZone):
		p.Errorf(zoneAt, "timezone: %s", err)
	case err != nil:
		p.Errorf(at, "schedule: %s", err)
	default:
		j.On.Schedule = made
	}
}

func (p *parser) event(f *File, j *Job, node document.Node, members []document.Member) {
	var names []string
	for _, k := range hook.Kinds {
		names = append(names, k.Name)
	}
	var kind *hook.Kind
	for _, m := range members { // before its actions
		if m.Key == "webhook" {
			kind = hook.KindOf(p.Choice("webhook", m.Value, names))
		}
	}
	for _, m := range members {
		switch m.Key {
		case "action":
			p.actions(j, kind, m)
		case "repositories":
			j.Repositories = p.patterns("repositories", m.Value, func(each Pattern) string {
				if slices.ContainsFunc(f.Webhooks, func(w Webhook) bool { return slices.ContainsFunc(w.Covers, each.coveredBy) }) {
					return ""
				}
				return "has no secret that its deliveries are signed with; write one under webhooks"
			})
		}
	}
	if p.missing("on", node, members, "repositories") {
		return
	}
	j.On.Event = kind
}

// actions reads which actions of a kind of events a job waits for.
func (p *parser) actions(j *Job, kind *hook.Kind, m document.Member) {
	if kind == nil || len(kind.Actions) == 0 {
		if kind != nil {
			p.Errorf(m.At, "an event %s has no action; remove the key", kind.Name)
		}
		p.Skip(m.Value)
		return
	}
	for _, each := range p.List("action", m.Value) {
		text, ok := p.Word("an action", each)
		switch {
		case !ok:
		case !slices.Contains(kind.Actions, text):
			p.Errorf(each.Place(), "an event %s has no action %s%s; it has: %s", kind.Name, document.Quote(text), document.Closest(text, kind.Actions), strings.Join(kind.Actions, ", "))
		case slices.Contains(j.On.Actions, text):
			p.Errorf(each.Place(), "the action %s is there twice; remove one", text)
		default:
			j.On.Actions = append(j.On.Actions, text)
		}
	}
}
