package sampleforge

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (r *repository) record(req *request) { req.answer(r.raw) }

// assignees is the one list that Gitea doesn't page.
func (r *repository) assignees(req *request) { req.answer(r.lists["assignees"]) }

// listOf answers one of the plain lists; one that was recorded as null is null.
func listOf(name string) func(*repository, *request) {
	return func(r *repository, req *request) {
		req.forge.page(req.w, req.Request, r.lists[name], func(rows []json.RawMessage) any {
			if r.lists[name] == nil {
				return nil
			}
			return rows
		})
	}
}

// nothing answers a list that no sample repository has anything in.
func nothing(_ *repository, req *request) { req.forge.page(req.w, req.Request, nil, nil) }

// namedIn answers a branch or a tag by its name.
func namedIn(list string) func(*repository, *request) {
	return func(r *repository, req *request) {
		for _, raw := range r.lists[list] {
			var row struct {
				Name string `json:"name"`
			}
			if json.Unmarshal(raw, &row) == nil && row.Name == req.rest() {
				req.answer(raw)
				return
			}
		}
		if list == "branches" {
			req.notFound("branch does not exist [name: " + req.rest() + "]")
			return
		}
		req.notFound("not found")
	}
}

func (r *repository) latestRelease(req *request) {
	r.findRelease(req, func(_ string, stable bool) bool { return stable })
}

func (r *repository) release(req *request) {
	r.findRelease(req, func(tag string, _ bool) bool { return strings.EqualFold(tag, req.rest()) })
}

func (r *repository) findRelease(req *request, wanted func(tag string, stable bool) bool) {
	for _, raw := range r.lists["releases"] {
		var row struct {
			Tag        string `json:"tag_name"`
			Draft      bool   `json:"draft"`
			Prerelease bool   `json:"prerelease"`
		}
		if json.Unmarshal(raw, &row) == nil && wanted(row.Tag, !row.Draft && !row.Prerelease) {
			req.answer(raw)
			return
		}
	}
	req.notFound("not found")
}

// issue is what the issue list filters by.
type issue struct {
	Number    int64     `json:"number"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	State     string    `json:"state"`
	Created   time.Time `json:"created_at"`
	Updated   time.Time `json:"updated_at"`
	User      user      `json:"user"`
	Labels    []named   `json:"labels"`
	Milestone *named    `json:"milestone"`
	Assignees []user    `json:"assignees"`

	raw json.RawMessage
}

// named is a label or a milestone.
type named struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (r *repository) issue(req *request) {
	for _, i := range r.issues {
		if strconv.FormatInt(i.Number, 10) == req.PathValue("n") {
			req.answer(i.raw)
			return
		}
	}
	req.notFound("not found")
}

func (r *repository) issueComments(req *request) {
	comments, ok := r.comments[req.PathValue("n")]
	if !ok {
		req.notFound("not found")
		return
	}
	req.w.Header().Set("X-Total-Count", strconv.Itoa(len(comments)))
	req.answer(comments)
}

func (r *repository) issueList(req *request) {
	rows := []json.RawMessage{}
	for _, i := range r.issues {
		if r.issueMatches(i, req.URL.Query()) {
			rows = append(rows, i.raw)
		}
	}
	req.forge.page(req.w, req.Request, rows, nil)
}

// issueMatches holds an issue against the list's filters. Like Gitea it takes
// names that it doesn't know for no filter.
func (r *repository) issueMatches(i issue, query url.Values) bool {
	if query.Get("type") == "pulls" {
		return false
	}
	switch state := query.Get("state"); state {
	case "all":
	case "closed":
		if i.State != "closed" {
			return false
		}
	default:
		if i.State != "open" {
			return false
		}
	}
	if !strings.Contains(strings.ToLower(i.Title+"\n"+i.Body), strings.ToLower(query.Get("q"))) {
		return false
	}
	for _, wanted := range splitNames(query.Get("labels")) {
		if r.knows("labels", wanted) && !slices.ContainsFunc(i.Labels, func(l named) bool { return l.Name == wanted }) {
			return false
		}
	}
	milestones := slices.DeleteFunc(splitNames(query.Get("milestones")), func(m string) bool { return !r.knows("milestones", m) })
	if len(milestones) > 0 && (i.Milestone == nil || !slices.Contains(milestones, i.Milestone.Title)) {
		return false
	}
	if login := query.Get("assigned_by"); login != "" && !slices.ContainsFunc(i.Assignees, func(u user) bool { return strings.EqualFold(u.Login, login) }) {
		return false
	}
	if login := query.Get("created_by"); login != "" && !strings.EqualFold(i.User.Login, login) {
		return false
	}
	return within(i.Updated, query.Get("since"), query.Get("before"))
}

func splitNames(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' })
}

// knows reports whether a repository has a label or milestone of that name.
func (r *repository) knows(list, name string) bool {
	return slices.ContainsFunc(r.lists[list], func(raw json.RawMessage) bool {
		var row named
		return json.Unmarshal(raw, &row) == nil && (row.Name == name || row.Title == name)
	})
}

// within reports whether t lies between two times in RFC 3339; what is none is
// no bound.
func within(t time.Time, since, before string) bool {
	if bound, err := time.Parse(time.RFC3339, since); err == nil && t.Before(bound) {
		return false
	}
	if bound, err := time.Parse(time.RFC3339, before); err == nil && t.After(bound) {
		return false
	}
	return true
}
