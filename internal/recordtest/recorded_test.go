package recordtest

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/tools"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "write testdata/recorded anew")

// TestWhatAUserSeesIsAsRecorded plays every script in both eras and holds what came of
// it to testdata/recorded.
func TestWhatAUserSeesIsAsRecorded(t *testing.T) {
	scripts := loadScripts(t)
	if testing.Short() {
		t.Skip("a real Gitea takes seconds to start and minutes to build the first time")
	}
	first := newStage(t)
	stages := map[string]*stage{modern: first.twin(t), handshake: first}
	played := map[string]map[string][]*step{handshake: {}, modern: {}}
	t.Run("play", func(t *testing.T) {
		for era, stage := range stages {
			t.Run(era, func(t *testing.T) {
				t.Parallel()
				for _, script := range scripts {
					played[era][script.name] = stage.play(t, script, era)
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	for _, script := range scripts {
		for _, kind := range kinds {
			got := together(kind, played[handshake][script.name], played[modern][script.name])
			compare(t, filepath.Join("testdata", "recorded", script.name+"."+kind+".txt"), got)
		}
	}
}

// together writes what both eras have of a kind. Where the later one has something
// else, that follows.
func together(kind string, first, second []*step) string {
	var b strings.Builder
	for i, step := range first {
		fmt.Fprintf(&b, "## %s\n", step.title)
		lines, other := step.lines[kind], second[i].lines[kind]
		write(&b, lines)
		if !slices.Equal(lines, other) {
			fmt.Fprintf(&b, "### in %s\n", modern)
			write(&b, other)
		}
	}
	return b.String()
}

func write(b *strings.Builder, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if string(want) == got {
		return
	}
	changed := strings.SplitAfter(string(diff.Diff("recorded", want, "now", []byte(got))), "\n")
	const most = 60 // lines that are shown of one file
	t.Errorf("%s has changed; if that is as it should be, -update writes it anew:\n%s", path, strings.Join(changed[:min(most, len(changed))], ""))
}

// Every tool is called in some script, so that it answers, and so that it is refused.
func TestEveryToolIsRecorded(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		answered, refused := false, false
		paths, _ := filepath.Glob(filepath.Join("testdata", "recorded", "*."+said+".txt"))
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range strings.Split(string(raw), "\n## ") {
				title, rest, _ := strings.Cut(step, "\n")
				if !strings.HasPrefix(title+" ", tool.Name+" ") {
					continue
				}
				if strings.HasPrefix(rest, "is an error") {
					refused = true
				} else {
					answered = true
				}
			}
		}
		if !answered || !refused {
			t.Errorf("%s: answered %t, refused %t", tool.Name, answered, refused)
		}
	}
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return fmt.Sprintf("%d bytes, %s", len(raw), hex.EncodeToString(sum[:6]))
}
