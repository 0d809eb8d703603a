package gate

import (
	"fmt"
	"iter"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

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

// readDiffFile reads the paths out of the lines before the first hunk. Of a
// symlink, where it leads to is read as well: its content is a path.
func readDiffFile(text string) diffFile {
	f := readDiffHeader(text)
	if f.known && isLink().MatchString(text[:f.header]) {
		f.addTargets(text[f.header:])
	}
	return f
}

// isLink finds the mode of a symlink on either side of a change.
var isLink = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(?:(?:old|new|new file|deleted file) mode|index [0-9a-f]+\.\.[0-9a-f]+) 120000$`)
})

// mostHeader is more bytes than come before a file's first hunk: two paths, three
// times.
const mostHeader = 64 << 10

// mostTargets is more lines than a change of a symlink has.
const mostTargets = 1000

// addTargets notes the paths that the lines of a symlink's hunks lead to. One
// that leads out of the repository can't be judged.
func (f *diffFile) addTargets(hunks string) {
	if len(f.paths) == 0 {
		return
	}
	for line := range strings.SplitSeq(hunks, "\n") {
		if len(f.targets) > mostTargets {
			f.known = false
			return
		}
		if line == "" || !strings.ContainsRune("+- ", rune(line[0])) {
			continue
		}
		for _, link := range f.paths {
			target, err := canon.ParsePath(path.Join(path.Dir(link.String()), line[1:]))
			if err != nil || strings.HasPrefix(line[1:], "/") {
				f.known = false
				return
			}
			f.targets = append(f.targets, target)
		}
	}
}

func readDiffHeader(text string) diffFile {
	f := diffFile{text: text, known: true}
	named := false // by a line that names one path; the header names two, without saying where one ends
	header := ""
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "@@") || line == "GIT binary patch" {
			break
		}
		f.header = min(f.header+len(line)+1, len(text))
		if f.header > mostHeader {
			f.known = false
			break
		}
		switch {
		case strings.HasPrefix(line, diffHeader):
			header = line[len(diffHeader):]
		case strings.HasPrefix(line, "--- "):
			named = f.add(line[4:], "a/") || named
		case strings.HasPrefix(line, "+++ "):
			named = f.add(line[4:], "b/") || named
		case strings.HasPrefix(line, "rename from "), strings.HasPrefix(line, "copy from "), strings.HasPrefix(line, "rename to "), strings.HasPrefix(line, "copy to "):
			_, rest, _ := strings.Cut(line, " ")
			_, name, _ := strings.Cut(rest, " ")
			named = f.add(name, "") || named
		}
	}
	// Whatever other lines say, the header's sides count, too.
	f.addHeader(header, named)
	return f
}

// add notes the path that a line names; /dev/null is none.
func (f *diffFile) add(name, prefix string) bool {
	name = strings.TrimSuffix(name, "\t") // git ends a name with spaces so
	if name == "/dev/null" {
		return false
	}
	if strings.HasPrefix(name, `"`) {
		unquoted, err := strconv.Unquote(name)
		if err != nil {
			f.known = false
			return false
		}
		name = unquoted
	}
	name, ok := strings.CutPrefix(name, prefix)
	path, why, listed := canon.ListedPath(name)
	if !ok || !listed {
		f.known = false
		return false
	}
	if why != "" {
		f.named = why
	}
	f.paths = append(f.paths, path)
	return true
}

// addHeader notes the paths of "a/X b/X". Where X is the same on both sides,
// which it is unless the file was renamed or copied, its length gives it away.
func (f *diffFile) addHeader(header string, named bool) {
	if strings.HasPrefix(header, `"`) || strings.HasSuffix(header, `"`) {
		left, right, ok := cutQuoted(header)
		if !ok {
			f.known = f.known && named
			return
		}
		f.add(left, "a/")
		f.add(right, "b/")
		return
	}
	half := len(header) / 2
	if len(header)%2 == 1 && header[half] == ' ' && strings.HasPrefix(header, "a/") &&
		strings.HasPrefix(header[half+1:], "b/") && header[2:half] == header[half+3:] {
		f.add(header[:half], "a/")
		return
	}
	f.known = f.known && named
}

// cutQuoted takes two names apart of which at least one is quoted.
func cutQuoted(header string) (left, right string, ok bool) {
	if quoted, err := strconv.QuotedPrefix(header); err == nil {
		rest, ok := strings.CutPrefix(header[len(quoted):], " ")
		return quoted, rest, ok
	}
	i := strings.Index(header, ` "`)
	if i < 0 {
		return "", "", false
	}
	return header[:i], header[i+1:], true
}
