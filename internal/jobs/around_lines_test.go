package jobs_test

import (
	"strings"
	"testing"

	"aegis/internal/jobs"
)

// Lines are quoted by a fence of their own. A fence, HTML or a formula around it would have it taken
// for something else, so that a line ends what is around it, and calls people.
func TestWhatIsAroundLines(t *testing.T) {
	t.Parallel()
	for around, ok := range map[string]bool{
		"```\n¦\n```": false, "~~~\n¦\n~~~": false, "<details>\n¦\n</details>": false, "<pre>\n¦\n</pre>": false, "<!--\n¦\n-->": false, "$$\n¦\n$$": false, "\\[\n¦\n\\]": false,
		"    ```\n¦": false, "> ```\n¦": false, "¦\n<b>so</b>": false, "<?x\n¦": false, "<${steps.log.job_id}>\n¦": false, "# The log\n¦\nIt is `short`, a < b, <3.": true, "¦": true,
	} {
		for _, value := range []string{"${steps.log.text}", "${rows.files}"} {
			file := strings.Replace(aroundLines, "AROUND", strings.ReplaceAll(strings.Replace(around, "¦", value, 1), "\n", "\n            "), 1)
			if _, err := jobs.Parse("jobs.yaml", []byte(file), catalog()); (err == nil) != ok {
				t.Errorf("%q around %s: %v", around, value, err)
			}
		}
	}
}

const aroundLines = `version: 1
jobs:
  a:
    on: {schedule: "0 3 * * 1"}
    credential_file: /etc/aegis/bot.token
    repositories: [acme/app]
    steps:
      - {id: log, call: get_job_log, with: {job_id: 7}}
      - id: files
        for_each: {tool: get_file_tree}
        do:
          - row: ["${item.path}"]
      - call: create_comment
        with:
          number: 7
          body: |
            AROUND
`
