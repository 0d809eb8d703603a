package gate

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"aegis/internal/canon"
)

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
