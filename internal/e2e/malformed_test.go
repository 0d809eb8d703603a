package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// malformedFrame is a row of the corpus.
type malformedFrame struct {
	Name, Frame string
	Base64      []byte
	Code        int
	ID          json.RawMessage
	Silent      bool
}

func malformedFrames(fatal func(string, ...any)) (all []malformedFrame) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "malformed", "frames.jsonl"))
	if err != nil {
		fatal("%v", err)
	}
	for line := range bytes.Lines(text) {
		var row malformedFrame
		if err := json.Unmarshal(line, &row); err != nil {
			fatal("%v in %.200s", err, line)
		}
		if row.Base64 != nil {
			row.Frame = string(row.Base64)
		}
		if row.ID == nil {
			row.ID = json.RawMessage("null")
		}
		all = append(all, row)
	}
	if len(all) < 200 {
		fatal("only %d frames", len(all))
	}
	return all
}

// Each malformed frame gets its error, one session lives through all of them,
// and the forge hears of none.
func TestI9_MalformedFramesAreAnsweredOneByOne(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	s := start(t, folder, forge.URL, nil)
	s.greet()
	for _, row := range malformedFrames(t.Fatalf) {
		s.send(row.Frame)
		if row.Silent {
			continue
		}
		f := s.answer()
		if f.Error == nil || f.Error.Code != row.Code || string(f.ID) != string(row.ID) {
			t.Errorf("%s: want %d for id %s: %.300s", row.Name, row.Code, row.ID, f.Line)
		}
	}
	if n := len(forge.Requests()); n != 0 {
		t.Errorf("the forge was asked %d times", n)
	}
	if f := s.ask(readWebsite(1)); f.code() != "" || !strings.Contains(f.Line, "acme/website") {
		t.Errorf("a good call after all: %s", f.Line)
	}
	s.end()
}
