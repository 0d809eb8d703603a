package jobs_test

import (
	"strings"
	"testing"

	"aegis/internal/jobs"
)

// Where a job waits for one thing alone, that need not be written.
func TestEventsByHand(t *testing.T) {
	t.Parallel()
	const file = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /s}
jobs:
  one:
    on: {webhook: issues, action: [opened], repositories: [acme/app]}
    credential_file: /t
    steps: [{call: create_comment, with: {number: "${event.number}", body: Seen.}}]
  many:
    on: {webhook: issues, action: [opened, closed], repositories: ["acme/*"]}
    credential_file: /t
    steps: [{call: create_comment, with: {number: "${event.number}", body: Seen.}}]
  timely:
    on: {schedule: "0 3 * * 1"}
    credential_file: /t
    repositories: [acme/app]
    steps: [{call: create_comment, with: {number: 1, body: Seen.}}]
`
	f, err := jobs.Parse("jobs.yaml", []byte(file), catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		job, values string
		ok          bool
	}{
		{"one", "number=3", true},
		{"one", "number=3 repository=acme/app action=opened", true},
		{"one", "number=3 repository=acme/other", false},
		{"one", "number=3 action=closed", false},
		{"many", "number=3 repository=acme/other action=closed", true},
		{"many", "number=3 repository=acme/other", false},
		{"many", "number=3 action=closed", false},
		{"many", "number=3 repository=other/app action=closed", false},
		{"timely", "number=3 repository=acme/app", false},
	} {
		values := map[string]string{}
		for word := range strings.FieldsSeq(c.values) {
			name, value, _ := strings.Cut(word, "=")
			values[name] = value
		}
		e, err := f.ByName(c.job).EventOf(values)
		if (err == nil) != c.ok || c.ok && e.Number != 3 {
			t.Errorf("%s %s: %+v %v", c.job, c.values, e, err)
		}
	}
}
