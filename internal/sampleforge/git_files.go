package sampleforge

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// tree is a tree as Gitea answers it, all folders below included.
type tree struct {
	SHA     string  `json:"sha"`
	URL     string  `json:"url"`
	Entries []entry `json:"tree"`
}

type entry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	SHA  string `json:"sha"`
	URL  string `json:"url"`
}

// treesPerPage is Gitea's bound (setting.API.DefaultGitTreesPerPage).
const treesPerPage = 1000

// content answers a file or a folder of a commit. One asked for by a branch
// answers with the addresses of its commit.
func (r *repository) content(req *request) {
	ref := req.URL.Query().Get("ref")
	if ref == "" {
		ref = "main"
	}
	if c := r.resolve(ref); c != nil {
		if found, ok := r.contents[c.SHA][req.rest()]; ok {
			req.answer(found)
			return
		}
	}
	req.notFound("object does not exist [id: , rel_path: " + req.rest() + "]")
}

// tree answers one page of the entries of a tree, given by its own id, a
// commit's or a ref.
func (r *repository) tree(req *request) {
	query, id := req.URL.Query(), req.rest()
	if c := r.resolve(id); c != nil {
		id = c.SHA
	}
	found, ok := r.trees[id]
	if !ok {
		req.forge.fail(req.w, http.StatusBadRequest, "sha not found ["+id+"]")
		return
	}
	entries := found.Entries
	if recursive, _ := strconv.ParseBool(query.Get("recursive")); !recursive {
		entries = slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return strings.Contains(e.Path, "/") })
	}
	page, _ := strconv.Atoi(query.Get("page"))
	limit, _ := strconv.Atoi(query.Get("per_page"))
	if limit <= 0 || limit > treesPerPage {
		limit = treesPerPage
	}
	page = max(page, 1)
	part := cut(entries, page, limit)
	if len(part) == 0 {
		part = nil // and not []
	}
	req.w.Header().Set("X-Total-Count", strconv.Itoa(len(entries)))
	req.answer(struct {
		tree
		Entries   []entry `json:"tree"`
		Truncated bool    `json:"truncated"`
		Page      int     `json:"page"`
		Total     int     `json:"total_count"`
	}{found, part, page*limit < len(entries), page, len(entries)})
}
