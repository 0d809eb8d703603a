package policy

import "slices"

// Capability is what a tool does to Gitea. The zero Capability is invalid and
// denied everywhere.
type Capability uint8

const (
	Read       Capability = 1 + iota // shows what is there
	Write                            // changes repositories, issues, releases, wikis
	Automation                       // makes Gitea run something
)

func (c Capability) String() string {
	switch c {
	case Read:
		return "read"
	case Write:
		return "write"
	case Automation:
		return "automation"
	}
	return "invalid"
}

// tool is what policy knows of a tool.
type tool struct {
	capability Capability
	repoless   bool // may be called without naming a repository
}

// Tools returns the names of all tools of all modes, sorted. A policy may
// name these and no others.
func Tools() []string {
	return slices.Clone(toolNames)
}

// KnownTool reports whether name is one of [Tools].
func KnownTool(name string) bool {
	_, ok := tools[name]
	return ok
}

// ToolCapability returns the capability of a tool and whether there is such a
// tool.
func ToolCapability(name string) (Capability, bool) {
	t, ok := tools[name]
	return t.capability, ok
}

// tools is the vocabulary. Names that exist only in a mode that is switched
// off are here too: a policy is written for all modes.
var tools = vocabulary(
	names{Read, true, []string{
		"get_me", "list_repositories", "list_organizations", "search_users",
		"search_issues", "list_notifications", "list_packages",
	}},
	names{Read, false, []string{
		"get_repository", "get_file_tree", "get_file_contents", "search_code",
		"list_branches", "list_tags", "list_commits", "get_commit",
		"compare_refs", "get_commit_status",
		"list_issues", "get_issue", "list_issue_comments",
		"list_labels", "list_milestones",
		"list_pull_requests", "get_pull_request", "list_pull_request_commits",
		"list_pull_request_files", "list_pull_request_reviews", "get_pull_request_diff",
		"list_releases", "get_release", "list_wiki_pages", "get_wiki_page",
		"list_workflow_runs", "get_workflow_run", "get_job_log",
	}},
	names{Write, false, []string{
		"create_issue", "update_issue", "create_comment", "edit_comment",
		"create_label", "create_milestone", "create_branch", "commit_files",
		"create_pull_request", "update_pull_request", "create_pull_request_review",
		"create_release", "edit_release", "write_wiki_page",
	}},
	names{Automation, false, []string{"dispatch_workflow", "rerun_workflow"}},
)

var toolNames = func() []string {
	var all []string
	for name := range tools {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}()

type names struct {
	capability Capability
	repoless   bool
	names      []string
}

func vocabulary(groups ...names) map[string]tool {
	all := make(map[string]tool)
	for _, g := range groups {
		for _, name := range g.names {
			all[name] = tool{g.capability, g.repoless}
		}
	}
	return all
}
