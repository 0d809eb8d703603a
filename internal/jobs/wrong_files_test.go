package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"aegis/internal/jobs"
	"aegis/internal/jobs/document"
)

// small is a right file, of which each wrong one changes a place.
const small = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /etc/aegis/hook.secret}
jobs:
  stale:
    on: {schedule: "0 3 * * 1", timezone: UTC}
    credential_file: /etc/aegis/bot.token
    repositories: ["acme/*"]
    steps:
      - for_each: {tool: list_issues, with: {state: open}, where: {updated_before: 60d}, limit: 50}
        do:
          - call: create_comment
            with: {number: "${item.number}", body: "Still needed?"}
    limits: {writes_per_run: 20, runs_per_hour: 4}
    dry_run: true
  info:
    on: {webhook: issues, action: [opened], repositories: ["acme/app"]}
    credential_file: /etc/aegis/bot.token
    steps:
      - {id: known, call: list_issues, with: {labels: [ci]}, where: {own: true}}
      - call: create_comment
        with: {number: "${event.number}", body: "Please add a version."}
`

// wrong is a file in which one text stands for another. ¦ marks where the error is told; without
// it, it is told of the file as a whole.
type wrong struct {
	what     string
	old, new string // new may have the mark
	says     string
	text     string // of the whole file, without the mark
	at       string // line and column, "" for the file as a whole
}

const mark = "¦"

var wrongFiles = func() []wrong {
	all := []wrong{
		// The form of a file.
		{what: "nothing", old: small, new: "", says: "version: 1"},
		{what: "a list", old: small, new: "- a\n", says: "mapping"},
		{what: "a word", old: small, new: "jobs\n", says: "mapping"},
		{what: "a tab", old: "  stale:", new: "¦\tstale:", says: "write spaces"},
		{what: "an anchor", old: "dry_run: true", new: "dry_run: ¦&a true", says: "anchor"},
		{what: "an alias", old: `["acme/*"], s`, new: `[¦*/acme], s`, says: "must be quoted"},
		{what: "a merge", old: "    dry_run: true", new: "    ¦<<: {}", says: "merge key"},
		{what: "a tag", old: "dry_run: true", new: "dry_run: ¦!!bool true", says: "a tag"},
		{what: "an escape", old: `"Still needed?"`, new: `¦"Still\n needed?"`, says: "as a block (|)"},
		{what: "a folded block", old: `with: {number: "${event.number}", body: "Please add a version."}`, new: "with:\n          number: 1\n          body: ¦>\n            a\n", says: "(|)"},
		{what: "a directive", old: "version: 1\n", new: "¦%YAML 1.1\n---\nversion: 1\n", says: "directive"},
		{what: "a second document", old: "jobs:\n", new: "¦---\njobs:\n", says: "second document"},
		{what: "an open bracket", old: "[opened]", new: "[opened", says: "YAML"},
		{what: "a bracket too many", old: "dry_run: true", new: "dry_run: ¦true]", says: "true or false"},
		{what: "a comma too many", old: "[opened]", new: "[opened,¦,]", says: "comma"},
		{what: "a character that hides", old: "Still needed?", new: "Still¦\u202e needed?", says: "can't be seen"},
		{what: "a zero-width space", old: `"Still needed?"`, new: "¦\"Still\u200b needed?\"", says: "can't be seen"},
		{what: "a deep nest", old: "[opened]", new: strings.Repeat("[", 20) + strings.Repeat("]", 20), says: "nested"},
		{what: "a key twice", old: "    dry_run: true", new: "    dry_run: true\n    ¦dry_run: false", says: "already on line 15"},
		{what: "a job twice", old: "  info:", new: "  ¦stale:", says: "already on line 5"},
		{what: "no space behind a colon", old: "with: {state: open}", new: "with: {state¦:open}", says: "space is missing"},
		{what: "Latin-1", old: "Still", new: "¦\xe4", says: "UTF-8"},

		// version, webhooks.
		{what: "no version", old: "version: 1\n", new: "¦", says: "write: version: 1"},
		{what: "another version", old: "version: 1\n", new: "version: ¦2\n", says: "from 1 to 1"},
		{what: "a version as text", old: "version: 1\n", new: "version: ¦\"1\"\n", says: "must be a number"},
		{what: "an unknown key", old: "webhooks:", new: "¦webhook:", says: "did you mean webhooks?"},
		{what: "a key without value", old: "  - {repositories: [\"acme/*\"], secret_file: /etc/aegis/hook.secret}\n", new: "", says: "leave the key out", at: "2:1"},
		{what: "webhooks that are a mapping", old: "  - {repositories: [\"acme/*\"], secret_file: /etc/aegis/hook.secret}\n", new: "  ¦repositories: [a/b]\n", says: "must be a list"},
		{what: "a webhook without secret", old: ", secret_file: /etc/aegis/hook.secret", new: "", says: "write the key secret_file", at: "3:5"},
		{what: "a webhook without repositories", old: "{repositories: [\"acme/*\"], s", new: "¦{s", says: "write the key repositories"},
		{what: "a webhook of everybody", old: "repositories: [\"acme/*\"], s", new: "repositories: [¦\"*/*\"], s", says: "all of an owner's"},
		{what: "a webhook of a part", old: "repositories: [\"acme/*\"], s", new: "repositories: [¦\"acme/a*\"], s", says: "all of an owner's"},
		{what: "two secrets of one owner", old: "repositories: [\"acme/*\"], s", new: "repositories: [\"acme/*\", ¦\"ACME/*\"], s", says: "has a secret already"},
		{what: "a secret that is no path", old: "/etc/aegis/hook.secret", new: "¦hunter2hunter2hunter2", says: "absolute path"},
		{what: "a secret of a value", old: "/etc/aegis/hook.secret", new: "¦\"${event.sender}\"", says: "takes no values"},
		{what: "no secret for a job", old: "repositories: [\"acme/app\"]", new: "repositories: [¦other/app]", says: "write one under webhooks"},

		// A job.
		{what: "a job of capitals", old: "  stale:", new: "  ¦Stale:", says: "a-z 0-9"},
		{what: "a job with a space", old: "  stale:", new: "  ¦\"sta le\":", says: "a-z 0-9"},
		{what: "a job that is a list", old: "  info:\n", new: "  more: ¦[a]\n  info:\n", says: "must be a mapping"},
		{what: "a job without on", old: "    on: {schedule: \"0 3 * * 1\", timezone: UTC}\n    credential", new: "    ¦credential", says: "write the key on"},
		{what: "a job without credential", old: "    credential_file: /etc/aegis/bot.token\n    repositories", new: "    repositories", says: "write the key credential_file", at: "6:5"},
		{what: "a misspelt key of a job", old: "    dry_run: true", new: "    ¦dry-run: true", says: "did you mean dry_run?"},
		{what: "a credential that is relative", old: "credential_file: /etc/aegis/bot.token\n    repositories", new: "credential_file: ¦bot.token\n    repositories", says: "absolute path"},
		{what: "a credential that is a number", old: "credential_file: /etc/aegis/bot.token\n    repositories", new: "credential_file: ¦12345\n    repositories", says: "must be quoted"},
		{what: "dry_run of yes", old: "dry_run: true", new: "dry_run: ¦yes", says: "true or false"},
		{what: "dry_run of 1", old: "dry_run: true", new: "dry_run: ¦1", says: "true or false"},
		{what: "no writes", old: "writes_per_run: 20", new: "writes_per_run: ¦0", says: "from 1 to 1000"},
		{what: "too many writes", old: "writes_per_run: 20", new: "writes_per_run: ¦1001", says: "from 1 to 1000"},
		{what: "octal writes", old: "writes_per_run: 20", new: "writes_per_run: ¦020", says: "decimal digits"},
		{what: "half a run", old: "runs_per_hour: 4", new: "runs_per_hour: ¦0.5", says: "from 1 to 600"},
		{what: "an unknown limit", old: "runs_per_hour: 4", new: "¦runs_per_day: 4", says: "writes_per_run, runs_per_hour"},
		{what: "a schedule without repositories", old: "    repositories: [\"acme/*\"]\n", new: "", says: "write the key repositories", at: "5:3"},
		{what: "repositories twice", old: "repositories: [\"acme/*\"]\n", new: "repositories: [acme/app, ¦Acme/App]\n", says: "is there twice"},
		{what: "repositories of a word", old: "repositories: [\"acme/*\"]\n", new: "repositories: ¦acme/app\n", says: "as in [a, b]"},
		{what: "an empty list", old: "repositories: [\"acme/*\"]\n", new: "repositories: ¦[]\n", says: "something in it"},
		{what: "an owner alone", old: "repositories: [\"acme/*\"]\n", new: "repositories: [¦acme]\n", says: "owner/name"},
		{what: "a doublestar", old: "repositories: [\"acme/*\"]\n", new: "repositories: [¦\"acme/**\"]\n", says: "can match no repository"},
		{what: "a class", old: "repositories: [\"acme/*\"]\n", new: "repositories: [¦\"acme/[ab]\"]\n", says: "can match no repository"},
		{what: "repositories beside on", old: "    steps:\n      - {id: known", new: "    ¦repositories: [acme/app]\n    steps:\n      - {id: known", says: "write them there"},

		// What it waits for.
		{what: "on as a word", old: "{schedule: \"0 3 * * 1\", timezone: UTC}", new: "¦daily", says: "must be a mapping"},
		{what: "neither", old: "{schedule: \"0 3 * * 1\", timezone: UTC}", new: "¦{}", says: "schedule, as in"},
		{what: "both", old: "{schedule: \"0 3 * * 1\", timezone: UTC}", new: "¦{schedule: \"0 3 * * 1\", webhook: push, repositories: [acme/app]}", says: "second job"},
		{what: "four fields", old: "\"0 3 * * 1\"", new: "¦\"0 3 * *\"", says: "4 fields"},
		{what: "six fields", old: "\"0 3 * * 1\"", new: "¦\"0 0 3 * * 1\"", says: "6 fields"},
		{what: "a name", old: "\"0 3 * * 1\"", new: "¦\"@daily\"", says: "are not read"},
		{what: "out of bounds", old: "\"0 3 * * 1\"", new: "¦\"0 25 * * 1\"", says: "out of its bounds"},
		{what: "never", old: "\"0 3 * * 1\"", new: "¦\"0 3 30 2 *\"", says: "never comes"},
		{what: "two kinds of days", old: "\"0 3 * * 1\"", new: "¦\"0 3 1 * 1\"", says: "one of the two"},
		{what: "no such zone", old: "timezone: UTC", new: "timezone: ¦Europe/Berlino", says: "Europe/Berlin"},
		{what: "a zone of the machine", old: "timezone: UTC", new: "timezone: ¦Local", says: "write UTC"},
		{what: "missed of always", old: "timezone: UTC", new: "missed: ¦always", says: "skip, or once"},
		{what: "an action of a schedule", old: "timezone: UTC", new: "¦action: [opened]", says: "says nothing here"},
		{what: "missed of a webhook", old: "action: [opened]", new: "¦missed: once", says: "says nothing here"},
		{what: "an unknown event", old: "webhook: issues", new: "webhook: ¦issue", says: "must be issues, or"},
		{what: "an event that no job can wait for", old: "webhook: issues", new: "webhook: ¦fork", says: "workflow_run"},
		{what: "an unknown action", old: "[opened]", new: "[¦open]", says: "did you mean opened?"},
		{what: "an action twice", old: "[opened]", new: "[opened, ¦opened]", says: "remove one"},
		{what: "an action as a word", old: "[opened]", new: "¦opened", says: "must be a list"},
		{what: "an action of a push", old: "webhook: issues, action", new: "webhook: push, ¦action", says: "has no action"},
		{what: "a webhook of no repositories", old: ", repositories: [\"acme/app\"]}", new: "}", says: "write the key repositories", at: "17:9"},

		// Steps.
		{what: "no steps", old: "    steps:\n      - for_each", new: "    steps: ¦[]\n    more:\n      - for_each", says: "something in it"},
		{what: "a step that is a word", old: "      - call: create_comment\n        with: {number: \"${event.number}\"", new: "      - ¦create_comment\n      - call: create_comment\n        with: {number: \"${event.number}\"", says: "must be a mapping"},
		{what: "a step of two kinds", old: "      - {id: known, call", new: "      - ¦{row: [a], call", says: "is one of"},
		{what: "a step of no kind", old: "      - {id: known, call: list_issues, with: {labels: [ci]}, where: {own: true}}", new: "      - ¦{id: known}", says: "is one of"},
		{what: "no such tool", old: "call: create_comment\n        with", new: "call: ¦create_coment\n        with", says: "did you mean create_comment?"},
		{what: "a tool of no one", old: "call: create_comment\n        with", new: "call: ¦merge_pull_request\n        with", says: "no tool"},
		{what: "an id with a dash", old: "id: known", new: "id: ¦kn-own", says: "a-z 0-9 _"},
		{what: "an id twice", old: "      - call: create_comment\n        with: {number: \"${event.number}\"", new: "      - id: ¦known\n        call: create_comment\n        with: {number: \"${event.number}\"", says: "another step has the id"},
		{what: "a key of another step", old: "where: {own: true}}", new: "¦do: []}", says: "does not belong"},
		{what: "a loop without do", old: "        do:\n          - call: create_comment\n            with: {number: \"${item.number}\", body: \"Still needed?\"}\n", new: "", says: "has no do", at: "10:9"},
		{what: "a loop in a loop", old: "          - call: create_comment\n            with: {number: \"${item.number}\", body: \"Still needed?\"}", new: "          - ¦for_each: {tool: list_issues}\n            do: [{call: get_me}]", says: "take its first row"},
		{what: "a loop over nothing", old: "tool: list_issues, with: {state: open}, where: {updated_before: 60d}", new: "tool: ¦get_me", says: "write one of"},
		{what: "a loop over a write", old: "tool: list_issues, with: {state: open}, where: {updated_before: 60d}", new: "tool: ¦create_issue, with: {title: a}", says: "lists nothing"},
		{what: "a loop without tool", old: "{tool: list_issues, with: {state: open}, where: {updated_before: 60d}, limit: 50}", new: "¦{limit: 50}", says: "write the key tool"},
		{what: "a loop of too many", old: "limit: 50", new: "limit: ¦501", says: "from 1 to 500"},
		{what: "a row outside", old: "      - {id: known, call: list_issues, with: {labels: [ci]}, where: {own: true}}", new: "      - ¦row: [a]", says: "in the do"},
		{what: "a row without id", old: "          - call: create_comment\n            with: {number: \"${item.number}\"", new: "          - row: [\"${item.number}\"]\n          - call: create_comment\n            with: {number: \"${item.number}\"", says: "write one", at: "10:9"},
		{what: "unless of a write", old: "where: {own: true}}", new: "unless: {tool: ¦create_issue, with: {title: a}}}", says: "lists nothing"},

		// What a call is given.
		{what: "an unknown argument", old: "{number: \"${event.number}\", body", new: "{¦issue: 1, number: 1, body", says: "it has: body, number, repository"},
		{what: "a misspelt argument", old: "with: {labels: [ci]}", new: "with: {¦label: [ci]}", says: "did you mean labels?"},
		{what: "a missing argument", old: "with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "with: ¦{number: 1}", says: "needs body"},
		{what: "no arguments", old: "\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "", says: "write it in with", at: "21:9"},
		{what: "an owner", old: "{number: \"${event.number}\", body", new: "{¦owner: acme, number: 1, body", says: "with the key repository"},
		{what: "dry_run in a call", old: "{number: \"${event.number}\", body", new: "{¦dry_run: true, number: 1, body", says: "key of its own"},
		{what: "a page", old: "with: {labels: [ci]}", new: "with: {¦page: 2}", says: "until it has limit rows"},
		{what: "a limit in with", old: "with: {labels: [ci]}", new: "with: {¦limit: 2}", says: "beside with"},
		{what: "a number as a word", old: "{number: \"${event.number}\"", new: "{number: ¦first", says: "must be a number"},
		{what: "a number below one", old: "{number: \"${event.number}\"", new: "{number: ¦0", says: "from 1"},
		{what: "a text as a number", old: "body: \"Please add a version.\"", new: "body: ¦5", says: "must be quoted"},
		{what: "a text as a truth", old: "body: \"Please add a version.\"", new: "body: ¦true", says: "must be quoted"},
		{what: "a word that is none", old: "with: {state: open}", new: "with: {state: ¦opened}", says: "did you mean open?"},
		{what: "a list as a word", old: "with: {labels: [ci]}", new: "with: {labels: ¦ci}", says: "as in [a, b]"},
		{what: "a repository with a star", old: "{number: \"${event.number}\", body", new: "{repository: ¦\"acme/*\", number: 1, body", says: "no patterns"},
		{what: "a list of objects", old: "call: create_comment\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "call: create_pull_request_review\n        with: {number: 1, event: comment, body: a, ¦comments: [{path: a}]}", says: "can't give"},
		{what: "a path out of it", old: "call: create_comment\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "call: get_file_contents\n        with: {path: ¦../a}", says: "segment"},
		{what: "a ref of revisions", old: "call: create_comment\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "call: get_file_tree\n        with: {ref: ¦main~1}", says: "contains one of"},
		{what: "a date that is none", old: "call: create_comment\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "call: list_commits\n        with: {since: ¦yesterday}", says: "2031-02-03"},
		{what: "a truth as a word", old: "call: create_comment\n        with: {number: \"${event.number}\", body: \"Please add a version.\"}", new: "call: get_file_tree\n        with: {recursive: ¦\"yes\"}", says: "true or false"},

		// Values.
		{what: "a value without end", old: "${event.number}\", body", new: "¦${event.number\", body", says: "begins no value"},
		{what: "an expression", old: "${event.number}\", body", new: "¦${event.number + 1}\", body", says: "begins no value"},
		{what: "a variable of the environment", old: "Please add a version.", new: "¦${GITEA_TOKEN}", says: "begins no value"},
		{what: "a secret", old: "Please add a version.", new: "¦${secrets.token}", says: "is no value"},
		{what: "a title", old: "Please add a version.", new: "¦${event.title}", says: "What people write is none"},
		{what: "a body", old: "Still needed?", new: "¦${item.body}", says: "What people write is none"},
		{what: "a branch of a stranger", old: "Please add a version.", new: "¦${event.head}", says: "What people write is none"},
		{what: "an event of a schedule", old: "Still needed?", new: "¦${event.number}", says: "a schedule has no event"},
		{what: "an item outside", old: "${event.number}\", body", new: "¦${item.number}\", body", says: "in the do of a for_each"},
		{what: "a step that is not there", old: "${event.number}\", body", new: "¦${steps.knwon.first.number}\", body", says: "did you mean known?"},
		{what: "a step that comes later", old: "with: {labels: [ci]}", new: "with: {assignee: \"¦${steps.known.first.author}\"}", says: "before this one"},
		{what: "a member that is not there", old: "${event.number}\", body", new: "¦${steps.known.first.nummer}\", body", says: "did you mean number?"},
		{what: "the title of a row", old: "Please add a version.", new: "¦${steps.known.first.title}", says: "What people write is none"},
		{what: "a row's member without first", old: "${event.number}\", body", new: "¦${steps.known.number}\", body", says: "values: none"},
		{what: "a value of another kind", old: "\"${event.number}\", body", new: "\"¦${event.repository}\", body", says: "a number"},
		{what: "a count for a number", old: "{number: \"${item.number}\"", new: "{number: \"¦${item.comments}\"", says: "takes one value alone: a number"},
		{what: "a user in a text", old: "Please add a version.", new: "@¦${event.sender} please", says: "here may stand"},
		{what: "text around a number", old: "\"${event.number}\", body", new: "\"¦${event.number}0\", body", says: "one value alone"},
		{what: "a label of another action", old: "with: {labels: [ci]}", new: "with: {labels: [\"¦${event.label}\"]}", says: "label_updated"},
		{what: "a run of an issue", old: "Please add a version.", new: "¦${event.run_id}", says: "action, label, number, repository, sender"},
		{what: "rows that are not there", old: "Please add a version.", new: "¦${rows.known}", says: "a for_each before this step"},
		{what: "a value as a state", old: "with: {state: open}", new: "with: {state: \"¦${event.action}\"}", says: "schedule has no event"},
		{what: "a value as a query", old: "with: {labels: [ci]}", new: "with: {query: \"¦${event.sender}\"}", says: "takes no value"},
		{what: "a value in an id", old: "id: known", new: "id: ¦\"${event.action}\"", says: "a-z 0-9 _"},
		{what: "a value as a tool", old: "call: create_comment\n        with", new: "call: ¦\"${event.action}\"\n        with", says: "no tool"},

		{what: "a number of another repository", old: "{number: \"${item.number}\"", new: "{repository: acme/web, number: \"¦${item.number}\"", says: "give both the same repository"},
		{what: "a number for another repository", old: "with: {labels: [ci]}, where: {own: true}}\n      - call: create_comment\n        with: {number: \"${event.number}\"", new: "with: {repository: acme/web}}\n      - call: create_comment\n        with: {number: \"¦${steps.known.first.number}\"", says: "give both the same repository"},

		// Filters.
		{what: "an unknown filter", old: "where: {own: true}", new: "where: {¦title: a}", says: "it may have"},
		{what: "a filter of other lists", old: "where: {own: true}", new: "where: {¦paths_any: [a]}", says: "it may have"},
		{what: "a filter of no list", old: "body: \"Please add a version.\"}", new: "body: a}\n        ¦where: {own: true}", says: "lists nothing"},
		{what: "an age that is a date", old: "updated_before: 60d", new: "updated_before: ¦2026-01-01", says: "60d"},
		{what: "an age without unit", old: "updated_before: 60d", new: "updated_before: ¦\"60\"", says: "60d"},
		{what: "an age of nought", old: "updated_before: 60d", new: "updated_before: ¦0d", says: "60d"},
		{what: "a standing of nobody", old: "where: {own: true}", new: "where: {author_standing: ¦admin}", says: "writer, or stranger"},
		{what: "own as a user", old: "where: {own: true}", new: "where: {own: ¦bot}", says: "true or false"},
		{what: "a user that is none", old: "where: {own: true}", new: "where: {authors: [¦\"a b\"]}", says: "letters"},
		{what: "a label twice", old: "where: {own: true}", new: "where: {labels_none: [a, ¦a]}", says: "remove one"},
		{what: "a state that is none", old: "where: {own: true}", new: "where: {state: [¦merged]}", says: "open, or closed"},
		{what: "a value in a filter", old: "where: {own: true}", new: "where: {authors: [¦\"${event.sender}\"]}", says: "takes no values"},
		{what: "less than nothing", old: "where: {own: true}", new: "where: {comments_min: ¦-1}", says: "from 0"},
		{what: "no number of comments", old: "where: {own: true}", new: "¦where: {comments_min: 5, comments_max: 2}", says: "which no row is"},
	}
	for i := range all {
		c := &all[i]
		c.text = strings.Replace(small, c.old, c.new, 1)
		before, _, marked := strings.Cut(c.text, mark)
		c.text = strings.Replace(c.text, mark, "", 1)
		if marked {
			line := before[strings.LastIndex(before, "\n")+1:]
			c.at = fmt.Sprintf("%d:%d", strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1)
		}
	}
	return all
}()

// Each of more than a hundred wrong files is refused, with its line, its column and what to
// write, and not even a part of it is loaded.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	tools := catalog()
	if _, err := jobs.Parse("jobs.yaml", []byte(small), tools); err != nil {
		t.Fatal(err)
	}
	if len(wrongFiles) < 100 {
		t.Errorf("%d wrong files", len(wrongFiles))
	}
	for _, c := range wrongFiles {
		if !strings.Contains(small, c.old) {
			t.Errorf("%s: nothing is changed", c.what)
			continue
		}
		file, err := jobs.Parse("/etc/aegis/jobs.yaml", []byte(c.text), tools)
		var invalid *document.InvalidError
		if file != nil || !errors.As(err, &invalid) {
			t.Errorf("%s: loaded", c.what)
			continue
		}
		found := false
		for _, p := range invalid.Problems {
			at := ""
			if p.Line > 0 {
				at = fmt.Sprintf("%d:%d", p.Line, p.Column)
			}
			found = found || strings.Contains(p.Message, c.says) && (at == c.at || c.at == "")
		}
		if !found {
			t.Errorf("%s: want %q at %q:\n%v", c.what, c.says, c.at, err)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.what, err)
		}
		if len(invalid.Problems) > 2 {
			t.Errorf("%s: one mistake makes %d problems:\n%v", c.what, len(invalid.Problems), err)
		}
	}
}
