package attack_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

func TestAFolderIsNoFileAndAFileNoFolder(t *testing.T) {
	t.Parallel()
	s := open(t)
	for tool, c := range map[string]struct{ path, hint string }{
		"get_file_contents": {"docs", "get_file_tree"}, "get_file_tree": {"README.md", "get_file_contents"},
	} {
		refusal := s.refused(gate.InvalidArguments, tool, in(serviceA, "path", c.path))
		if hint, _ := refusal["hint"].(string); !strings.Contains(hint, c.hint) {
			t.Errorf("%s: hint %q", tool, hint)
		}
	}
	// A folder with denied files is no way to their names.
	s.hides("id_rsa")
	s.refused(gate.InvalidArguments, "get_file_contents", in(serviceA, "path", "config"))
	s.refused(gate.NotFound, "get_file_contents", in(serviceA, "path", "docs/none"))
	s.refused(gate.NotFound, "get_file_contents", in(serviceA, "path", "README.md/x"))
	s.refused(gate.NotFound, "get_file_tree", in(serviceA, "path", "docs/none"))
}

func TestFilesOfAllKinds(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := s.world.Files
	for path, c := range map[string]struct {
		text   string // of the file, "" if none is answered
		lines  any
		fields args
	}{
		files.Readme:    {"# service-a\n\nA small service.\n", 3.0, args{"type": "file", "visibility": "private"}},
		files.Empty:     {"", 0.0, args{"type": "file", "size": 0.0}},
		files.NoNewline: {"one\ntwo\n", 2.0, args{"end_line": 2.0}},
		files.CRLF:      {"one\r\ntwo\r\n", 2.0, args{"end_line": 2.0}},
		files.Latin1:    {"café über\n", 1.0, args{"encoding": "windows-1252"}},
		files.UTF16:     {"hi\n", 1.0, args{"encoding": "utf-16le"}},
		files.Spaces:    {"spaces\n", 1.0, args{"path": files.Spaces}},
		files.Unicode:   {"unicode\n", 1.0, args{"path": files.Unicode}},
		files.Dashed:    {"dash\n", 1.0, nil},
		files.Percent:   {"percent\n", 1.0, args{"path": files.Percent}},
		files.Binary:    {"", nil, args{"binary": true, "type": "file"}},
		files.LFS:       {"", nil, args{"type": "file"}},
		files.Submodule: {"", nil, args{"type": "submodule", "sha": strings.Repeat("5ca1ab1e", 5)}},
	} {
		answer := s.shown("get_file_contents", in(serviceA, "path", path))
		text := ""
		if answer.Text != "" {
			text = strings.Join(body(t, answer), "")
		}
		if text != c.text || answer.Fields["lines"] != c.lines {
			t.Errorf("%s is %q, %v lines", path, text, answer.Fields["lines"])
		}
		for name, want := range c.fields {
			if got := answer.Fields[name]; got != want {
				t.Errorf("%s: %s is %v, not %v", path, name, got, want)
			}
		}
	}
	lfs := s.shown("get_file_contents", in(serviceA, "path", files.LFS))
	if pointer, _ := lfs.Fields["lfs"].(map[string]any); pointer["size"] != 1900.0 {
		t.Errorf("the pointer is %v", lfs.Fields["lfs"])
	}
	s.refused(gate.InvalidArguments, "get_file_contents", in(serviceA, "path", files.NFD))
	s.refused(gate.InvalidArguments, "get_file_contents", in(serviceA, "path", files.Readme, "start_line", 4))
	s.refused(gate.InvalidArguments, "get_file_contents", in(serviceA, "path", files.Readme, "start_line", 3, "end_line", 2))
	s.refused(gate.InvalidArguments, "get_file_contents", in(serviceA, "path", files.Readme, "start_line", -1))
}

// A key is a key in whatever letters it is written.
func TestI3_AKeyInAnotherEncoding(t *testing.T) {
	t.Parallel()
	server := giteatest.Start(t)
	key := "aws_access_key_id = " + server.World.Plant.AWS + "\n"
	wide := utf16.Encode([]rune("\ufeff" + key))
	little, big := make([]byte, 0, 2*len(wide)), make([]byte, 0, 2*len(wide))
	for _, u := range wide {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	for name, c := range map[string]struct {
		content []byte
		text    bool // or binary
	}{
		"UTF-16LE": {little, true}, "UTF-16BE": {big, true}, "UTF-8 with a mark": {[]byte("\ufeff" + key), true},
		"UTF-16 without a mark": {little[2:], false}, "Latin-1": {append([]byte("# caf\xe9 "), key...), true},
		"with a NUL": {append([]byte("\x00"), key...), false}, "broken UTF-16": {append(little, 0xd8), false},
		"split by soft hyphens": {[]byte(strings.Join(strings.Split(key, ""), "\u00ad")), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(s *scene, c2 *gatetest.Config) {
				before(rewriting(s.server, nil, func(r *http.Request, _ http.Header, answer []byte) []byte {
					return withContent(t, r, answer, c.content)
				}))(s, c2)
			})
			answer := s.shown("get_file_contents", in(serviceA, "path", "README.md"))
			if c.text != (answer.Text != "") || c.text && !strings.Contains(answer.Text, "[redacted:") {
				t.Errorf("answered as %s", answer.All)
			}
		})
	}
}

