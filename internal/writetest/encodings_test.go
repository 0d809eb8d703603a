package writetest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"aegis/forge"
	"aegis/internal/giteatest"
)

// inUTF16 is a text with a mark, and big-endian if so.
func inUTF16(text string, big bool) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if big {
			b.Write([]byte{byte(unit >> 8), byte(unit)})
		} else {
			b.Write([]byte{byte(unit), byte(unit >> 8)})
		}
	}
	return b.String()
}

// encodings are files that were pushed with git, and what comes of writing to them.
var encodings = []struct {
	name, stored string
	encoding     string // as reading says it, "" for plain UTF-8
	guessed      bool
	mark         bool
	given, want  string // written, and stored then; want "" is refused
	says         string // the refusal
}{
	{"plain.txt", "eins\nzwei ä\n", "", false, false, "eins\ndrei €\n", "eins\ndrei €\n", ""},
	{"bom.cs", "\ufeffusing A;\r\nusing B;\r\n", "utf-8", false, true, "using A;\nusing C;\n", "\ufeffusing A;\r\nusing C;\r\n", ""},
	{"bom-given.cs", "\ufeffa\n", "utf-8", false, true, "\ufeffb\n", "\ufeffb\n", ""},
	{"le.reg", inUTF16("[key]\r\n\"a\"=\"ä\"\r\n", false), "utf-16le", false, true, "[key]\n\"a\"=\"→😀\"\n", inUTF16("[key]\r\n\"a\"=\"→😀\"\r\n", false), ""},
	{"be.txt", inUTF16("eins\nzwei\n", true), "utf-16be", false, true, "eins\n", inUTF16("eins\n", true), ""},
	{"latin1.tex", "gr\xfc\xdfe\naus K\xf6ln\n", "windows-1252", true, false, "grüße\naus München\n", "gr\xfc\xdfe\naus M\xfcnchen\n", ""},
	{"latin1-none-left.tex", "gr\xfc\xdfe\n", "windows-1252", true, false, "hello\n", "hello\n", ""},
	{"latin1-lacks.tex", "gr\xfc\xdfe\n", "windows-1252", true, false, "grüße →\n", "", "U+2192, as is on line 1"},
	{"latin1-other.tex", "\xe9\n", "windows-1252", true, false, "x Ã¤\n", "", "would be read as another text"},
	{"euro.txt", "5 \x80\r\n", "windows-1252", true, false, "6 €\n", "6 \x80\r\n", ""},
	{"koi8-like.txt", "\xf0\xd2\xc9\xd7\xc5\xd4\n", "windows-1252", true, false, "ðÒÉ×ÅÔ!\n", "\xf0\xd2\xc9\xd7\xc5\xd4!\n", ""},
	{"crlf.bat", "a\r\nb\r\n", "", false, false, "a\nc\n", "a\r\nc\r\n", ""},
	{"crlf-given.bat", "a\r\nb\r\n", "", false, false, "a\r\nc\nd\n", "a\r\nc\r\nd\r\n", ""},
	{"lf.sh", "a\nb\n", "", false, false, "a\r\nc\r\n", "a\nc\n", ""},
	{"mixed.txt", "a\r\nb\nc\r\nd\n", "", false, false, "a\nb\nnew\nc\nd\n", "a\r\nb\nnew\nc\r\nd\n", ""},
	{"no-end.txt", "a\nb", "", false, false, "a\nc\n", "a\nc", ""},
	{"no-end-crlf.txt", "a\r\nb", "", false, false, "a\nc\n", "a\r\nc", ""},
	{"end.txt", "a\nb\n", "", false, false, "a\nc", "a\nc\n", ""},
	{"end-only.txt", "a\nb", "", false, false, "a\nb\n", "", "has the content that is given already"},
	{"one-line.txt", "a", "", false, false, "b\n", "b", ""},
	{"empty.txt", "", "", false, false, "a\n", "a\n", ""},
	{"to-empty.txt", "a\n", "", false, false, "", "", ""},
	{"cr.txt", "a\rb\r", "", false, false, "a\nc\n", "", "carriage returns alone"},
}

// binaries are no text in any encoding that is known.
var binaries = map[string]string{
	"null.bin": "a\x00b", "png.png": "\x89PNG\r\n\x1a\n\x00\x00", "undefined.dat": "a\x81b\x8d", "control.dat": "\xe4\x01\x02",
	"le-no-mark.txt": inUTF16("plain", false)[2:], "odd.txt": inUTF16("x", false) + "y", "half.txt": "\xff\xfe\x00\xd8a\x00",
	"utf32.txt": "\xff\xfe\x00\x00a\x00\x00\x00",
}

