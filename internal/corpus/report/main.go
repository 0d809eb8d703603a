// Command report measures the scrubber and prints, in Markdown, its recall by
// rule and context, its recall by encoding, and what it cuts from ordinary
// text. Two runs over the same sources print the same.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aegis/internal/corpus"
	"aegis/sanitize"
)

func main() {
	only := flag.String("only", "", "one `part` of: recall, encodings, kinds, groups, false")
	n := flag.Int("samples", 3, "samples of each rule")
	seed := flag.Uint64("seed", 1, "what samples are made from")
	misses := flag.Int("misses", 20, "how many kinds of misses to show with their text")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	if err := run(out, *only, *n, *seed, *misses); err != nil {
		_ = out.Flush() // the error is what matters
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
	if err := out.Flush(); err != nil {
		os.Exit(1)
	}
}

func run(out *bufio.Writer, only string, n int, seed uint64, misses int) error {
	stock, err := corpus.NewStock()
	if err != nil {
		return err
	}
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{corpus.OwnSample().Secret}})
	if err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	r := &reporter{out: out, stock: stock, scrubber: scrubber, root: root, n: n, seed: seed, misses: misses}
	parts := []struct {
		name string
		run  func() error
	}{{"recall", r.recall}, {"encodings", r.encodings}, {"kinds", r.kinds}, {"groups", r.groups}, {"false", r.falsehood}}
	ran := false
	for _, part := range parts {
		if only != "" && only != part.name {
			continue
		}
		ran = true
		begin := time.Now()
		if err := part.run(); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "corpus: %s took %s\n", part.name, time.Since(begin).Round(time.Second))
	}
	if !ran {
		return fmt.Errorf("there is no part %q", only)
	}
	return nil
}

// moduleRoot returns the folder of the module that is worked on.
func moduleRoot() (string, error) {
	file, err := exec.Command("go", "env", "GOMOD").Output()
	name := strings.TrimSpace(string(file))
	if err != nil || name == "" || name == os.DevNull {
		return "", errors.New("run this in the repository: there is no go.mod here")
	}
	return filepath.Dir(name), nil
}
