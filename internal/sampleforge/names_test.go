package sampleforge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names gives what differs from one recording to the next a fixed name: the
// server's address, ids, and the times of the seeding.
type names struct {
	gitea *realGitea
	ids   map[string]int // by kind and id: the number of its first appearance
	count map[string]int // by kind
}

// numberedAddress is the address that Gitea makes up for a user, id+login@….
var numberedAddress = regexp.MustCompile(`^\d+\+(.*@noreply\.invalid)$`)

func newNames(g *realGitea) *names {
	return &names{gitea: g, ids: map[string]int{}, count: map[string]int{}}
}

// fix renames in place and returns v.
func (n *names) fix(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return n.record(v)
	case []any:
		for i := range v {
			v[i] = n.fix(v[i])
		}
	case string:
		return numberedAddress.ReplaceAllString(strings.ReplaceAll(v, n.gitea.server.URL, host), "$1")
	}
	return v
}

// kinds tells the kinds of records by members that only they have.
var kinds = []struct{ kind, member string }{
	{"user", "login"}, {"user", "repo_admin_change_team_access"}, {"repository", "full_name"}, {"label", "color"},
	{"issue", "number"}, {"release", "tag_name"}, {"milestone", "open_issues"}, {"comment", "issue_url"},
}

func (n *names) record(v map[string]any) any {
	number := 0
	for _, k := range kinds {
		if _, ok := v[k.member]; !ok {
			continue
		}
		if id, ok := v["id"].(json.Number); ok {
			number = n.number(k.kind, id.String())
			v["id"] = json.Number(strconv.Itoa(number))
		}
		break
	}
	if login, ok := v["username"].(string); ok && v["avatar_url"] != nil {
		v["avatar_url"] = host + "/avatars/" + login
	}
	if _, ok := v["full_name"]; ok && v["size"] != nil {
		v["size"] = json.Number("24") // of the packed repository, in KiB
	}
	if _, path, ok := strings.Cut(fmt.Sprint(v["ssh_url"]), ":"); ok {
		v["ssh_url"] = "git@forge.invalid:" + path
	}
	for name, value := range v {
		text, ok := value.(string)
		if when, err := time.Parse(time.RFC3339, text); ok && err == nil && when.After(n.gitea.begun) && name != "due_on" {
			v[name] = storyTime(name, number)
		}
	}
	for _, name := range sortedNames(v) {
		v[name] = n.fix(v[name])
	}
	return v
}

func (n *names) number(kind, id string) int {
	if _, ok := n.ids[kind+id]; !ok {
		n.count[kind]++
		n.ids[kind+id] = n.count[kind]
	}
	return n.ids[kind+id]
}

// storyTime is when the record of that number was made, changed or closed.
func storyTime(member string, number int) string {
	when := time.Date(2025, time.March, 10, 8, 0, 0, 0, time.UTC).Add(time.Duration(number) * 24 * time.Hour)
	switch {
	case strings.HasPrefix(member, "closed"):
		when = when.Add(3 * time.Hour)
	case strings.HasPrefix(member, "updated"):
		when = when.Add(4 * time.Hour)
	}
	return when.Format(time.RFC3339)
}

func sortedNames(v map[string]any) []string {
	all := make([]string, 0, len(v))
	for name := range v {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
