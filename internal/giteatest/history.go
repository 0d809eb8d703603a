package giteatest

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// history is a repository in the making, written as a stream for
// git fast-import: no checkout is involved, so names and modes that a
// developer's file system refuses are no trouble.
type history struct {
	stream  bytes.Buffer
	marks   int
	commits int
	refs    map[string]int // mark by full ref name
	force   bool           // in place of what the branches have
}

// file is one change of a commit.
type file struct {
	path    string
	mode    string // git's: see the constants
	content []byte // a symlink's target, a submodule's commit id
}

const (
	plainMode     = "100644"
	symlinkMode   = "120000"
	submoduleMode = "160000"
)

func text(path, content string) file     { return file{path, plainMode, []byte(content)} }
func link(path, target string) file      { return file{path, symlinkMode, []byte(target)} }
func raw(path string, c []byte) file     { return file{path, plainMode, c} }
func submodule(path, commit string) file { return file{path, submoduleMode, []byte(commit)} }

// author is who wrote a commit.
type author struct{ name, email string }

var developer = author{"Dana Developer", "dana@acme.test"}

// epoch is when the first commit of any history was made; they follow hourly.
var epoch = time.Date(2025, time.March, 1, 9, 0, 0, 0, time.UTC)

// commit adds files to what parent (a mark, 0 for none) holds and points
// branch at the result, whose mark it returns.
func (h *history) commit(branch string, parent int, by author, message string, files ...file) int {
	for i := range files {
		if files[i].mode != submoduleMode {
			h.marks++
			fmt.Fprintf(&h.stream, "blob\nmark :%d\n", h.marks)
			h.data(files[i].content)
		}
	}
	blob := h.marks - count(files)
	h.marks++
	when := epoch.Add(time.Duration(h.commits) * time.Hour).Unix()
	h.commits++
	fmt.Fprintf(&h.stream, "commit refs/heads/%s\nmark :%d\n", branch, h.marks)
	fmt.Fprintf(&h.stream, "author %s <%s> %d +0000\n", by.name, by.email, when)
	fmt.Fprintf(&h.stream, "committer %s <%s> %d +0000\n", by.name, by.email, when)
	h.data([]byte(message))
	if parent != 0 {
		fmt.Fprintf(&h.stream, "from :%d\n", parent)
	}
	for _, f := range files {
		if f.mode == submoduleMode {
			fmt.Fprintf(&h.stream, "M %s %s %s\n", f.mode, f.content, f.path)
			continue
		}
		blob++
		fmt.Fprintf(&h.stream, "M %s :%d %s\n", f.mode, blob, f.path)
	}
	h.stream.WriteByte('\n')
	h.point("refs/heads/"+branch, h.marks)
	return h.marks
}

func count(files []file) (blobs int) {
	for _, f := range files {
		if f.mode != submoduleMode {
			blobs++
		}
	}
	return blobs
}

// branch points another branch at mark, lightTag a lightweight tag.
func (h *history) branch(name string, mark int)   { h.reset("refs/heads/"+name, mark) }
func (h *history) lightTag(name string, mark int) { h.reset("refs/tags/"+name, mark) }

func (h *history) reset(ref string, mark int) {
	fmt.Fprintf(&h.stream, "reset %s\nfrom :%d\n\n", ref, mark)
	h.point(ref, mark)
}

// tag makes an annotated tag.
func (h *history) tag(name string, mark int, message string) {
	fmt.Fprintf(&h.stream, "tag %s\nfrom :%d\ntagger %s <%s> %d +0000\n", name, mark, developer.name, developer.email, epoch.Unix())
	h.data([]byte(message))
	h.point("refs/tags/"+name, mark)
}

func (h *history) point(ref string, mark int) {
	if h.refs == nil {
		h.refs = map[string]int{}
	}
	h.refs[ref] = mark
}

func (h *history) data(b []byte) {
	fmt.Fprintf(&h.stream, "data %d\n", len(b))
	h.stream.Write(b)
	h.stream.WriteByte('\n')
}

// push imports the history in a scratch folder, pushes all of it to the
// repository as the owner of token, and fills in r's commit ids and the object
// ids of the named revisions.
func (h *history) push(ctx context.Context, s *Server, token string, r *Repo, objects map[string]string) error {
	folder, err := os.MkdirTemp(s.folder, "push-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	git := func(stdin []byte, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = folder
		cmd.Stdin = bytes.NewReader(stdin)
		basic := base64.StdEncoding.EncodeToString([]byte("x:" + token))
		cmd.Env = append(cleanEnv(folder), "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("%s: git %s: %w\n%s", r.FullName, args[0], err, stderr.String())
		}
		return string(out), nil
	}
	if _, err := git(nil, "init", "--quiet", "--bare"); err != nil {
		return err
	}
	marks := filepath.Join(folder, "marks")
	if _, err := git(h.stream.Bytes(), "fast-import", "--quiet", "--export-marks="+marks); err != nil {
		return err
	}
	// By object id: to git push some of our ref names are ambiguous.
	format := "%(objectname):%(refname)"
	if h.force {
		format = "+" + format
	}
	refs, err := git(nil, "for-each-ref", "--format="+format)
	if err != nil {
		return err
	}
	push := append([]string{"push", "--quiet", s.URL + "/" + r.FullName + ".git"}, strings.Fields(refs)...)
	if _, err := git(nil, push...); err != nil {
		return err
	}
	ids, err := readMarks(marks)
	if err != nil {
		return err
	}
	r.Branches, r.Tags, r.Objects = map[string]string{}, map[string]string{}, map[string]string{}
	for ref, mark := range h.refs {
		if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
			r.Branches[name] = ids[mark]
		} else {
			r.Tags[strings.TrimPrefix(ref, "refs/tags/")] = ids[mark]
		}
	}
	r.Head = r.Branches["main"]
	for name, revision := range objects {
		id, err := git(nil, "rev-parse", "--verify", revision)
		if err != nil {
			return err
		}
		r.Objects[name] = strings.TrimSpace(id)
	}
	return nil
}

// readMarks reads fast-import's table of lines ":mark id".
func readMarks(path string) (map[int]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ids := map[int]string{}
	for line := range strings.Lines(string(content)) {
		var mark int
		var id string
		if _, err := fmt.Sscanf(line, ":%d %s", &mark, &id); err != nil {
			return nil, fmt.Errorf("fast-import's marks: %w", err)
		}
		ids[mark] = id
	}
	return ids, nil
}
