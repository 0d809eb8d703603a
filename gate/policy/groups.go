package policy

import (
	"maps"
	"slices"
	"strings"
)

// A policy may name tools by group, "@issues". A group is what it is called, whatever a
// tool does there: whoever denies "@code" is shown no code by way of a pull request. So
// a tool may be in several groups, and some are in no group but that of what they do.

// subjects are the groups by what their tools are about.
var subjects = map[string][]string{
	"@code": {
		"get_file_tree", "get_file_contents", "search_code", "list_branches", "list_tags", "list_commits", "get_commit", "compare_refs",
		"get_commit_status", "get_pull_request_diff", "list_pull_request_files", "list_pull_request_commits", "create_branch", "commit_files",
	},
	"@issues": {
		"list_issues", "get_issue", "list_issue_comments", "search_issues", "list_labels", "list_milestones",
		"create_issue", "update_issue", "create_comment", "edit_comment", "create_label", "create_milestone",
	},
	"@pulls": {
		"list_pull_requests", "get_pull_request", "list_pull_request_commits", "list_pull_request_files", "list_pull_request_reviews",
		"get_pull_request_diff", "list_issue_comments", "search_issues",
		"create_pull_request", "update_pull_request", "create_pull_request_review", "create_comment", "edit_comment",
	},
	"@releases": {"list_releases", "get_release", "create_release", "edit_release"},
	"@wiki":     {"list_wiki_pages", "get_wiki_page", "write_wiki_page"},
}

// groups are all groups: by subject, and by what their tools do.
var groups = func() map[string][]string {
	all := maps.Clone(subjects)
	for _, name := range toolNames {
		group := "@" + tools[name].capability.String()
		all[group] = append(all[group], name)
	}
	for _, names := range all {
		slices.Sort(names)
	}
	return all
}()

var groupNames = slices.Sorted(maps.Keys(groups))

// Groups returns the names of all groups of tools, sorted.
func Groups() []string { return slices.Clone(groupNames) }

// GroupOf returns the tools of a group, sorted; none if there is no such group.
func GroupOf(name string) []string { return slices.Clone(groups[name]) }

// toolNames reads a list of tools and groups.
func (r *reader) toolNames(m member) toolList {
	list := toolList{present: true, line: m.at.line, lines: make(map[string]int)}
	texts, places := r.strings(m, "a tool's name", misspelt)
	seen := make(map[string]int)
	for i, text := range texts {
		named := []string{text}
		if strings.HasPrefix(text, "@") {
			named = groups[text]
		}
		switch line, twice := seen[text]; {
		case len(named) == 0:
			r.errorf(places[i], "there is no group %s%s; the groups are %s", quote(text), closest(text, groupNames), strings.Join(groupNames, ", "))
			continue
		case named[0] == text && !KnownTool(text):
			r.errorf(places[i], "there is no tool %s%s", quote(text), closest(text, slices.Concat(toolNames, groupNames)))
			continue
		case twice:
			r.warnf(places[i], "%s is in this list already, on line %d", text, line)
			continue
		}
		seen[text] = places[i].line
		list.entries = append(list.entries, toolEntry{text, places[i], named})
		for _, name := range named {
			if _, ok := list.lines[name]; !ok || named[0] == text { // a tool's own name is the plainer rule
				list.lines[name] = places[i].line
			}
		}
	}
	return list
}
