package sampleforge

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// commit is what the commit list needs of a commit's record.
type commit struct {
	SHA     string    `json:"sha"`
	Created time.Time `json:"created"`
	Parents []struct {
		SHA string `json:"sha"`
	} `json:"parents"`
	Files []struct {
		Name string `json:"filename"`
	} `json:"files"`

	raw json.RawMessage
}

func (r *repository) gitCommit(req *request) {
	if id, ok := strings.CutSuffix(req.rest(), ".diff"); ok {
		r.diff(req, id)
		return
	}
	if c := r.commit(req.rest()); c != nil {
		req.answer(c.show(req.URL.Query()))
		return
	}
	req.notFound("commit doesn't exist: " + req.rest())
}

func (r *repository) diff(req *request, id string) {
	diff, ok := r.diffs[strings.ToLower(id)]
	if !ok {
		req.notFound("commit doesn't exist: " + id)
		return
	}
	req.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(req.w, diff)
}

// status answers what was reported on a commit.
func (r *repository) status(req *request) {
	if c := r.resolve(req.PathValue("n")); c != nil {
		if found, ok := r.statuses[c.SHA]; ok {
			var combined struct {
				Total int `json:"total_count"`
			}
			_ = json.Unmarshal(found, &combined)
			req.forge.announce(req.w, req.Request, combined.Total)
			req.answer(found)
			return
		}
	}
	req.notFound("object does not exist [id: " + req.PathValue("n") + ", rel_path: ]")
}

// compare answers the commits that lead to one and not to another.
func (r *repository) compare(req *request) {
	base, head, _ := strings.Cut(req.rest(), "...")
	from, to := r.resolve(base), r.resolve(head)
	if from == nil || to == nil {
		req.notFound("not found")
		return
	}
	known := map[string]bool{from.SHA: true}
	wanted := map[string]bool{to.SHA: true}
	query, rows := req.URL.Query(), []any{}
	query.Del("stat") // is answered always
	for i := range r.commits {
		c := &r.commits[i]
		for _, parent := range c.Parents {
			known[parent.SHA] = known[parent.SHA] || known[c.SHA]
			wanted[parent.SHA] = wanted[parent.SHA] || wanted[c.SHA]
		}
		if wanted[c.SHA] && !known[c.SHA] {
			rows = append(rows, c.show(query))
		}
	}
	req.answer(map[string]any{"total_commits": len(rows), "commits": rows})
}

// refs answers all branches and tags: none of the recorded tags is annotated.
func (r *repository) refs(req *request) {
	type object struct {
		Type string `json:"type"`
		SHA  string `json:"sha"`
		URL  string `json:"url"`
	}
	type ref struct {
		Ref    string `json:"ref"`
		URL    string `json:"url"`
		Object object `json:"object"`
	}
	api := req.forge.url + "/api/v1/repos/" + r.FullName + "/git/"
	rows := []ref{}
	for _, kind := range []struct{ list, prefix string }{{"branches", "refs/heads/"}, {"tags", "refs/tags/"}} {
		for _, raw := range r.lists[kind.list] {
			var row struct {
				Name string `json:"name"`
			}
			if json.Unmarshal(raw, &row) != nil {
				continue
			}
			if c := r.resolve(row.Name); c != nil {
				full := kind.prefix + row.Name
				rows = append(rows, ref{full, api + full, object{"commit", c.SHA, api + "commits/" + c.SHA}})
			}
		}
	}
	req.answer(rows)
}

func (r *repository) commit(sha string) *commit {
	for i := range r.commits {
		if strings.EqualFold(r.commits[i].SHA, sha) {
			return &r.commits[i]
		}
	}
	return nil
}

// resolve finds the commit that a ref names: a branch, a tag or a commit id.
func (r *repository) resolve(ref string) *commit {
	for _, list := range []string{"branches", "tags"} {
		for _, raw := range r.lists[list] {
			var row struct {
				Name   string `json:"name"`
				Commit struct {
					ID  string `json:"id"`
					SHA string `json:"sha"`
				} `json:"commit"`
			}
			if json.Unmarshal(raw, &row) == nil && row.Name == ref {
				return r.commit(row.Commit.ID + row.Commit.SHA)
			}
		}
	}
	return r.commit(ref)
}

// show leaves out of a commit's record what a request doesn't want.
func (c *commit) show(query url.Values) any {
	var members map[string]json.RawMessage
	if json.Unmarshal(c.raw, &members) != nil {
		return c.raw
	}
	wants := func(name string) bool {
		on, err := strconv.ParseBool(query.Get(name))
		return err != nil || on
	}
	if !wants("stat") {
		members["stats"] = json.RawMessage("null")
	}
	if !wants("files") {
		members["files"] = json.RawMessage("null")
	}
	if !wants("verification") {
		var inner map[string]json.RawMessage
		if json.Unmarshal(members["commit"], &inner) == nil {
			inner["verification"] = json.RawMessage("null")
			members["commit"], _ = json.Marshal(inner)
		}
	}
	return members
}

// commitList answers the commits that lead to one, newest first.
func (r *repository) commitList(req *request) {
	if r.isEmpty(req) {
		return
	}
	query := req.URL.Query()
	ref := query.Get("sha")
	if ref == "" {
		ref = "main"
	}
	start := r.resolve(ref)
	if start == nil {
		req.notFound("not found")
		return
	}
	leads := map[string]bool{start.SHA: true}
	hidden := make(map[string]bool) // by the parameter not
	if not := r.resolve(strings.TrimPrefix(strings.TrimPrefix(query.Get("not"), "refs/heads/"), "refs/tags/")); not != nil {
		hidden[not.SHA] = true
	}
	rows, total := []json.RawMessage{}, 0
	for i := range r.commits { // newest first: parents come after their children
		c := &r.commits[i]
		for _, parent := range c.Parents {
			leads[parent.SHA] = leads[parent.SHA] || leads[c.SHA]
			hidden[parent.SHA] = hidden[parent.SHA] || hidden[c.SHA]
		}
		if !leads[c.SHA] || hidden[c.SHA] {
			continue
		}
		if !c.touches(query.Get("path")) {
			continue
		}
		total++ // Gitea's total knows nothing of dates
		if within(c.Created, query.Get("since"), query.Get("until")) {
			raw, _ := json.Marshal(c.show(query))
			rows = append(rows, raw)
		}
	}
	if total == 0 && query.Get("path") != "" {
		req.notFound("FileCommitsCount")
		return
	}
	page, limit := pageOf(query)
	req.w.Header().Set("X-HasMore", strconv.FormatBool(page*limit < total))
	if query.Get("path") != "" { // Gitea's pages of them are full ones, whatever was asked for
		limit = maxLimit
	}
	req.forge.announce(req.w, req.Request, total)
	req.answer(cut(rows, page, limit))
}

// isEmpty answers if there is no commit at all.
func (r *repository) isEmpty(req *request) bool {
	if len(r.commits) > 0 {
		return false
	}
	req.forge.fail(req.w, http.StatusConflict, "Git Repository is empty.")
	return true
}

// touches reports whether a commit changes what a pathspec of git names: a
// path, or one that is marked to be taken literally. Others name nothing here.
func (c *commit) touches(path string) bool {
	path = strings.TrimPrefix(path, ":(literal)")
	if path == "" {
		return true
	}
	for _, f := range c.Files {
		if f.Name == path || strings.HasPrefix(f.Name, path+"/") {
			return true
		}
	}
	return false
}