// TestEncodings_FilesSurvive: what is no plain UTF-8 is read as what it is, and written
// back in the form that it has, or not at all.
func TestEncodings_FilesSurvive(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	files := []giteatest.File{{Path: "run.sh", Content: "#!/bin/sh\necho ä\n", Executable: true}, {Path: "run.cmd", Content: "\ufeffa\r\n", Executable: true}}
	for _, e := range encodings {
		files = append(files, giteatest.File{Path: e.name, Content: e.stored})
	}
	for name, content := range binaries {
		files = append(files, giteatest.File{Path: name, Content: content})
	}
	if _, err := b.s.Push(b.Context(), b.s.World.Keeper, b.repo.FullName, "agent/enc", files...); err != nil {
		t.Fatal(err)
	}
	stored := func(name string) string {
		b.Helper()
		raw, err := base64.StdEncoding.DecodeString(fmt.Sprint(b.api("GET", "/contents/"+name+"?ref=agent/enc", nil)["content"]))
		if err != nil {
			b.Fatal(err)
		}
		return string(raw)
	}
	update := func(name, content, given, more string) string {
		return fmt.Sprintf(`"branch":"agent/enc","message":"m","files":[{"operation":"update","path":%q,"sha":%q,"content":%s}]%s`,
			name, forge.BlobID([]byte(content)), quoted(given), more)
	}
	for _, e := range encodings {
		t.Run(e.name, func(t *testing.T) {
			b := b.in(t)
			read := b.ok("get_file_contents", `"ref":"agent/enc","path":`+quoted(e.name))
			has := func(member string) bool { return read.Fields[member] == true }
			if encoding, _ := read.Fields["encoding"].(string); encoding != e.encoding || has("encoding_guessed") != e.guessed || has("byte_order_mark") != e.mark || has("binary") {
				t.Errorf("read as %s", read.Object)
			}
			call := update(e.name, e.stored, e.given, "")
			if e.says != "" {
				b.refused("conflict", e.says, "commit_files", call)
				if got := stored(e.name); got != e.stored {
					t.Errorf("it became %q", got)
				}
				return
			}
			dry := b.ok("commit_files", update(e.name, e.stored, e.given, `,"dry_run":true`))
			a := b.ok("commit_files", call)
			if got := stored(e.name); got != e.want || a.Fields["note"] != nil {
				t.Errorf("it became %q, not %q: %s", got, e.want, a.Object)
			}
			if kept := a.Fields["kept"] != nil; e.want != e.given && !kept || kept != strings.Contains(string(dry.Object), `"kept"`) {
				t.Errorf("it says %s and %s", a.Object, dry.Object)
			}
		})
	}
	for name, content := range binaries {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			if read := b.ok("get_file_contents", `"ref":"agent/enc","path":`+quoted(name)); read.Fields["binary"] != true || read.Text != "" {
				t.Errorf("read as %s", read.Object)
			}
			b.refused("conflict", "replace_binary: true", "commit_files", update(name, content, "text\n", ""))
			b.refused("conflict", "replace_binary: true", "commit_files", update(name, content, "text\n", `,"dry_run":true`))
			if got := stored(name); got != content {
				t.Errorf("it became %q", got)
			}
			b.ok("commit_files", update(name, content, "text\n", `,"replace_binary":true`))
			if got := stored(name); got != "text\n" {
				t.Errorf("it became %q", got)
			}
		})
	}
	t.Run("the executable bit stays", func(t *testing.T) {
		b := b.in(t)
		for i, name := range []string{"run.sh", "run.cmd"} {
			b.ok("commit_files", update(name, files[i].Content, "changed\n", ""))
		}
		tree, _ := b.api("GET", "/git/trees/agent%2Fenc?per_page=1000", nil)["tree"].([]any)
		found := 0
		for _, each := range tree {
			entry, _ := each.(map[string]any)
			if name := fmt.Sprint(entry["path"]); strings.HasPrefix(name, "run.") {
				if found++; entry["mode"] != "100755" {
					t.Errorf("%v", entry)
				}
			}
		}
		if found != 2 {
			t.Errorf("%d files", found)
		}
	})
	t.Run("what is searched is counted", func(t *testing.T) {
		a := b.in(t).ok("search_code", `"query":"nothing has this","ref":"agent/enc"`)
		if skipped, _ := a.Fields["files_skipped"].(map[string]any); len(skipped) != 0 {
			t.Errorf("%s", a.Object) // all were replaced by text
		}
	})
}

// TestEncodings_WikiPages: a page that was pushed in another encoding keeps it.
func TestEncodings_WikiPages(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	b.api("POST", "/wiki/new", map[string]any{"title": "Home", "content_base64": inBase64("home")})
	pages := []struct{ name, stored, given, want string }{
		{"Mark", "\ufeffa\r\nb\r\n", "a\nc\n", "\ufeffa\r\nc\r\n"},
		{"Wide", inUTF16("a\nb", false), "a\nc\n", inUTF16("a\nc", false)},
		{"Latin", "\xe4\n", "ö\n", "\xf6\n"},
		{"Binary", "\x00\x01", "text", ""},
		{"Lacks", "\xe4\n", "→\n", ""},
	}
	for _, p := range pages {
		b.api("POST", "/wiki/new", map[string]any{"title": p.name, "content_base64": inBase64(p.stored)})
	}
	for _, p := range pages {
		if p.want == "" {
			b.refused("conflict", "Nothing was written", "write_wiki_page", `"name":`+quoted(p.name)+`,"content":`+quoted(p.given))
			p.want = p.stored
		} else if a := b.ok("write_wiki_page", `"name":`+quoted(p.name)+`,"content":`+quoted(p.given)); a.Fields["note"] != nil || a.Fields["kept"] == nil {
			t.Errorf("%s: %s", p.name, a.Object)
		}
		raw, err := base64.StdEncoding.DecodeString(fmt.Sprint(b.api("GET", "/wiki/page/"+p.name, nil)["content_base64"]))
		if err != nil || string(raw) != p.want {
			t.Errorf("%s became %q", p.name, raw)
		}
	}
}
