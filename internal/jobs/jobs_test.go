package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/internal/jobs/document"
	"aegis/internal/jobs/hook"
	"aegis/sanitize"
)

// whole is a file with all that a file can have.
const whole = `version: 1
webhooks:
  - {repositories: ["acme/*", other/app], secret_file: /etc/aegis/hook.secret}
jobs:
  stale-issues:
    on: {schedule: "0 3 * * 1", timezone: Europe/Berlin, missed: once}
    credential_file: /etc/aegis/bot.token
    repositories: ["acme/*"]
    steps:
      - for_each: {tool: list_issues, with: {state: open}, where: {updated_before: 60d, labels_none: [pinned]}, limit: 40}
        do:
          - call: create_comment
            with: {number: "${item.number}", body: "Nothing has happened here since ${item.updated_at}."}
            unless: {tool: list_issue_comments, with: {number: "${item.number}"}, where: {own: true, created_after: 60d}}
          - call: update_issue
            with: {number: "${item.number}", add_labels: [stale]}
    limits: {writes_per_run: 30, runs_per_hour: 4}
    dry_run: true
  needs-info:
    on: {webhook: issues, action: [opened], repositories: [acme/app]}
    credential_file: /etc/aegis/bot.token
    steps:
      - call: create_comment
        with: {repository: "${event.repository}", number: "${event.number}", body: "Please add a version."}
  failed-run:
    on: {webhook: workflow_run, action: [failure], repositories: ["acme/*"]}
    credential_file: /etc/aegis/bot.token
    steps:
      - {id: run, call: get_workflow_run, with: {run_id: "${event.run_id}"}, where: {conclusion: [failure]}}
      - {id: log, call: get_job_log, with: {job_id: "${steps.run.first.id}"}}
      - {id: known, call: list_issues, with: {labels: [ci]}, where: {own: true}}
      - call: update_issue
        with:
          number: ${steps.known.first.number}
          body: &body |
            Run ${event.run_id} of ${event.sha} failed again:

            ${steps.log.text}

      - call: create_issue
        unless: {tool: list_issues, with: {labels: [ci]}, where: {own: true}}
        with: {title: "Run ${event.run_id} failed", labels: [ci]}
  manifests:
    on: {schedule: "0 6 * * 1"}
    credential_file: /etc/aegis/bot.token
    repositories: [acme/app]
    steps:
      - id: ages
        for_each: {tool: get_file_tree, with: {recursive: true}, where: {type: [file], paths_any: ["**/go.mod", "**/package.json"]}}
        do:
          - {id: last, call: list_commits, with: {path: "${item.path}"}}
          - row: ["${item.path}", "${steps.last.first.date}"]
      - call: create_issue
        with:
          title: Dependencies
          body: |
            Manifests and when they were changed:

            ${rows.ages}
  labels:
    on: {webhook: pull_request, action: [opened, synchronized], repositories: ["acme/*"]}
    credential_file: /etc/aegis/bot.token
    steps:
      - for_each: {tool: list_pull_request_files, with: {number: "${event.number}"}, where: {paths_any: ["docs/**"]}, limit: 1}
        do:
          - {call: update_pull_request, with: {number: "${event.number}", add_labels: [docs]}}
`

// valid is whole without what is wrong in it on purpose.
var valid = strings.Replace(whole, "&body ", "", 1)

