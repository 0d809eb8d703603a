package tools

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// argumentsOf are the argument lists that there are: of each tool, and of what is in
// lists of objects.
func argumentsOf() (all [][]*parameter) {
	for _, tool := range All() {
		if tool.arguments == nil {
			continue
		}
		parameters := parametersOf(tool.arguments)
		all = append(all, parameters)
		for _, p := range parameters {
			if p.kind.Kind() == reflect.Slice && p.kind.Elem().Kind() == reflect.Struct {
				all = append(all, parametersOf(p.kind.Elem()))
			}
		}
	}
	return all
}

// Every row is of an argument that some tool has, and each of its names leads to it
// somewhere.
func TestOtherNamesNameExistingArguments(t *testing.T) {
	t.Parallel()
	lists := argumentsOf()
	for _, row := range otherNames {
		if !slices.ContainsFunc(lists, func(parameters []*parameter) bool {
			return slices.ContainsFunc(parameters, func(p *parameter) bool { return p.name == row.argument })
		}) {
			t.Errorf("no tool has an argument %s", row.argument)
		}
		for name := range strings.FieldsSeq(row.names) {
			leads := slices.ContainsFunc(lists, func(parameters []*parameter) bool {
				// Of a repository in one word both names are meant, but for one whose owner is there.
				given := map[string]json.RawMessage{}
				if row.argument == "repo" {
					given["owner"] = nil
				}
				has := slices.ContainsFunc(parameters, func(p *parameter) bool { return plainName(p.name) == plainName(name) })
				return !has && slices.Equal(meantBy(name, parameters, given), []string{row.argument})
			})
			if !leads {
				t.Errorf("%s leads to %s nowhere", name, row.argument)
			}
		}
	}
}

// Whatever is suggested is an argument of the tool, and one that is not given.
func TestOtherNamesSuggestWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, parameters := range argumentsOf() {
		for _, row := range otherNames {
			for name := range strings.FieldsSeq(row.names) {
				for _, meant := range meantBy(name, parameters, map[string]json.RawMessage{"owner": nil, "repo": nil}) {
					if meant == "owner" || meant == "repo" || !slices.ContainsFunc(parameters, func(p *parameter) bool { return p.name == meant }) {
						t.Errorf("%s is said to mean %s", name, meant)
					}
				}
			}
		}
	}
}

// What models send that know other servers: github-mcp-server, gitea-mcp and those of
// GitLab.
func TestUnknownArgumentsSayWhichIsMeant(t *testing.T) {
	t.Parallel()
	for tool, names := range map[string]string{
		"get_repository":             "namespace=owner repo_name=repo name=repo",
		"get_file_contents":          "filePath=path file_path=path branch=ref branch_name=ref sha=ref ref_name=ref startLine=start_line",
		"get_file_tree":              "tree_sha=ref dir=path path_filter= per_page=limit perPage=limit pageSize=limit",
		"search_code":                "q=query keyword=query regex=regexp pattern=path",
		"list_commits":               "sha=ref branch=ref perPage=limit author=",
		"get_commit":                 "commit_id=sha commitSha=sha ref=sha include_diff=diff",
		"create_branch":              "branch_name=branch new_branch_name=branch old_branch_name=from from_branch=from",
		"list_issues":                "q=query label=labels per_page=limit",
		"get_issue":                  "index=number issue_number=number issueNumber=number issue_iid=number id=number numbr=number",
		"update_issue":               "index=number issue_number=number description=body deadline=due_date assignee=assignees state_event=state",
		"create_comment":             "issue_number=number pullNumber=number index=number text=body comment=body",
		"edit_comment":               "commentID=comment_id id=comment_id comment=comment_id content=body",
		"get_pull_request":           "pullNumber=number pull_number=number index=number merge_request_iid=number pr=number",
		"create_pull_request":        "source_branch=head target_branch=base description=body is_draft=draft",
		"create_pull_request_review": "pullNumber=number action=event",
		"commit_files":               "branch_name=branch commit_message=message actions=files",
		"create_release":             "tag_name=tag name=title target_commitish=target is_pre_release=prerelease is_draft=draft description=body",
		"edit_release":               "release_id=id name=title",
		"get_release":                "tag_name=tag name=tag",
		"write_wiki_page":            "page_name=name pageName=name title=name body=content content_base64=content",
		"get_wiki_page":              "pageName=name title=name slug=name",
		"get_workflow_run":           "id=run_id workflow_run_id=run_id pipeline_id=run_id",
		"get_job_log":                "id=job_id job=job_id",
		"dispatch_workflow":          "workflow_id=workflow branch=ref parameters=inputs",
		"create_label":               "colour=color",
		"list_packages":              "org=owner type=",
		"search_users":               "q=query keyword=query",
		"get_me":                     "user=",
	} {
		for pair := range strings.FieldsSeq(names) {
			name, meant, _ := strings.Cut(pair, "=")
			told := wrongWith(t, tool, `{"`+name+`":1}`)
			want := `there is no argument "` + name + `": `
			switch {
			case meant != "":
				want += meant + " is meant"
			case tool == "get_me":
				want += "this tool takes none"
			default:
				want += "known are "
			}
			if !strings.Contains(told, want) {
				t.Errorf("%s: %s", tool, told)
			}
			if meant != "" && strings.Contains(told, meant+" is required") {
				t.Errorf("%s is told twice: %s", meant, told)
			}
		}
	}
	for _, name := range []string{"project_id", "full_name", "repository"} {
		if told := wrongWith(t, "get_repository", `{"`+name+`":"acme/website"}`); told != `there is no argument "`+name+`": owner and repo are meant` {
			t.Errorf("%s", told)
		}
	}
}
