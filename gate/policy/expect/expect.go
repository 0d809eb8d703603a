// Package expect holds a policy against what its authors expect of it.
//
// Expectations are a YAML file that lies beside the policy: calls, and whether each is
// to be allowed, denied or asked about. Each is decided by the function that the gate
// calls, on the same kind of case. What comes out is a report: which expectations hold,
// and which rules none of them touches. A file that says less than it seems to is an
// error: an unknown key, a code that no refusal has, a call that can't be one.
package expect

import (
	"fmt"
	"slices"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/jobs/document"
)

// Expectation is a call, and what is expected of it.
type Expectation struct {
	Line   int
	Name   string // "" for none
	Call   policy.Question
	Expect policy.Effect
	Code   policy.Code // of the refusal, "" for any
	Rule   string      // that decides: its key, or its file, line and key; "" for any
}

// Title is what an expectation is called in reports.
func (e Expectation) Title() string {
	if e.Name != "" {
		return e.Name
	}
	words := []string{e.Call.Tool, e.Call.Repository, e.Call.Path, strings.Join(e.Call.Writes, " "), e.Call.Branch, e.Call.Ref}
	if e.Call.Principal != "" {
		words = append(words, "for "+e.Call.Principal)
	}
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

var codes = []string{string(policy.PolicyDenied), string(policy.PathDenied), string(policy.BranchDenied)}

// Parse reads a file of expectations. Its error is a [*document.InvalidError], and there
// are none then.
func Parse(name string, raw []byte) ([]Expectation, error) {
	reader, root := document.Open(name, raw)
	r := parser{reader}
	var all []Expectation
	if !root.IsZero() {
		all = r.file(root)
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return all, nil
}

type parser struct{ *document.Reader }

func (r parser) file(root document.Node) (all []Expectation) {
	version, tests := false, false
	for _, m := range r.Members("the file", root, []string{"version", "tests"}) {
		switch m.Key {
		case "version":
			version = true
			r.Number("version", m.Value, 1, 1)
		case "tests":
			tests = true
			for _, node := range r.List("tests", m.Value) {
				all = append(all, r.expectation(node))
			}
		}
	}
	switch {
	case !version:
		r.Errorf(document.Place{Line: 1, Column: 1}, "the key version is missing; write: version: 1")
	case !tests:
		r.Errorf(document.Place{Line: 1, Column: 1}, "the key tests is missing: there is nothing to test")
	}
	return all
}

func (r parser) expectation(node document.Node) (e Expectation) {
	e.Line = node.Place().Line
	called := false
	for _, m := range r.Members("a test", node, []string{"name", "call", "expect", "code", "rule"}) {
		switch m.Key {
		case "name":
			e.Name, _ = r.Word("name", m.Value)
		case "call":
			called = true
			e.Call = r.call(m.Value)
			r.possible(m.At, e.Call)
		case "expect":
			e.Expect = policy.Effect(r.Choice("expect", m.Value, []string{"allow", "deny", "ask"}))
		case "code":
			e.Code = policy.Code(r.Choice("code", m.Value, codes))
		case "rule":
			e.Rule, _ = r.Word("rule", m.Value)
		}
	}
	switch {
	case r.Found() > 0:
	case !called:
		r.Errorf(node.Place(), "a test has a call")
	case e.Expect == "":
		r.Errorf(node.Place(), "a test says what to expect: allow, deny or ask")
	case e.Code != "" && e.Expect != policy.Denies:
		r.Errorf(node.Place(), "only a refusal has a code")
	}
	return e
}

// possible notes what can be no call.
func (r parser) possible(at document.Place, q policy.Question) {
	if r.Found() > 0 {
		return
	}
	if _, err := q.Case(); err != nil {
		r.Errorf(at, "this can be no call: %v", err)
	}
}

func (r parser) call(node document.Node) (q policy.Question) {
	words := map[string]*string{
		"tool": &q.Tool, "repository": &q.Repository, "path": &q.Path, "branch": &q.Branch, "ref": &q.Ref, "principal": &q.Principal,
	}
	for _, m := range r.Members("a call", node, []string{"tool", "repository", "path", "writes", "branch", "default_branch", "ref", "principal", "fork_of"}) {
		switch m.Key {
		case "writes":
			q.Writes = r.words(m)
		case "fork_of":
			q.ForkOf = r.words(m)
		case "default_branch":
			q.DefaultBranch, _ = r.Bool(m.Key, m.Value)
		default:
			*words[m.Key], _ = r.Word(m.Key, m.Value)
		}
	}
	return q
}

func (r parser) words(m document.Member) (all []string) {
	for i, node := range r.List(m.Key, m.Value) {
		if word, ok := r.Word(fmt.Sprintf("%s %d", m.Key, i+1), node); ok {
			all = append(all, word)
		}
	}
	return all
}
