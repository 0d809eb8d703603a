package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// otherNames are what other servers of forges call our arguments, and what their models
// are used to. Capitals, "_" and "-" make no difference. Where a tool has several of the
// arguments that a name may mean, the first row counts.
var otherNames = []struct {
	argument string
	names    string
}{
	{"owner", "org organization organisation username user user_name namespace group account repo_owner repository_owner project_owner"},
	{"number", "index issue_number issue_index issue_id issue_iid issue_no issue pull_number pull_request_number pull_request_id pull_request_index pull_id pull pr pr_number pr_id pr_index merge_request_iid merge_request_id mr_iid iid num no id"},
	{"comment_id", "comment note_id note id"},
	{"run_id", "run workflow_run_id workflow_run action_run_id pipeline_id run_number id"},
	{"job_id", "job action_job_id id"},
	{"id", "release_id release"},
	{"title", "name subject summary issue_title pr_title headline milestone_title release_name"},
	{"path", "file_path file filename file_name dir directory folder folder_path dir_path tree_path source_path glob include pattern"},
	{"sha", "commit commit_sha commit_id commit_hash hash revision rev ref id blob_sha file_sha last_commit_id"},
	{"base", "base_ref base_branch base_sha target target_branch to_branch into from from_ref"},
	{"head", "head_ref head_branch head_sha source source_branch from_branch compare to to_ref branch"},
	{"tag", "tag_name release_tag version release name ref"},
	{"from", "from_branch source source_branch old_branch old_branch_name base base_branch start_branch start_point from_ref ref sha target"},
	{"target", "target_commitish commitish target_branch target_ref branch sha commit"},
	{"branch", "branch_name new_branch new_branch_name target_branch head_branch name ref"},
	{"workflow", "workflow_id workflow_file workflow_file_name workflow_name file_name filename file name id"},
	{"ref", "branch branch_name tag tag_name sha commit commit_sha commit_id commit_hash revision rev ref_name git_ref tree_sha treeish target"},
	{"query", "q search search_query search_term keyword keywords term text pattern search_string code name"},
	{"name", "page_name page_title wiki_name slug title label label_name"},
	{"repo", "repository repo_name repository_name project project_name name"},
	{"limit", "per_page page_size page_limit size count max max_results max_items n first num_results results_per_page"},
	{"page", "page_number page_index page_no p"},
	{"state", "status issue_state pr_state state_event"},
	{"status", "state conclusion run_status"},
	{"labels", "label label_names label_name label_ids tags"},
	{"assignees", "assignee assignee_ids assignee_id assigned_to assigned reviewers"},
	{"assignee", "assignees assigned_to assigned assignee_username"},
	{"milestone", "milestone_id milestone_title milestone_name"},
	{"body", "description content text comment message note markdown comment_body issue_body review_body notes release_notes"},
	{"description", "body text summary details"},
	{"content", "text body file_content contents content_base64 data markdown page_content"},
	{"message", "commit_message commit_msg msg description title"},
	{"dry_run", "preview simulate what_if"},
	{"start_line", "line_start from_line first_line begin_line line start offset line_number"},
	{"end_line", "line_end to_line last_line end"},
	{"draft", "is_draft"},
	{"prerelease", "is_pre_release is_prerelease"},
	{"inputs", "input parameters params variables arguments"},
	{"recursive", "recurse deep"},
	{"color", "colour label_color"},
	{"due_date", "due due_on deadline due_at"},
	{"since", "after from start_date from_date updated_after created_after"},
	{"until", "before to end_date to_date updated_before created_before"},
	{"event", "action review_event type state"},
	{"comments", "line_comments review_comments inline_comments"},
	{"files", "changes actions operations file paths"},
	{"operation", "action op method type"},
	{"diff", "include_diff patch show_diff stat"},
	{"regexp", "regex is_regex use_regex is_regexp regular_expression"},
	{"context_lines", "context lines_of_context around"},
	{"show_hidden", "hidden escape"},
	{"type", "kind is search_type"},
}

// meanings are the arguments that a plain name may mean, the likeliest first.
var meanings = sync.OnceValue(func() map[string][]string {
	all := make(map[string][]string)
	for _, row := range otherNames {
		for name := range strings.FieldsSeq(row.names) {
			plain := plainName(name)
			all[plain] = append(all[plain], row.argument)
		}
	}
	return all
})

// plainName is a name without what makes no difference.
func plainName(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "_", ""), "-", "")
}

// meantBy is which of a tool's arguments an unknown name means, nil if that can't be
// told: one of another spelling, one that others call so, or one that is nearly written
// so. One that is given is not meant.
func meantBy(name string, parameters []*parameter, given map[string]json.RawMessage) []string {
	plain := plainName(name)
	has := func(argument string) bool {
		_, there := given[argument]
		return !there && slices.ContainsFunc(parameters, func(p *parameter) bool { return p.name == argument })
	}
	for _, p := range parameters {
		if plainName(p.name) == plain && has(p.name) {
			return []string{p.name}
		}
	}
	switch plain { // of a repository in one word
	case "projectid", "projectpath", "fullname", "repofullname", "repository", "repositoryfullname", "project", "repositoryurl", "repourl", "url":
		if has("owner") && has("repo") {
			return []string{"owner", "repo"}
		}
	}
	if i := slices.IndexFunc(meanings()[plain], has); i >= 0 {
		return meanings()[plain][i : i+1]
	}
	for _, p := range parameters {
		if has(p.name) && len(plain) > 2 && nearly(plain, plainName(p.name)) {
			return []string{p.name}
		}
	}
	return nil
}

// known says what to write in the place of an unknown name.
func known(meant []string, parameters []*parameter) string {
	if len(meant) > 0 {
		is := "is"
		if len(meant) > 1 {
			is = "are"
		}
		return fmt.Sprintf("%s %s meant", strings.Join(meant, " and "), is)
	}
	if len(parameters) == 0 {
		return "this tool takes none"
	}
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	return "known are " + strings.Join(names, ", ")
}

// nearly reports whether one letter more, less or other, or two that changed places,
// make one name of another.
func nearly(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == b || len(b)-len(a) > 1 {
		return a == b
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return swapped || a[i+1:] == b[i+1:]
}
