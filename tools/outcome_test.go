package tools_test

import (
	"encoding/json"
	"slices"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// The log says what was read: the number that a call names, from its decision on, and how
// many rows were shown. Of each tool.
func TestOutcomesSayWhatWasRead(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: sample(t, canary, nil).URL}))
			answer := door.Ask(tool.Name, samples[tool.Name])
			if answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			var args map[string]any
			if err := json.Unmarshal([]byte(samples[tool.Name]), &args); err != nil {
				t.Fatal(err)
			}
			var number any
			for name, property := range tool.Schema().Properties {
				if property.Type == "integer" && slices.Contains(tool.Schema().Required, name) {
					number = args[name]
				}
			}
			outcomes := 0
			for _, entry := range door.Entries() {
				if entry["call"] != answer.Call {
					continue
				}
				if entry["number"] != number {
					t.Errorf("the call names %v, and %s has %v", number, entry["kind"], entry["number"])
				}
				if entry["kind"] != "outcome" {
					continue
				}
				outcomes++
				rows, _ := entry["rows"].(float64)
				if tool.Capability == policy.Read && int(rows) != len(answer.Items()) {
					t.Errorf("%d rows are shown, and the outcome has %v", len(answer.Items()), rows)
				}
			}
			if outcomes != 1 {
				t.Errorf("%d outcomes", outcomes)
			}
		})
	}
}
