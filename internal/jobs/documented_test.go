package jobs_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"aegis/internal/jobs"
	"aegis/internal/jobs/hook"
)

const page = "../../docs/jobs.md"

// Every file of jobs that the documentation shows loads.
func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml jobs\n(.*?)```").FindAllSubmatch(raw, -1)
	if len(examples) == 0 {
		t.Error("no example")
	}
	for _, example := range examples {
		if _, err := jobs.Parse("jobs.md", example[1], catalog()); err != nil {
			t.Error(err)
		}
	}
}

// Every event with its actions and values, and every filter, is in the documentation.
func TestWhatIsThereIsDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, kind := range hook.Kinds {
		_, row, found := strings.Cut(text, "\n| `"+kind.Name+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if !found {
			t.Errorf("the event %s is not there", kind.Name)
		}
		if kind.Name == "pull_request" { // as for issues
			_, issues, _ := strings.Cut(text, "\n| `issues` |")
			row += issues
		}
		for _, action := range kind.Actions {
			if !strings.Contains(row, action) {
				t.Errorf("the action %s of %s is not there", action, kind.Name)
			}
		}
		for _, field := range kind.Fields {
			if field != "repository" && field != "sender" && field != "action" && !strings.Contains(row, field) {
				t.Errorf("the value %s of %s is not there", field, kind.Name)
			}
		}
	}
	for _, filter := range jobs.FilterNames() {
		if !strings.Contains(text, "`"+filter+"`") {
			t.Errorf("the filter %s is not there", filter)
		}
	}
}