// withContent puts content into the answer to a request for a file.
func withContent(t *testing.T, r *http.Request, answer, content []byte) []byte {
	if !strings.Contains(r.URL.Path, "/contents/") {
		return answer
	}
	var file map[string]any
	if err := json.Unmarshal(answer, &file); err != nil {
		t.Error(err)
	}
	file["content"], file["size"] = base64.StdEncoding.EncodeToString(content), len(content)
	changed, err := json.Marshal(file)
	if err != nil {
		t.Error(err)
	}
	return changed
}

func TestAFileThatGiteaDoesNotGiveOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	if answer := s.raw("/repos/acme/bigfile/contents/big.txt"); len(answer.Body) > 4<<10 {
		t.Errorf("Gitea answers %d bytes", len(answer.Body))
	}
	s.refused(gate.TooLarge, "get_file_contents", in("acme/bigfile", "path", "big.txt"))
	s.refused(gate.TooLarge, "get_file_contents", in("acme/bigfile", "path", "big.txt", "start_line", 1, "end_line", 2))
}

// A long file is had in pieces that fit together.
func TestI10_ALongFileInPieces(t *testing.T) {
	t.Parallel()
	s := open(t, under(guarded+"limits: {bytes_per_answer: 2000000}\n"))
	var file struct {
		Content []byte `json:"content"`
	}
	if err := json.Unmarshal(s.raw(apiA+"/contents/src/large.go").Body, &file); err != nil || len(file.Content) != giteatest.LargeSize {
		t.Fatal(err, len(file.Content))
	}
	want := strings.SplitAfter(string(file.Content), "\n")
	var got []string
	for next := 1; ; {
		answer := s.shown("get_file_contents", in(serviceA, "path", s.world.Files.Large, "start_line", next))
		if len(answer.All) > 2_000_000 {
			t.Errorf("an answer has %d bytes", len(answer.All))
		}
		lines := body(t, answer)
		if answer.Fields["start_line"] != float64(next) || answer.Fields["end_line"] != float64(next+len(lines)-1) {
			t.Fatalf("from line %d: %s", next, answer.Object)
		}
		got = append(got, lines...)
		more, ok := answer.Fields["next_start_line"].(float64)
		if truncated, _ := answer.Fields["truncated"].(bool); truncated != ok {
			t.Errorf("truncated %t, next %v", truncated, more)
		}
		if !ok {
			break
		}
		next = int(more)
	}
	// The envelope ends the last line where the file does not.
	if strings.TrimSuffix(strings.Join(got, ""), "\n") != strings.TrimSuffix(strings.Join(want, ""), "\n") {
		t.Errorf("the pieces have %d lines, the file %d", len(got), len(want))
	}
}

func TestI10_ALongIssue(t *testing.T) {
	t.Parallel()
	s := open(t)
	answer := s.shown("get_issue", in(serviceA, "number", s.world.Issues.Long))
	hint, _ := answer.Fields["hint"].(string)
	if len(answer.All) > 64<<10 || len(answer.All) < 60<<10 || answer.Fields["truncated"] != true || !strings.Contains(hint, "html_url") {
		t.Errorf("%d bytes, truncated %v, hint %q", len(answer.All), answer.Fields["truncated"], hint)
	}
}

// A text that is no secret can be one where it is cut: a rule that wants an end
// behind the key finds it there.
func TestI3_ACutMakesNoSecret(t *testing.T) {
	t.Parallel()
	server := giteatest.Start(t)
	key := server.World.Plant.AWS
	for shift := range 40 {
		long := strings.Repeat("-", shift) + strings.Repeat(" "+key+key[4:16], 2400)
		s := open(t, func(s *scene, c *gatetest.Config) {
			before(rewriting(s.server, nil, func(r *http.Request, _ http.Header, answer []byte) []byte {
				if !strings.Contains(r.URL.Path, "/issues/") {
					return answer
				}
				var issue map[string]any
				if err := json.Unmarshal(answer, &issue); err != nil {
					t.Error(err)
				}
				issue["body"] = long
				changed, _ := json.Marshal(issue)
				return changed
			}))(s, c)
		})
		answer := s.Door.Ask("get_issue", in(serviceA, "number", s.world.Issues.Plain))
		text, _ := answer.Fields["body"].(string)
		if strings.HasSuffix(text, " "+key) {
			t.Fatalf("the cut left a key at the end: …%s", text[len(text)-60:])
		}
	}
}
