package sampleforge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// The layout of the data, in files of one JSON value each:
//
//	me.json                           GET /user
//	users.json                        GET /users/{login} of each user and organisation
//	organizations.json                GET /orgs/{login} of each organisation
//	repositories.json                 GET /repos/{owner}/{repo} of each, in the order of their ids
//	moved.json                        former full names: {"owner/old": "owner/new"}
//	repositories/OWNER/NAME/
//	  branches.json, tags.json        GET …/branches, …/tags
//	  labels.json, milestones.json    GET …/labels, …/milestones?state=all
//	  assignees.json                  GET …/assignees
//	  issues.json                     GET …/issues/{number} of each, newest first
//	  comments.json                   {"number": GET …/issues/{number}/comments}
//	  releases.json                   GET …/releases, newest first
//	  statuses.json                   {"commit": GET …/commits/{sha}/status}
//	  diffs.json                      {"commit": GET …/git/commits/{sha}.diff}
//	  commits.json                    GET …/git/commits/{sha} of each, newest first
//	  trees.json                      {"id": GET …/git/trees/{id}?recursive=true}, of commits and of folders
//	  contents.json                   {"commit": {"path": GET …/contents/{path}?ref=commit}}, "" is the root
//
// host stands for the forge's own address wherever it occurs.
const host = "http://forge.invalid"

// data is all that a forge answers with.
type data struct {
	me            json.RawMessage
	users         []user
	organizations []json.RawMessage
	repositories  []*repository
	moved         map[string]string // by full name, folded
}

type user struct {
	Login    string `json:"login"`
	FullName string `json:"full_name"`
	ID       int64  `json:"id"`
	raw      json.RawMessage
}

// repository is a repository's record and what lies below it.
type repository struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	FullName    string `json:"full_name"`
	Description string `json:"description"`
	Updated     string `json:"updated_at"` // RFC 3339 in UTC: sorts as text
	Private     bool   `json:"private"`
	Owner       user   `json:"owner"`

	raw      json.RawMessage
	lists    map[string][]json.RawMessage // branches, tags, labels, milestones, assignees
	issues   []issue
	comments map[string][]json.RawMessage
	statuses map[string]json.RawMessage
	diffs    map[string]string
	commits  []commit
	trees    map[string]tree
	contents map[string]map[string]json.RawMessage
}

func load(files fs.FS, url string) (*data, error) {
	l := &loader{files: files, url: url}
	d := &data{moved: map[string]string{}}
	l.read("me.json", &d.me)
	var users, repositories []json.RawMessage
	l.read("users.json", &users)
	for _, raw := range users {
		u := user{raw: raw}
		l.decode(raw, &u)
		d.users = append(d.users, u)
	}
	l.read("organizations.json", &d.organizations)
	l.read("moved.json", &d.moved)
	l.read("repositories.json", &repositories)
	for _, raw := range repositories {
		r := &repository{raw: raw}
		l.decode(raw, r)
		l.below(r)
		d.repositories = append(d.repositories, r)
	}
	return d, l.err
}

// loader reads files; the first failure is kept.
type loader struct {
	files fs.FS
	url   string
	err   error
}

// below reads what lies below a repository.
func (l *loader) below(r *repository) {
	folder := path.Join("repositories", strings.ToLower(r.FullName))
	r.lists = map[string][]json.RawMessage{}
	for _, name := range []string{"branches", "tags", "labels", "milestones", "assignees", "releases"} {
		var list []json.RawMessage
		l.read(path.Join(folder, name+".json"), &list)
		r.lists[name] = list
	}
	var issues, commits []json.RawMessage
	l.read(path.Join(folder, "issues.json"), &issues)
	for _, raw := range issues {
		i := issue{raw: raw}
		l.decode(raw, &i)
		r.issues = append(r.issues, i)
	}
	l.read(path.Join(folder, "comments.json"), &r.comments)
	l.read(path.Join(folder, "commits.json"), &commits)
	for _, raw := range commits {
		c := commit{raw: raw}
		l.decode(raw, &c)
		r.commits = append(r.commits, c)
	}
	l.read(path.Join(folder, "statuses.json"), &r.statuses)
	l.read(path.Join(folder, "diffs.json"), &r.diffs)
	for id, diff := range r.diffs {
		r.diffs[id] = strings.ReplaceAll(diff, keyPlace, key)
	}
	l.read(path.Join(folder, "trees.json"), &r.trees)
	l.read(path.Join(folder, "contents.json"), &r.contents)
	for _, paths := range r.contents {
		for name, raw := range paths {
			planted, err := replaceContent(raw, keyPlace, key)
			l.fail(folder, err)
			paths[name] = planted
		}
	}
}

func (l *loader) read(name string, into any) {
	if l.err != nil {
		return
	}
	content, err := fs.ReadFile(l.files, name)
	if err != nil {
		l.fail(name, err)
		return
	}
	l.fail(name, json.Unmarshal(bytes.ReplaceAll(content, []byte(host), []byte(l.url)), into))
}

func (l *loader) decode(raw json.RawMessage, into any) {
	if l.err == nil {
		l.fail("a record", json.Unmarshal(raw, into))
	}
}

func (l *loader) fail(name string, err error) {
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("the sample forge's data: %s: %w", name, err)
	}
}

// replaceContent replaces old by text of the same length in the content of a
// file as /contents answers it. Everything else is returned as it is.
func replaceContent(raw json.RawMessage, old, text string) (json.RawMessage, error) {
	var file struct {
		Content string `json:"content"`
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return raw, nil // a folder
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	content, err := base64.StdEncoding.DecodeString(file.Content)
	if err != nil || !bytes.Contains(content, []byte(old)) {
		return raw, err
	}
	replaced := base64.StdEncoding.EncodeToString(bytes.ReplaceAll(content, []byte(old), []byte(text)))
	return bytes.Replace(raw, []byte(`"`+file.Content+`"`), []byte(`"`+replaced+`"`), 1), nil
}
