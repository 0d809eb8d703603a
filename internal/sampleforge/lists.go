package sampleforge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Gitea's own defaults (setting.API).
const (
	defaultLimit = 30
	maxLimit     = 50
)

// page answers one page of rows, with the headers that tell of the others.
// wrap, if not nil, makes the answer of the page.
func (f *Forge) page(w http.ResponseWriter, r *http.Request, rows []json.RawMessage, wrap func([]json.RawMessage) any) {
	f.announce(w, r, len(rows))
	page, limit := pageOf(r.URL.Query())
	part := cut(rows, page, limit)
	if wrap != nil {
		f.answer(w, wrap(part))
		return
	}
	f.answer(w, part)
}

// announce sets the headers of a list of so many rows.
func (f *Forge) announce(w http.ResponseWriter, r *http.Request, total int) {
	page, limit := pageOf(r.URL.Query())
	pages := (total + limit - 1) / limit
	w.Header().Set("X-Total-Count", strconv.Itoa(total))
	if links := f.links(r.URL, min(page, max(pages, 1)), pages); links != "" {
		w.Header().Set("Link", links)
	}
}

func pageOf(query url.Values) (page, limit int) {
	page, _ = strconv.Atoi(query.Get("page"))
	limit, _ = strconv.Atoi(query.Get("limit"))
	if limit <= 0 {
		limit = defaultLimit
	}
	return max(page, 1), min(limit, maxLimit)
}

// cut returns a page of rows, [] beyond the last.
func cut[T any](rows []T, page, limit int) []T {
	from := min(page-1, len(rows)) * limit // no overflow
	from = min(from, len(rows))
	return append([]T{}, rows[from:min(from+limit, len(rows))]...)
}

// links is the Link header of a page in a list of so many pages.
func (f *Forge) links(u *url.URL, page, pages int) string {
	var links []string
	add := func(number int, relation string) {
		query := u.Query()
		query.Set("page", strconv.Itoa(number))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, f.url, u.EscapedPath(), query.Encode(), relation))
	}
	if page < pages {
		add(page+1, "next")
		add(pages, "last")
	}
	if page > 1 {
		add(1, "first")
		add(page-1, "prev")
	}
	return strings.Join(links, ",")
}

func (f *Forge) version(w http.ResponseWriter, _ *http.Request) {
	f.answer(w, map[string]string{"version": "1.26.0"})
}

func (f *Forge) whoAmI(w http.ResponseWriter, _ *http.Request) { f.answer(w, f.data.me) }

func (f *Forge) user(w http.ResponseWriter, r *http.Request) {
	if found := f.findUser(r.PathValue("owner")); found != nil {
		f.answer(w, found.raw)
		return
	}
	f.fail(w, http.StatusNotFound, "user redirect does not exist [name: "+strings.ToLower(r.PathValue("owner"))+"]")
}

func (f *Forge) findUser(login string) *user {
	for i := range f.data.users {
		if strings.EqualFold(f.data.users[i].Login, login) {
			return &f.data.users[i]
		}
	}
	return nil
}

func (f *Forge) allRepositories(w http.ResponseWriter, r *http.Request) {
	f.page(w, r, records(f.data.repositories), nil)
}

// ownersRepositories answers an owner's repositories, oldest first as Gitea
// has them.
func (f *Forge) ownersRepositories(w http.ResponseWriter, r *http.Request) {
	if f.findUser(r.PathValue("owner")) == nil {
		f.user(w, r)
		return
	}
	found := slices.DeleteFunc(slices.Clone(f.data.repositories), func(repo *repository) bool {
		return !strings.EqualFold(repo.Owner.Login, r.PathValue("owner"))
	})
	f.page(w, r, records(found), nil)
}

// search answers the repositories that match, sorted as asked for: by default
// by name.
func (f *Forge) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	found := slices.DeleteFunc(slices.Clone(f.data.repositories), func(repo *repository) bool {
		return !repo.matches(query)
	})
	slices.SortStableFunc(found, func(a, b *repository) int {
		switch query.Get("sort") {
		case "updated", "created":
			return strings.Compare(a.Updated, b.Updated)
		case "id":
			return int(a.ID - b.ID)
		}
		return strings.Compare(a.FullName, b.FullName)
	})
	if query.Get("order") == "desc" {
		slices.Reverse(found)
	}
	f.page(w, r, records(found), func(rows []json.RawMessage) any {
		return map[string]any{"ok": true, "data": rows}
	})
}

// searchIssues answers the issues of all repositories that match, newest first.
func (f *Forge) searchIssues(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	var found []issue
	for _, repo := range f.data.repositories {
		for _, i := range repo.issues {
			owner := query.Get("owner")
			if repo.issueMatches(i, query) && (owner == "" || strings.EqualFold(owner, repo.Owner.Login)) {
				found = append(found, i)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b issue) int { return b.Created.Compare(a.Created) })
	rows := []json.RawMessage{}
	for _, i := range found {
		rows = append(rows, i.raw)
	}
	f.page(w, r, rows, nil)
}

// searchUsers answers users by login or name; whose address matches is not
// told.
func (f *Forge) searchUsers(w http.ResponseWriter, r *http.Request) {
	wanted := strings.ToLower(r.URL.Query().Get("q"))
	rows := []json.RawMessage{}
	for _, u := range f.data.users {
		if !f.isOrganization(u.Login) && strings.Contains(strings.ToLower(u.Login+"\n"+u.FullName), wanted) {
			rows = append(rows, u.raw)
		}
	}
	f.page(w, r, rows, func(rows []json.RawMessage) any {
		return map[string]any{"ok": true, "data": rows}
	})
}

func (f *Forge) isOrganization(login string) bool { return f.findOrganization(login) != nil }

func (f *Forge) findOrganization(login string) json.RawMessage {
	for _, raw := range f.data.organizations {
		var row struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(raw, &row) == nil && strings.EqualFold(row.Name, login) {
			return raw
		}
	}
	return nil
}

func (f *Forge) organization(w http.ResponseWriter, r *http.Request) {
	if found := f.findOrganization(r.PathValue("owner")); found != nil {
		f.answer(w, found)
		return
	}
	f.fail(w, http.StatusNotFound, "not found")
}

func (f *Forge) organizations(w http.ResponseWriter, r *http.Request) {
	f.page(w, r, f.data.organizations, nil)
}

// nothing answers a list that the demo's user has nothing in.
func (f *Forge) nothing(w http.ResponseWriter, r *http.Request) { f.page(w, r, nil, nil) }

// matches holds a repository against a search's filters.
func (r *repository) matches(query url.Values) bool {
	if uid := query.Get("uid"); uid != "" && uid != "0" && uid != strconv.FormatInt(r.Owner.ID, 10) {
		return false
	}
	if private, err := strconv.ParseBool(query.Get("is_private")); err == nil && private != r.Private {
		return false
	}
	text := strings.ToLower(r.Name)
	if described, _ := strconv.ParseBool(query.Get("includeDesc")); described {
		text += "\n" + strings.ToLower(r.Description)
	}
	return strings.Contains(text, strings.ToLower(query.Get("q")))
}

func records(repositories []*repository) []json.RawMessage {
	rows := []json.RawMessage{}
	for _, r := range repositories {
		rows = append(rows, r.raw)
	}
	return rows
}
