package writetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aegis/internal/corpus"
	"aegis/internal/giteatest"
)

// backAndForth lets files of any name be read and written: what is tried is what the
// scrubber does.
const backAndForth = `
version: 1
builtin_paths: off
repositories:
  "acme/*": {write: allow, branches: {allow: ["agent/**"]}, write_paths: {allow: ["**"]}}
limits: {bytes_per_answer: 1048576}
`

// Files that people have are read and written back: those from which nothing was cut
// are stored as they were, and the others are refused with a way on. AEGIS_FILES_PER_KIND
// says how many of each kind are tried; `make corpus` tries 300.
func TestFilesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	b := newBench(t, backAndForth, func(w *giteatest.World) giteatest.Repo { return w.Noticeboard })
	perKind := 8
	if n, err := strconv.Atoi(os.Getenv("AEGIS_FILES_PER_KIND")); err == nil {
		perKind = n
	}
	files, err := corpus.Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string][]corpus.File)
	for _, f := range files {
		if len(kinds[f.Kind]) < perKind && f.Text != "" {
			kinds[f.Kind] = append(kinds[f.Kind], f)
		}
	}
	b.ok("create_branch", `"branch":"agent/back"`)
	all, back := 0, 0
	for kind, files := range kinds {
		unchanged := b.writeBack(kind, files)
		t.Logf("%s: %d of %d files come back as they were", kind, unchanged, len(files))
		all, back = all+len(files), back+unchanged
	}
	if back*10 < all*9 {
		t.Errorf("something is cut from %d of %d files", all-back, all)
	}
}

// writeBack stores files, reads them and writes what it was shown beside them.
func (b *bench) writeBack(kind string, files []corpus.File) (unchanged int) {
	b.Helper()
	folder := strings.ReplaceAll(kind, " ", "-")
	const batch = 50
	for ; len(files) > 0; files = files[min(batch, len(files)):] {
		some := files[:min(batch, len(files))]
		var stored []map[string]any
		for i, f := range some {
			name := fmt.Sprintf("%s/%d-%d-%s", folder, len(files), i, path.Base(f.Name))
			stored = append(stored, map[string]any{"operation": "create", "path": name, "content": base64.StdEncoding.EncodeToString([]byte(f.Text))})
		}
		b.api("POST", "/contents", map[string]any{"branch": "agent/back", "message": "Store files", "files": stored})
		var back []map[string]any
		for i, f := range some {
			name := stored[i]["path"].(string)
			read := b.ok("get_file_contents", fmt.Sprintf(`"path":%q,"ref":"agent/back"`, name))
			if read.Fields["binary"] == true || read.Fields["truncated"] == true {
				b.Errorf("%s: %s", f.Name, read.Object)
				continue
			}
			shown := inside(read.Text)
			if shown != f.Text && shown == f.Text+"\n" {
				shown = f.Text // the envelope ends a last line that has no end
			}
			change := map[string]any{"operation": "create", "path": "back/" + name, "content": shown}
			if shown == f.Text {
				back = append(back, change)
				unchanged++
				continue
			}
			b.refusedWithAWayOn(f, change)
		}
		if len(back) > 0 {
			b.ok("commit_files", `"branch":"agent/back","message":"Write them back","files":`+asJSON(back))
		}
		for i, f := range some {
			name := stored[i]["path"].(string)
			if !slices.ContainsFunc(back, func(change map[string]any) bool { return change["path"] == "back/"+name }) {
				continue
			}
			var now struct{ Content []byte }
			if err := b.s.As(b.s.World.Keeper.Token).Into(b.Context(), "GET", "/repos/"+b.repo.FullName+"/contents/back/"+name+"?ref=agent%2Fback", nil, &now); err != nil || string(now.Content) != f.Text {
				b.Errorf("%s: is not what it was, %v", f.Name, err)
			}
		}
	}
	return unchanged
}

// refusedWithAWayOn tries to write back what was changed on its way out.
func (b *bench) refusedWithAWayOn(f corpus.File, change map[string]any) {
	b.Helper()
	a := b.ask("commit_files", `"branch":"agent/back","message":"Write it back","files":`+asJSON([]any{change}))
	refusal, _ := a.Fields["error"].(map[string]any)
	if hint, _ := refusal["hint"].(string); a.Code != "redaction_marker" && a.Code != "secret_in_arguments" || hint == "" {
		b.Errorf("%s: what was cut from it is written back: %.300s", f.Name, a.Object)
	}
}

// inside is the text in an envelope.
func inside(framed string) string {
	_, text, _ := strings.Cut(framed, "\n")
	return text[:strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")+1]
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
