package gate

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Diff is a unified diff as git writes it. The gate takes out the files that
// policy hides on either side of a change, says where they stood, and shows
// the rest as a text.
type Diff struct {
	Body string
	// Path, if not zero, leaves only the file that has this path on either side.
	Path canon.Path
}

// diffFile is one file's part of a diff, from its "diff --git" line on.
type diffFile struct {
	text  string
	start int          // where it is in the diff
	paths []canon.Path // both sides, and what was renamed or copied
	known bool         // whether all of them could be read
	named string       // why it can't be asked for by its name, "" if it can

	header  int          // how many bytes come before the first hunk
	targets []canon.Path // where a symlink leads to
}

// showDiff returns what policy shows of a diff, and how many files it hides. It takes
// the diff's text: a large one is not to be there twice for long.
func (j *judge) showDiff(d *Diff) (shown string, hidden int) {
	body := d.Body
	d.Body = ""
	if all, ok := j.showWhole(body, d.Path); ok {
		return all, 0
	}
	var b strings.Builder
	run := 0 // hidden files in a row
	flush := func() {
		if run > 0 {
			fmt.Fprintf(&b, "[%d files hidden by policy]\n", run)
			hidden += run
			run = 0
		}
	}
	for file := range splitDiff(body) {
		if !d.Path.IsRoot() && !file.has(d.Path) {
			continue
		}
		if !j.showsAll(file) {
			run++
			continue
		}
		flush()
		if file.named != "" {
			fmt.Fprintf(&b, "[1 file not shown: its name %s]\n", file.named)
			continue
		}
		b.WriteString(file.text)
	}
	flush()
	return b.String(), hidden
}

// showWhole returns a diff of which policy shows every file, as most are, without
// copying it.
func (j *judge) showWhole(diff string, only canon.Path) (string, bool) {
	if !only.IsRoot() {
		return "", false
	}
	start := -1
	for file := range splitDiff(diff) {
		if !j.showsAll(file) || file.named != "" {
			return "", false
		}
		if start < 0 {
			start = file.start
		}
	}
	if start < 0 {
		return "", true
	}
	return diff[start:], true
}

func (f diffFile) has(path canon.Path) bool {
	for _, each := range f.paths {
		if each == path {
			return true
		}
	}
	return false
}

// showsAll reports whether policy shows each path of a file's diff. One whose
// paths can't all be read is not shown.
func (j *judge) showsAll(f diffFile) bool {
	if !f.known || len(f.paths) == 0 {
		return false
	}
	for _, path := range slices.Concat(f.paths, f.targets) {
		if !j.showsFile(path) {
			return false
		}
	}
	return true
}

const diffHeader = "diff --git "

// splitDiff cuts a diff into its files. Within a file every line of content
// has a mark in front, so that only git itself begins a line like the header.
// What comes before the first header is no diff, and is dropped.
func splitDiff(diff string) iter.Seq[diffFile] {
	return func(yield func(diffFile) bool) {
		start := -1
		if strings.HasPrefix(diff, diffHeader) {
			start = 0
		}
		for at := 0; ; {
			next := strings.Index(diff[at:], "\n"+diffHeader)
			if start >= 0 {
				end := len(diff)
				if next >= 0 {
					end = at + next + 1
				}
				file := readDiffFile(diff[start:end])
				file.start = start
				if !yield(file) {
					return
				}
			}
			if next < 0 {
				return
			}
			at += next + 1
			start = at
		}
	}
}
