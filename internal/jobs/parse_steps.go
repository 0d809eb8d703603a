package jobs

import (
	"slices"

	"aegis/internal/jobs/document"
)

// steps reads a list of steps; each knows what those before it have answered.
func (p *parser) steps(j *Job, node document.Node, k known, inLoop bool) (all []Step) {
	nodes := p.List("steps", node)
	if len(nodes) > mostSteps {
		p.Errorf(nodes[mostSteps].Place(), "more than %d steps; write a second job", mostSteps)
		nodes = nodes[:mostSteps]
	}
	for _, each := range nodes {
		all = append(all, p.step(j, each, &k, inLoop))
	}
	return all
}

var stepKeys = []string{"id", "call", "with", "where", "for_each", "do", "row", "unless"}

func (p *parser) step(j *Job, node document.Node, k *known, inLoop bool) (s Step) {
	members := make(map[string]document.Member)
	kinds := 0
	for _, m := range p.Members("a step", node, stepKeys) {
		members[m.Key] = m
		if m.Key == "call" || m.Key == "for_each" || m.Key == "row" {
			kinds++
		}
	}
	if kinds != 1 {
		if node.IsMapping() {
			p.Errorf(node.Place(), "a step is one of: call, for_each with do, or row")
		}
		p.skipAll(members)
		return s
	}
	if m, ok := members["id"]; ok {
		s.ID = p.stepID(m, k)
	}
	if m, ok := members["unless"]; ok {
		s.Unless = p.query("unless", m.Value, k, true)
	}
	allowed := map[string][]string{"call": {"call", "with", "where"}, "for_each": {"for_each", "do"}, "row": {"row"}}
	switch {
	case has(members, "call"):
		p.only(members, allowed["call"])
		s.Call = p.call(j, members, k)
	case has(members, "for_each"):
		p.only(members, allowed["for_each"])
		p.loop(j, &s, node, members, k, inLoop)
	default:
		p.only(members, allowed["row"])
		if s.ID != "" {
			p.Errorf(members["id"].At, "a row has no id; its for_each has one")
		}
		s.Row = p.row(members["row"], k, inLoop)
	}
	if s.ID != "" && s.Call != nil {
		a := answers[s.Call.Tool]
		a.of = s.Call.about()
		k.steps[s.ID] = a
	}
	return s
}

func has(members map[string]document.Member, key string) bool { _, ok := members[key]; return ok }

func (p *parser) skipAll(members map[string]document.Member) {
	for _, m := range members {
		p.Skip(m.Value)
	}
}

// only notes the keys that belong to another kind of step.
func (p *parser) only(members map[string]document.Member, keys []string) {
	for key, m := range members {
		if key != "id" && key != "unless" && !slices.Contains(keys, key) {
			p.Errorf(m.At, "%s does not belong to a step with %s; remove it, or write a step of its own", key, keys[0])
			p.Skip(m.Value)
		}
	}
}

func (p *parser) stepID(m document.Member, k *known) string {
	id, ok := p.Word("id", m.Value)
	_, taken := k.steps[id]
	switch {
	case !ok:
	case !stepName().MatchString(id):
		p.Errorf(m.Value.Place(), "an id is 1 to 32 of the characters a-z 0-9 _ and begins with a letter")
	case taken || k.rows[id]:
		p.Errorf(m.Value.Place(), "another step has the id %s; write another", id)
	default:
		return id
	}
	return ""
}

// call reads a call's tool, arguments and filter, which stand beside each other in a step.
func (p *parser) call(j *Job, members map[string]document.Member, k *known) *Query {
	q, tool, ok := p.tool(members["call"])
	if !ok {
		p.Skip(members["with"].Value)
		p.Skip(members["where"].Value)
		return q
	}
	j.writes = j.writes || tool.Writes
	q.Limit = defaultRows
	p.arguments(q, tool, members["call"].At, members["with"].Value, k)
	if m, ok := members["where"]; ok {
		q.Where = p.where(q.Tool, m)
	}
	return q
}

// query reads a question: a tool that lists something, and which of its rows count.
func (p *parser) query(what string, node document.Node, k *known, one bool) *Query {
	members := make(map[string]document.Member)
	keys := []string{"tool", "with", "where", "limit"}
	if one {
		keys = keys[:3]
	}
	all := p.Members(what, node, keys)
	for _, m := range all {
		members[m.Key] = m
	}
	if p.missing(what, node, all, "tool") {
		p.skipAll(members)
		return nil
	}
	q, tool, ok := p.tool(members["tool"])
	if !ok {
		p.skipAll(members)
		return q
	}
	if answers[q.Tool].rows == "" || tool.Writes {
		p.Errorf(members["tool"].Value.Place(), "%s lists nothing that %s could go through; write one of: %s", q.Tool, what, listing(p.tools))
	}
	q.Limit = defaultRows
	if m, ok := members["limit"]; ok {
		if n, ok := p.Number("limit", m.Value, 1, mostRows); ok {
			q.Limit = int(n)
		}
	}
	p.arguments(q, tool, members["tool"].At, members["with"].Value, k)
	if m, ok := members["where"]; ok {
		q.Where = p.where(q.Tool, m)
	}
	return q
}

// tool reads the name of a tool.
func (p *parser) tool(m document.Member) (*Query, Tool, bool) {
	name, ok := p.Word(m.Key, m.Value)
	if !ok {
		return nil, Tool{}, false
	}
	tool, ok := p.tools[name]
	if !ok {
		p.Errorf(m.Value.Place(), "there is no tool %s%s; aegis tools lists them", document.Quote(name), document.Closest(name, sorted(p.tools)))
		return nil, Tool{}, false
	}
	return &Query{Tool: name}, tool, true
}

func (p *parser) loop(j *Job, s *Step, node document.Node, members map[string]document.Member, k *known, inLoop bool) {
	if inLoop {
		p.Errorf(members["for_each"].At, "a for_each in the do of another; write a call with an id, and take its first row")
		p.skipAll(members)
		return
	}
	s.Each = p.query("for_each", members["for_each"].Value, k, false)
	do, ok := members["do"]
	if !ok {
		p.Errorf(node.Place(), "a for_each has no do; write the steps for each item there")
		return
	}
	if s.Each == nil {
		p.Skip(do.Value)
		return
	}
	s.Do = p.steps(j, do.Value, k.inside(answers[s.Each.Tool].row, s.Each.about()), true)
	rows := slices.ContainsFunc(s.Do, func(each Step) bool { return each.Row != nil })
	if rows && s.ID == "" {
		p.Errorf(node.Place(), "a for_each with a row in its do has no id; write one, by which ${rows.ID} takes them")
	}
	if rows {
		k.rows[s.ID] = true
	} else if s.ID != "" {
		p.Errorf(members["id"].At, "the id of a for_each is for the rows of its do, and there is none; remove it")
	}
}

func (p *parser) row(m document.Member, k *known, inLoop bool) (all []Value) {
	if !inLoop {
		p.Errorf(m.At, "a row stands in the do of a for_each; write it there")
		p.Skip(m.Value)
		return nil
	}
	for _, each := range p.List("row", m.Value) {
		text, ok := p.Word("a cell", each)
		if !ok {
			continue
		}
		cell := place{whole: []Kind{Path, Label, Login, Ref}, text: true}
		if value := p.template("a cell", each, text, cell, false, k); value != nil {
			all = append(all, value)
		}
	}
	return all
}

// listing names the tools that list something.
func listing(tools Catalog) string {
	text := ""
	for _, name := range sorted(tools) {
		if answers[name].rows != "" {
			if text != "" {
				text += ", "
			}
			text += name
		}
	}
	return text
}
