package jobs

// Catalog are the tools that a job can call, by name.
type Catalog map[string]Tool

// Tool is what must be known of a tool to hold a step against it.
type Tool struct {
	Writes     bool // it changes something, or makes something run
	Parameters map[string]Parameter
}

// Parameter is an argument of a tool, as its schema has it.
type Parameter struct {
	Type     string // string, integer, boolean, array of strings, object of strings; "" for what a job can't give
	Enum     []string
	Min, Max int64
	Required bool
}

// place is what may stand as an argument: which kinds as the whole of it, and whether it is
// a text with values in it.
type place struct {
	whole  []Kind
	text   bool // values of the kinds of inText may stand in it
	blocks bool // so may lines and rows, each on a line of its own
}

// places are the arguments of all tools that take values, by name. One that is not here
// takes what is written in the file, and nothing else.
var places = map[string]place{
	"number": {whole: []Kind{Number}}, "run_id": {whole: []Kind{Run}}, "job_id": {whole: []Kind{JobID}},
	"comment_id": {whole: []Kind{Comment}}, "id": {whole: []Kind{Release}},
	"sha": {whole: []Kind{SHA}}, "path": {whole: []Kind{Path}},
	"ref": {whole: []Kind{Ref, SHA}}, "base": {whole: []Kind{Ref}}, "from": {whole: []Kind{Ref, SHA}}, "target": {whole: []Kind{Ref, SHA}},
	"tag": {whole: []Kind{Ref}}, "branch": {whole: []Kind{Ref}},
	"since": {whole: []Kind{Date}}, "until": {whole: []Kind{Date}},
	"labels": {whole: []Kind{Label}}, "add_labels": {whole: []Kind{Label}}, "remove_labels": {whole: []Kind{Label}},
	"assignee": {whole: []Kind{Login}}, "assignees": {whole: []Kind{Login}},
	"title": {text: true}, "message": {text: true}, "description": {text: true}, "inputs": {text: true},
	"body": {text: true, blocks: true}, "content": {text: true, blocks: true},
}

// given are the arguments that a job does not give itself.
var given = map[string]string{
	"owner":   "a job names a repository with the key repository, as in acme/app",
	"repo":    "a job names a repository with the key repository, as in acme/app",
	"dry_run": "a job has dry_run as a key of its own",
	"page":    "a job reads pages until it has limit rows",
	"limit":   "limit stands beside with, and counts the rows that pass where",
}

// answer is what is known of a tool's answer: members that are values, and where its rows
// are.
type answer struct {
	members map[string]Kind
	rows    string // the member that has them, "" for a tool that lists nothing
	row     map[string]Kind
	text    bool // it has a text that may be quoted

	of string // the repository that it was asked of, as [Query.about] has it
}

var (
	issueRow = map[string]Kind{
		"number": Number, "state": Word, "author": Login, "comments": Count,
		"created_at": Date, "updated_at": Date, "closed_at": Date, "due_date": Date,
	}
	runRow = map[string]Kind{
		"id": Run, "number": Count, "commit": SHA, "event": Word, "status": Word, "conclusion": Word, "started_at": Date, "completed_at": Date,
	}
	commitRow = map[string]Kind{"sha": SHA, "date": Date}
	issueMade = map[string]Kind{"repository": Repo, "number": Number, "state": Word}
)

// answers are what of each tool's answer is a value. Titles, bodies, subjects, names of
// branches and of workflows are none of it.
var answers = map[string]answer{
	"list_issues":               {rows: "items", row: issueRow},
	"list_issue_comments":       {rows: "items", row: map[string]Kind{"id": Comment, "author": Login, "created_at": Date, "updated_at": Date}},
	"list_pull_requests":        {rows: "items", row: with(issueRow, "merged_at", Date)},
	"list_pull_request_files":   {rows: "items", row: map[string]Kind{"path": Path, "status": Word, "additions": Count, "deletions": Count}},
	"list_pull_request_commits": {rows: "items", row: commitRow},
	"list_pull_request_reviews": {rows: "items", row: map[string]Kind{"author": Login, "commit": SHA, "submitted_at": Date}},
	"get_file_tree":             {members: map[string]Kind{"commit": SHA}, rows: "items", row: map[string]Kind{"path": Path, "type": Word, "size": Count}},
	"list_commits":              {members: map[string]Kind{"commit": SHA}, rows: "items", row: commitRow},
	"list_branches":             {rows: "items", row: map[string]Kind{"commit": SHA}},
	"list_tags":                 {rows: "items", row: map[string]Kind{"commit": SHA}},
	"list_releases":             {rows: "items", row: map[string]Kind{"id": Release, "author": Login, "created_at": Date}},
	"list_labels":               {rows: "items", row: map[string]Kind{"name": Label}},
	"list_milestones":           {rows: "items", row: map[string]Kind{"state": Word, "open_issues": Count, "closed_issues": Count, "due_date": Date}},
	"list_repositories":         {rows: "items", row: map[string]Kind{"full_name": Repo, "open_issues": Count, "open_pull_requests": Count, "updated_at": Date}},
	"list_workflow_runs":        {rows: "items", row: runRow},
	"get_workflow_run": {members: runRow, rows: "jobs",
		row: map[string]Kind{"id": JobID, "attempt": Count, "status": Word, "conclusion": Word, "started_at": Date, "completed_at": Date}},
	"get_job_log":       {members: map[string]Kind{"job_id": JobID}, text: true},
	"get_issue":         {members: with(issueRow, "repository", Repo)},
	"get_pull_request":  {members: with(issueRow, "merged_at", Date)},
	"get_repository":    {members: map[string]Kind{"full_name": Repo, "open_issues": Count, "open_pull_requests": Count, "updated_at": Date}},
	"get_commit":        {members: map[string]Kind{"sha": SHA}},
	"get_commit_status": {members: map[string]Kind{"commit": SHA, "state": Word}, rows: "items", row: map[string]Kind{"state": Word, "updated_at": Date}},

	"create_issue": {members: issueMade}, "update_issue": {members: issueMade},
	"create_pull_request": {members: issueMade}, "update_pull_request": {members: issueMade},
	"create_comment": {members: map[string]Kind{"repository": Repo, "number": Number, "comment_id": Comment}},
	"edit_comment":   {members: map[string]Kind{"repository": Repo, "comment_id": Comment}},
	"create_branch":  {members: map[string]Kind{"repository": Repo, "commit": SHA}},
	"create_release": {members: map[string]Kind{"repository": Repo, "id": Release, "commit": SHA}},
	"rerun_workflow": {members: map[string]Kind{"repository": Repo, "run_id": Run, "status": Word}},
}

// with is a copy of some members and one more.
func with(members map[string]Kind, name string, kind Kind) map[string]Kind {
	all := map[string]Kind{name: kind}
	for name, kind := range members {
		all[name] = kind
	}
	return all
}
