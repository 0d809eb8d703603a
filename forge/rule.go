package forge

import (
	"strings"

	"aegis/internal/canon"
)

// rule is one kind of request that may leave.
type rule struct {
	methods string // separated by spaces
	pattern []string
	query   query
	body    members   // nil: there is no body, and the request only reads
	agree   agreement // whether a body goes with the rest; nil: any does
	answer  media
	early   bool // it may be sent before it is known whether it is needed
	of      need
}

// need is what a request asks about, and so by which grant it may leave.
type need uint8

const (
	content need = iota // of a granted repository, or nothing that anybody has to be granted
	records             // what a repository is judged by: also of one that may only be looked up
	lists               // of many repositories: for a call that names none
)

// query is the members a query may have: their names, with an exclamation mark
// if they must be there, and what their values may be.
type query map[string]func(value string) bool

// read makes a rule for GET and HEAD.
func read(pattern string, queries ...query) rule {
	all := query{}
	for _, q := range queries {
		for name, value := range q {
			all[name] = value
		}
	}
	return rule{methods: "GET HEAD", pattern: strings.Split(pattern, "/")[1:], query: all}
}

// readText is read for an endpoint that answers text.
func readText(pattern string, queries ...query) rule {
	r := read(pattern, queries...)
	r.answer = plainText
	return r
}

// stream is read for an endpoint whose answer is read as it comes.
func stream(pattern string, queries ...query) rule {
	r := read(pattern, queries...)
	r.answer = archive
	return r
}

// write makes a rule for a request with a body. Its path is a repository's.
func write(method, pattern string, body members) rule {
	return rule{methods: method, pattern: strings.Split("/repos/{owner}/{repo}"+pattern, "/")[1:], query: query{}, body: body}
}

// agreement reports whether a body goes with its path, and with the repositories
// that the call may read.
type agreement func(segments []string, body any, readable func(canon.Repo) bool) bool

// scope is what a call may address, and what it has seen so far.
type scope struct {
	granted  func(canon.Repo) bool         // may be addressed
	owned    func(owner string) bool       // owns a repository that may be addressed
	known    func(canon.Repo) bool         // may be looked up
	anywhere bool                          // lists of many repositories may be asked for
	readable func(canon.Repo) bool         // may be named in a body for what is to be taken from it
	holds    func(canon.Repo, string) bool // was seen to have a commit
}

// agreeing is r for bodies only that go with the rest.
func (r rule) agreeing(agree agreement) rule {
	r.agree = agree
	return r
}

// ahead is r for an endpoint that may be asked ahead: its answer is of one repository
// alone, or of what its owner has for all of theirs, and Gitea changes at most what it
// keeps to be quick.
func (r rule) ahead() rule {
	r.early = true
	return r
}

// record is r for an endpoint that tells what a repository is judged by, and nothing
// that it holds.
func (r rule) record() rule {
	r.of = records
	return r
}

// list is r for an endpoint whose answer is of no single repository.
func (r rule) list() rule {
	r.of = lists
	return r
}

// granted returns which repositories a request by this rule may be about, and whether
// any may leave at all.
func (r rule) granted(s scope) (func(canon.Repo) bool, bool) {
	switch r.of {
	case records:
		return s.known, true
	case lists:
		return s.granted, s.anywhere
	}
	return s.granted, true
}
