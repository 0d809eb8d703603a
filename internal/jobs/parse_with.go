package jobs

import (
	"errors"
	"slices"
	"strings"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs/document"
)

// Argument is an argument of a call.
type Argument struct {
	Name  string
	Value Value
}

// arguments reads what a call is given, and holds it against what its tool takes.
func (p *parser) arguments(q *Query, tool Tool, at document.Place, node document.Node, k *known) {
	_, owner := tool.Parameters["owner"]
	_, repo := tool.Parameters["repo"]
	q.placed = owner && repo
	var members []document.Member
	if !node.IsZero() {
		members = p.Members("with", node, nil)
	}
	names := sorted(tool.Parameters)
	names = slices.DeleteFunc(names, func(name string) bool { return given[name] != "" && (q.placed || name != "owner") })
	var got []string
	for _, m := range members {
		if m.Key == "repository" && q.placed {
			q.repository = p.repository(m, k)
			continue
		}
		parameter, ok := tool.Parameters[m.Key]
		why, ours := given[m.Key]
		switch {
		case ours && (m.Key != "owner" || q.placed):
			p.Errorf(m.At, "%s is not given here: %s", m.Key, why)
		case !ok && q.placed:
			p.Errorf(m.At, "%s has no argument %s%s; it has: %s", q.Tool, document.Quote(m.Key), document.Closest(m.Key, names), strings.Join(append(names, "repository"), ", "))
		case !ok:
			p.Errorf(m.At, "%s has no argument %s%s; it has: %s", q.Tool, document.Quote(m.Key), document.Closest(m.Key, names), strings.Join(names, ", "))
		case parameter.Type == "":
			p.Errorf(m.At, "%s of %s is a list of objects, which a job can't give; leave it out", m.Key, q.Tool)
		default:
			got = append(got, m.Key)
			if value := p.value(m, parameter, k); value != nil {
				q.With = append(q.With, Argument{m.Key, value})
			}
			continue
		}
		p.Skip(m.Value)
	}
	if q.placed {
		p.ofOneRepository(q, members)
	}
	for _, name := range names {
		if tool.Parameters[name].Required && !slices.Contains(got, name) {
			if !node.IsZero() && len(members) > 0 {
				at = node.Place()
			}
			p.Errorf(at, "%s needs %s; write it in with", q.Tool, name)
		}
	}
}

// value reads an argument of a type. It is nil, with a problem, if it is none.
func (p *parser) value(m document.Member, parameter Parameter, k *known) Value {
	where := places[m.Key]
	switch parameter.Type {
	case "boolean":
		if b, ok := p.Bool(m.Key, m.Value); ok {
			return fixed{b}
		}
	case "integer":
		return p.integer(m, parameter, where, k)
	case "array":
		var all list
		for _, each := range p.List(m.Key, m.Value) {
			value := p.text(m.Key, each, parameter, where, true, k)
			if value == nil {
				return nil
			}
			all = append(all, value)
		}
		if len(all) > 100 {
			p.Errorf(m.At, "%s has more than 100 items; leave some out", m.Key)
			return nil
		}
		if all != nil {
			return all
		}
	case "object":
		all := make(object)
		for _, each := range p.Members(m.Key, m.Value, nil) {
			value := p.text(each.Key, each.Value, parameter, where, false, k)
			if value == nil {
				return nil
			}
			all[each.Key] = value
		}
		return all
	default:
		return p.text(m.Key, m.Value, parameter, where, false, k)
	}
	return nil
}

// integer reads a number, or a value that is one.
func (p *parser) integer(m document.Member, parameter Parameter, where place, k *known) Value {
	if text, ok := p.braced(m.Value); ok {
		return p.template(m.Key, m.Value, text, where, false, k)
	}
	n, ok := p.Number(m.Key, m.Value, parameter.Min, parameter.Max)
	if !ok {
		return nil
	}
	return fixed{n}
}

// braced reports whether a value is a text that begins like ${…}, and reads it.
func (p *parser) braced(node document.Node) (string, bool) {
	if text, ok := node.Peek(); ok && strings.HasPrefix(text, "${") {
		return p.Word("a value", node)
	}
	return "", false
}

// text reads a string, which may have values in it.
func (p *parser) text(name string, node document.Node, parameter Parameter, where place, many bool, k *known) Value {
	read := p.Word
	if where.blocks || name == "message" || name == "description" {
		read = p.Text
	}
	text, ok := read(name, node)
	switch {
	case !ok:
		return nil
	case strings.Contains(text, "${"):
		return p.template(name, node, text, where, many, k)
	case len(parameter.Enum) > 0 && !slices.Contains(parameter.Enum, text):
		p.Errorf(node.Place(), "%s has no %s%s; it can be: %s", name, document.Quote(text), document.Closest(text, parameter.Enum), strings.Join(parameter.Enum, ", "))
		return nil
	}
	if err := canonical(where, text); err != nil {
		p.Errorf(node.Place(), "%s: %s", name, err)
		return nil
	}
	return fixed{text}
}

// canonical holds a text that is written out to the rules of the kind that may stand there.
func canonical(where place, text string) (err error) {
	if len(where.whole) == 0 {
		return nil
	}
	switch where.whole[0] {
	case Ref:
		_, err = canon.ParseRef(text)
	case Path:
		_, err = canon.ParsePath(text)
	case SHA:
		if !canon.IsCommitID(text) && !canon.IsShortCommitID(text) {
			err = errors.New("a commit id is 7 to 40 hex digits")
		}
	case Date:
		if _, bad := time.Parse(time.RFC3339, text); bad != nil {
			if _, bad = time.Parse(time.DateOnly, text); bad != nil {
				err = errors.New("a date is a day, as in 2031-02-03, or a time, as in 2031-02-03T04:05:06Z")
			}
		}
	case Login:
		_, err = canon.ParseOwner(text)
	case Label:
		if len(text) > 50 {
			err = errors.New("a label has at most 50 bytes")
		}
	}
	return err
}

// template reads a text with values in it, and holds it against where it stands.
func (p *parser) template(name string, node document.Node, text string, where place, many bool, k *known) Value {
	value, err := parseText(text, k)
	if err == nil {
		err = value.fits(where, many)
	}
	if err != nil {
		at := node.Place()
		var wrong *valueError
		if errors.As(err, &wrong) {
			at = p.Find(at, wrong.value)
		}
		p.Errorf(at, "%s %s", name, err)
		return nil
	}
	if where.text {
		return written{value}
	}
	return value
}