func parse(t testing.TB, text string) *jobs.File {
	t.Helper()
	f, err := jobs.Parse("/etc/aegis/jobs.yaml", []byte(text), catalog())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFile(t *testing.T) {
	t.Parallel()
	f := parse(t, valid)
	if len(f.Jobs) != 5 || len(f.Webhooks) != 1 || len(f.Webhooks[0].Covers) != 2 {
		t.Fatalf("%+v", f)
	}
	stale := f.ByName("stale-issues")
	if stale.Principal() != "job:stale-issues" || !stale.DryRun || !stale.Writes() || stale.WritesPerRun != 30 || stale.RunsPerHour != 4 ||
		stale.On.Schedule.String() != "0 3 * * 1 Europe/Berlin" || stale.On.Missed != "once" || stale.Steps[0].Each.Limit != 40 {
		t.Errorf("%+v", stale)
	}
	if ages := f.ByName("manifests"); ages.DryRun || ages.WritesPerRun != 20 || ages.RunsPerHour != 12 || ages.On.Missed != "skip" {
		t.Errorf("%+v", ages)
	}
	event := hook.Event{Kind: "issues", Action: "opened", Repository: repository(t, "acme/app")}
	info := f.ByName("needs-info")
	for what, change := range map[string]func(e *hook.Event){
		"another action": func(e *hook.Event) { e.Action = "edited" }, "another kind": func(e *hook.Event) { e.Kind = "issue_comment" },
		"another repository": func(e *hook.Event) { e.Repository = repository(t, "acme/application") },
	} {
		other := event
		if change(&other); info.Wants(other) {
			t.Errorf("it wants %s", what)
		}
	}
	sender, err := canon.ParseOwner("Other-Bot")
	if err != nil {
		t.Fatal(err)
	}
	event.Sender = sender
	if got := f.Wanting(event, []string{"bot"}); len(got) != 1 || got[0] != "needs-info" {
		t.Errorf("%v want it", got)
	}
	if got := f.Wanting(event, []string{"bot", "other-BOT"}); got != nil {
		t.Errorf("%v want what a job has done", got)
	}
	if !info.Wants(event) || stale.Wants(event) || f.ByName("labels").Wants(event) {
		t.Error("who wants an issue that was opened?")
	}
}

func repository(t testing.TB, name string) canon.Repo {
	t.Helper()
	repo, err := canon.ParseFullName(name)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// What a call is given is made of values, each held to its kind.
func TestArguments(t *testing.T) {
	t.Parallel()
	f := parse(t, valid)
	event := &hook.Event{Kind: "workflow_run", Action: "failure", Repository: repository(t, "acme/app"), RunID: 9, SHA: strings.Repeat("a", 40)}
	answer := func(tool, object, text string) jobs.Answer {
		a, err := jobs.ReadAnswer(tool, []byte(object), text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	scope := &jobs.Scope{Repository: event.Repository, Event: event, Steps: map[string]jobs.Answer{
		"run":   answer("get_workflow_run", `{"id":9,"jobs":[{"id":31,"conclusion":"failure"}]}`, ""),
		"log":   answer("get_job_log", `{"job_id":31}`, "@everyone ``` look\nowner/repo#1\n"),
		"known": answer("list_issues", `{"items":[{"number":7}]}`, ""),
	}, Marked: isMarked}
	steps := f.ByName("failed-run").Steps
	for i, want := range []string{
		`{"owner":"acme","repo":"app","run_id":9}`,
		`{"job_id":31,"owner":"acme","repo":"app"}`,
		`{"labels":["ci"],"owner":"acme","repo":"app"}`,
		`{"body":"Run 9 of aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa failed again:\n\n` + "````text" + `\n@everyone ` + "```" + ` look\nowner/repo#1\n` + "````" + `","number":7,"owner":"acme","repo":"app"}`,
		`{"labels":["ci"],"owner":"acme","repo":"app","title":"Run 9 failed"}`,
	} {
		if got, err := steps[i].Call.Arguments(scope); string(got) != want || err != nil {
			t.Errorf("step %d: %s %v\nwant %s", i, got, err, want)
		}
	}
	for what, items := range map[string]string{
		"no row": `[]`, "a row without it": `[{"state":"open"}]`, "a text": `[{"number":"7"}]`, "below one": `[{"number":-7}]`, "nought": `[{"number":0}]`,
		"a fraction": `[{"number":7.5}]`, "null": `[{"number":null}]`, "a list": `[{"number":[7]}]`, "too large": `[{"number":99999999999999999999}]`,
	} {
		scope.Steps["known"] = answer("list_issues", `{"items":`+items+`}`, "")
		var absent *jobs.AbsentError
		if got, err := steps[3].Call.Arguments(scope); !errors.As(err, &absent) || absent.Value != "${steps.known.first.number}" {
			t.Errorf("%s: %s %v", what, got, err)
		}
	}
}

// A value that an attacker has written is none, whatever the answer says that it is.
func TestPoisonedAnswers(t *testing.T) {
	t.Parallel()
	f := parse(t, valid)
	ages := f.ByName("manifests")
	row := ages.Steps[0].Do[1]
	for path, ok := range map[string]bool{
		"go.mod": true, "a/b c/`x`.mod": true, "../go.mod": false, "/go.mod": false, "a\nb": false, "a\u202eb": false, "": false, ".git/config": false,
	} {
		scope := &jobs.Scope{Repository: repository(t, "acme/app"), Item: map[string]any{"path": path},
			Steps: map[string]jobs.Answer{"last": {Rows: []map[string]any{{"date": "2026-01-02T03:04:05+01:00"}}}}}
		made, err := row.MakeRow(scope)
		if (err == nil) != ok {
			t.Errorf("%q: %v %v", path, made, err)
		}
		if ok && made[1] != "2026-01-02T02:04:05Z" {
			t.Errorf("%v", made)
		}
	}
	scope := &jobs.Scope{Repository: repository(t, "acme/app"), Rows: map[string][]jobs.Row{"ages": {{"a`b", "2026-01-02T02:04:05Z"}, {"@all", "x"}}}}
	got, err := ages.Steps[1].Call.Arguments(scope)
	if want := "Manifests and when they were changed:\\n\\n- `` a`b `` `2026-01-02T02:04:05Z`\\n- `@all` `x`"; err != nil || !strings.Contains(string(got), want) {
		t.Errorf("%s %v", got, err)
	}
}

// isMarked is how the door finds markers in what is to be written.
func isMarked(text string) bool { return sanitize.Marker(text) != "" }

func TestQuoted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("line\n", 300)
	for text, want := range map[string]string{
		"one\n":                     "```text\none\n```",
		"a\x1b[31m\u202eb\r\n\tc":   "```text\na[31mb\n c\n```",
		"key=[redacted:aws]\nlast":  "```text\n(a line is left out)\nlast\n```",
		"```\n@all":                 "````text\n```\n@all\n````",
		"`````":                     "``````text\n`````\n``````",
		long:                        "The last lines:\n\n```text\n" + strings.Repeat("line\n", 200) + "```",
		strings.Repeat("x", 20<<10): "The last lines:\n\n```text\n\n```",
		"[U+200B]here\nlast\n<<end 0123456789ab>>": "```text\n(a line is left out)\nlast\n(a line is left out)\n```",
		"\xff\xfe" + "b": "```text\n?b\n```",
		"before\n" + strings.Repeat("y", 16<<10) + "\nz": "The last lines:\n\n```text\nz\n```",
	} {
		if got, ok := jobs.Quoted(text, isMarked); got != want || !ok {
			t.Errorf("%.40q: %.200q\nwant %.200q", text, got, want)
		}
	}
	if got, ok := jobs.Quoted("[redac\nted:aws]", isMarked); ok {
		t.Errorf("over two lines: %q", got)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	writers := map[string]bool{"ann": true}
	who := jobs.Who{Self: "Bot", Writer: func(login string) (bool, error) { return writers[login], nil }}
	for _, c := range []struct {
		tool, where, row string
		want             bool
	}{
		{"list_issues", "{updated_before: 60d}", `{"updated_at":"2026-01-01T00:00:00Z"}`, true},
		{"list_issues", "{updated_before: 60d}", `{"updated_at":"2026-05-01T00:00:00Z"}`, false},
		{"list_issues", "{updated_before: 60d}", `{}`, false},
		{"list_issues", "{updated_after: 60d}", `{"updated_at":"2026-05-01T00:00:00Z"}`, true},
		{"list_issues", "{updated_after: 60d}", `{"updated_at":"never"}`, false},
		{"list_issues", "{created_before: 2w, created_after: 8w}", `{"created_at":"2026-04-04T00:00:00Z"}`, true},
		{"list_issues", "{created_before: 2w, created_after: 8w}", `{"created_at":"2026-02-04T00:00:00Z"}`, false},
		{"list_issues", "{labels_none: [pinned]}", `{"labels":["bug","Pinned"]}`, false},
		{"list_issues", "{labels_none: [pinned]}", `{}`, true},
		{"list_issues", "{labels_any: [bug, ui]}", `{"labels":["UI"]}`, true},
		{"list_issues", "{labels_any: [bug, ui]}", `{"labels":["docs"]}`, false},
		{"list_issues", "{labels_all: [bug, ui]}", `{"labels":["ui","bug","x"]}`, true},
		{"list_issues", "{labels_all: [bug, ui]}", `{"labels":["ui"]}`, false},
		{"list_issues", "{authors: [Ann]}", `{"author":"ann"}`, true},
		{"list_issues", "{authors: [ann]}", `{"author":"eve"}`, false},
		{"list_issues", "{authors: [ann]}", `{}`, false},
		{"list_issues", "{authors_none: [ann]}", `{"author":"ANN"}`, false},
		{"list_issues", "{author_standing: writer}", `{"author":"ann"}`, true},
		{"list_issues", "{author_standing: writer}", `{"author":"eve"}`, false},
		{"list_issues", "{author_standing: writer}", `{}`, false},
		{"list_issues", "{author_standing: stranger}", `{"author":"eve"}`, true},
		{"list_issues", "{author_standing: stranger}", `{}`, true},
		{"list_issues", "{own: true}", `{"author":"bot"}`, true},
		{"list_issues", "{own: true}", `{"author":"ann"}`, false},
		{"list_issues", "{own: false}", `{"author":"bot"}`, false},
		{"list_issues", "{state: [open]}", `{"state":"closed"}`, false},
		{"list_issues", "{state: [open]}", `{"state":"open"}`, true},
		{"list_issues", "{comments_max: 0}", `{}`, true},
		{"list_issues", "{comments_max: 0}", `{"comments":1}`, false},
		{"list_issues", "{comments_min: 3}", `{"comments":3}`, true},
		{"list_issues", "{comments_min: 3}", `{}`, false},
		{"list_pull_requests", "{draft: false}", `{}`, true},
		{"list_pull_requests", "{draft: false}", `{"draft":true}`, false},
		{"list_workflow_runs", "{conclusion: [failure, cancelled]}", `{"conclusion":"failure"}`, true},
		{"list_workflow_runs", "{status: [completed]}", `{"status":"queued"}`, false},
		{"list_pull_request_files", `{paths_any: ["docs/**", "*.md"]}`, `{"path":"docs/a/b.txt"}`, true},
		{"list_pull_request_files", `{paths_any: ["docs/**", "*.md"]}`, `{"path":"src/README.md"}`, false},
		{"list_pull_request_files", `{paths_none: ["**/*_test.go"]}`, `{"path":"a/b_test.go"}`, false},
		{"list_pull_request_files", `{paths_none: ["x"]}`, `{"path":"b","unnameable":"is not UTF-8"}`, false},
		{"list_pull_request_files", `{paths_any: ["**"]}`, `{}`, false},
	} {
		with := "{}"
		if c.tool == "list_pull_request_files" {
			with = "{number: 1}"
		}
		text := fmt.Sprintf("version: 1\njobs:\n  a:\n    on: {schedule: \"0 3 * * 1\"}\n    credential_file: /t\n    repositories: [a/b]\n    steps:\n      - call: %s\n        with: %s\n        where: %s\n", c.tool, with, c.where)
		text = strings.Replace(text, "        with: {}\n", "", 1)
		filter := parse(t, text).Jobs[0].Steps[0].Call.Where
		var row map[string]any
		decoder := json.NewDecoder(strings.NewReader(c.row))
		decoder.UseNumber()
		if err := decoder.Decode(&row); err != nil {
			t.Fatal(err)
		}
		if got, err := filter.Keeps(row, now, who); got != c.want || err != nil {
			t.Errorf("%s %s: %v %v", c.where, c.row, got, err)
		}
	}
	var none *jobs.Filter
	if ok, err := none.Keeps(nil, now, who); !ok || err != nil {
		t.Error("no filter keeps not all")
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, repo string
		want          bool
	}{
		{"acme/app", "acme/app", true}, {"Acme/App", "acme/app", true}, {"acme/app", "acme/apps", false}, {"acme/*", "acme/app", true},
		{"acme/*", "acme-two/app", false}, {"acme/app-*", "acme/app-1", true}, {"acme/app-*", "acme/app", false}, {"*/app", "x/app", true}, {"a*e/a*p", "acme/app", true},
	} {
		p, err := jobs.ParsePattern(c.pattern)
		if got := p.Matches(repository(t, c.repo)); got != c.want || err != nil {
			t.Errorf("%s and %s: %v %v", c.pattern, c.repo, got, err)
		}
	}
	for _, text := range []string{"", "acme", "acme/", "/app", "acme/**", "acme/a/b", "acme/[ab]", "acme/a?", "acme/.", "a b/c", "acme/x.git", `acme/\*`} {
		if p, err := jobs.ParsePattern(text); err == nil {
			t.Errorf("%q is %v", text, p)
		}
	}
}

// Whatever the file says, nothing panics, and what loads is whole.
func FuzzParse(f *testing.F) {
	f.Add(valid)
	f.Add(whole)
	for _, c := range wrongFiles {
		f.Add(c.text)
	}
	tools := catalog()
	f.Fuzz(func(t *testing.T, text string) {
		file, err := jobs.Parse("jobs.yaml", []byte(text), tools)
		var invalid *document.InvalidError
		switch {
		case err != nil && (file != nil || !errors.As(err, &invalid)):
			t.Errorf("%v %v", file, err)
		case err == nil:
			for _, job := range file.Jobs {
				if job.CredentialFile == "" || len(job.Repositories) == 0 || len(job.Steps) == 0 || (job.On.Schedule == nil) == (job.On.Event == nil) {
					t.Errorf("%q: %+v", text, job)
				}
			}
		}
	})
}

// What editors and people put into a file changes nothing.
func TestWhatIsNoMistake(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"comments":           "# jobs\n" + strings.Replace(small, "    dry_run: true", "    dry_run: true # for now\n    # more", 1) + "# end\n",
		"Windows' lines":     strings.ReplaceAll(small, "\n", "\r\n"),
		"a byte-order mark":  "\ufeff" + small,
		"a beginning":        "---\n" + small,
		"no line at its end": strings.TrimSuffix(small, "\n"),
		"quotes":             strings.ReplaceAll(strings.ReplaceAll(small, `"${item.number}"`, `'${item.number}'`), "tool: list_issues", `tool: "list_issues"`),
		"another order":      strings.Replace(strings.Replace(small, "    on: {schedule: \"0 3 * * 1\", timezone: UTC}\n", "", 1), "    dry_run: true\n", "    dry_run: true\n    on: {timezone: UTC, schedule: \"0 3 * * 1\"}\n", 1),
		"webhooks behind":    strings.Replace(small, "webhooks:\n  - {repositories: [\"acme/*\"], secret_file: /etc/aegis/hook.secret}\n", "", 1) + "webhooks:\n  - {repositories: [\"acme/*\"], secret_file: /etc/aegis/hook.secret}\n",
		"prose":              strings.Replace(small, `with: {number: "${event.number}", body: "Please add a version."}`, "with:\n          number: ${event.number}\n          body: |\n            Hello,\n\n              indented: [text] {with} signs & stars *\n            - # and no comment: $5, 100%\n", 1),
		"no webhooks":        small[:strings.Index(small, "webhooks:")] + small[strings.Index(small, "jobs:"):strings.Index(small, "  info:")],
		"no jobs":            "version: 1\n",
	} {
		f, err := jobs.Parse("jobs.yaml", []byte(text), catalog())
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if n := len(f.Jobs); n != 2 && what != "no jobs" && what != "no webhooks" {
			t.Errorf("%s: %d jobs", what, n)
		}
	}
}
