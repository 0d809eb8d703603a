package tools_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// snapshot is what a client is told of a tool.
type snapshot struct {
	Name        string        `json:"name"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Capability  string        `json:"capability"`
	Hints       tools.Hints   `json:"hints"`
	Schema      *tools.Schema `json:"inputSchema"`
}

// TestSchemasAreAsPublished holds what clients are told of each tool to a file
// of its own, so that a change of it is seen as one. TOOLS_UPDATE=1 writes the
// files anew.
func TestSchemasAreAsPublished(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "testdata", "schemas")
	update := os.Getenv("TOOLS_UPDATE") != ""
	known := make(map[string]bool)
	for _, tool := range tools.All() {
		known[tool.Name+".json"] = true
		var now bytes.Buffer
		encoder := json.NewEncoder(&now)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(snapshot{tool.Name, tool.Title, tool.Description, tool.Capability.String(), tool.Hints, tool.Schema()}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, tool.Name+".json")
		if update {
			if err := os.WriteFile(file, now.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		published, err := os.ReadFile(file)
		published = bytes.ReplaceAll(published, []byte("\r\n"), []byte("\n"))
		if err != nil || !bytes.Equal(published, now.Bytes()) {
			t.Errorf("%s is not as published (%v); with TOOLS_UPDATE=1 it would be:\n%s", tool.Name, err, now.Bytes())
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if known[file.Name()] {
			continue
		}
		if !update {
			t.Errorf("%s is of no tool", file.Name())
		} else if err := os.Remove(filepath.Join(folder, file.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHintsAreTrue holds each tool's hints to what it is and to what a forge
// that records sees of it.
func TestHintsAreTrue(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		if reads := tool.Capability == policy.Read; tool.Hints.ReadOnly != reads || reads && (tool.Hints.Destructive || !tool.Hints.Idempotent || !tool.Hints.OpenWorld) {
			t.Errorf("%s has capability %s and hints %+v", tool.Name, tool.Capability, tool.Hints)
		}
		args, ok := samples[tool.Name]
		if !ok {
			continue // which fails TestI1_EveryToolPassesTheGate
		}
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			forge := sample(t, canary, nil)
			door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: forge.URL}))
			ask := func() (sent []string) {
				forge.Reset()
				door.Ask(tool.Name, args)
				for _, r := range forge.Requests() {
					if tool.Hints.ReadOnly && r.Method != http.MethodGet && r.Method != http.MethodHead {
						t.Errorf("it says that it only reads, and sends %s %s", r.Method, r.Path)
					}
					sent = append(sent, r.Method+" "+r.Path)
				}
				return sent
			}
			first := ask()
			for _, again := range ask() { // what it keeps it need not ask for
				if tool.Hints.Idempotent && !slices.Contains(first, again) {
					t.Errorf("the same call again sends %s", again)
				}
			}
		})
	}
}
