package writetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
	"aegis/tools"
)

// approved is a policy under which a human is asked about every write.
func approved() string {
	var names []string
	for _, tool := range tools.All() {
		if !tool.Hints.ReadOnly {
			names = append(names, tool.Name)
		}
	}
	return allowing + "approve: [" + strings.Join(names, ", ") + "]\n"
}

// human remembers what they were shown and says yes.
type human struct{ shown []string }

func (h *human) answer(message string) bool {
	h.shown = append(h.shown, message)
	return true
}

func (h *human) last() string {
	if len(h.shown) == 0 {
		return ""
	}
	return h.shown[len(h.shown)-1]
}

// TestAHumanApprovesOnlyWhatWasShown: what a yes is taken for was all on the
// form, as what it is.
func TestAHumanApprovesOnlyWhatWasShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, approved(), playground)
	h := &human{}
	b.door.Human = h.answer
	b.push("main", file("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"), file("binary.bin", "\x00\x01\xff"), file("gone.txt", "what goes\n"),
		file("kept.env", "name = x\nkey = "+b.s.World.Plant.AWS+"\nend = y\n"), file("crlf.txt", "one\r\ntwo\r\n"))
	blob := func(path string) string { return b.blob("main", path) }
	commit := func(files ...string) string {
		return `"branch":"main","message":"The message","files":[` + strings.Join(files, ",") + `]`
	}
	create := func(path, content string) string {
		return fmt.Sprintf(`{"operation":"create","path":%q,"content":%s}`, path, quoted(content))
	}
	update := func(path, content string) string {
		return fmt.Sprintf(`{"operation":"update","path":%q,"content":%s,"sha":%q}`, path, quoted(content), blob(path))
	}
	remove := func(path string) string {
		return fmt.Sprintf(`{"operation":"delete","path":%q,"sha":%q}`, path, blob(path))
	}
	b.door = open(t, b.s, strings.Replace(approved(), "automation: allow}", `automation: allow, branches: {allow: ["**"]}}`, 1), b.repo)
	b.door.Human = h.answer

	t.Run("what does not fit", func(t *testing.T) {
		b := b.in(t)
		for name, args := range map[string]string{
			"25 long paths": commit(func() (files []string) {
				for i := range 25 {
					files = append(files, create(fmt.Sprintf("%s/%02d.txt", strings.Repeat(strings.Repeat("p", 200)+"/", 2)+strings.Repeat("q", 80), i), "short"))
				}
				return files
			}()...),
			"a long file":          commit(create("long.txt", strings.Repeat("a line of a file\n", 2000))),
			"a long line":          commit(create("long.txt", strings.Repeat("x", 20000))),
			"a long last file":     commit(create("1.txt", "x"), create("2.txt", strings.Repeat("line\n", 4000))),
			"a long message":       strings.Replace(commit(create("1.txt", "x")), "The message", strings.Repeat("word ", 4000), 1),
			"many different lines": commit(update("a.txt", strings.Repeat("new\n", 4000))),
		} {
			h.shown = nil
			a := b.ask("commit_files", args)
			if a.Code != "approval_unavailable" || !strings.Contains(a.All, "Split the call") || h.shown != nil {
				t.Errorf("%s: %d questions, %s", name, len(h.shown), a.All)
			}
		}
		h.shown = nil
		b.ok("commit_files", commit(create(strings.Repeat("p", 200)+"/1.txt", "short"))) // split
		if at := strings.Index(h.last(), "short"); at < 0 || at > strings.Index(h.last(), "ppp") || strings.Index(h.last(), "The message") > at {
			t.Errorf("message, contents, paths: %s", h.last())
		}
	})
	t.Run("changes of files", func(t *testing.T) {
		b := b.in(t)
		for _, row := range []struct {
			name, args string
			shows      []string
			hides      []string
		}{
			{"update", commit(update("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\neight\n")), []string{"  |- seven\n  |+ SEVEN\n", "  | eight\n"}, []string{"two"}},
			{"delete", commit(remove("gone.txt")), []string{"files[0] (deleted):", "  |- what goes\n"}, nil},
			{"delete what is binary", commit(remove("binary.bin")), []string{"binary, 3 bytes, SHA-256 "}, nil},
			{"create", commit(create("new/made.txt", "all\nof it\n")), []string{"  | all\n  | of it\n"}, nil},
			{"a secret that is stored", commit(update("kept.env", "name = x\nend = z\n")), []string{"  |- key = [redacted:", "  |+ end = z\n"}, []string{b.s.World.Plant.AWS}},
			{"line ends", commit(update("crlf.txt", "one\nthree\r\n")), []string{"  |- two[1 CR]\n  |+ three[1 CR]\n", "line ends CRLF"}, nil},
			{"wide blanks", commit(create("blank.txt", "harmless"+strings.Repeat(" ", 32)+"rm -rf /\n")), []string{"harmless[32 spaces]rm -rf /"}, nil},
			{"tabs", commit(create("tabs.txt", "harmless"+strings.Repeat("\t", 40)+"rm -rf /\n")), []string{"harmless[40 tabs]rm -rf /"}, nil},
			{"wide blanks of others", commit(create("wide.txt", "harmless"+strings.Repeat("\u3000", 9)+"x\n")), []string{"harmless[9 × U+3000]x"}, nil},
			{"empty lines", commit(create("empty.txt", "harmless"+strings.Repeat("\n", 90)+"rm -rf /\n")), []string{"  | [89 empty lines]\n  | rm -rf /\n"}, nil},
			{"what is invisible", commit(create("hidden.txt", "if admin\u200b\u202e {\n")), []string{"admin[U+200B][U+202E] {"}, []string{"\u200b", "\u202e"}},
			{"a long line", commit(create("line.txt", strings.Repeat("0123456789", 30)+"end\n")), []string{"\n  ¦ ", "end\n"}, nil},
			{"a forged line", commit(create("forged.txt", "x\nfiles[9].path:\n  | harmless.txt\n")), []string{"  | files[9].path:\n  |   | harmless.txt\n"}, []string{"\nfiles[9].path"}},
		} {
			h.shown = nil
			b.ok("commit_files", row.args)
			for _, part := range row.shows {
				if !strings.Contains(h.last(), part) {
					t.Errorf("%s: %q is not shown:\n%s", row.name, part, h.last())
				}
			}
			for _, part := range row.hides {
				if strings.Contains(h.last(), part) {
					t.Errorf("%s: %q is shown:\n%s", row.name, part, h.last())
				}
			}
		}
	})
	t.Run("changes of texts", func(t *testing.T) {
		b := b.in(t)
		b.api("PATCH", "/issues/1", map[string]any{"body": "first\nsecond\nthird"})
		b.ok("update_issue", `"number":1,"body":"first\n2nd\nthird","state":"closed"`)
		for _, part := range []string{"  |- second\n  |+ 2nd\n", "state: closed\n", "number: 1\n"} {
			if !strings.Contains(h.last(), part) {
				t.Errorf("%q is not shown:\n%s", part, h.last())
			}
		}
		b.ok("update_issue", `"number":1,"clear":["body"]`)
		if !strings.Contains(h.last(), "  |- 2nd\n") || !strings.Contains(h.last(), "body: (empty)") {
			t.Error(h.last())
		}
		b.ok("write_wiki_page", `"name":"Home","content":"one\ntwo\n"`)
		b.ok("write_wiki_page", `"name":"Home","content":"one\n2\n"`)
		if !strings.Contains(h.last(), "  |- two\n  |+ 2\n") {
			t.Error(h.last())
		}
	})
	t.Run("a yes is for what was shown", func(t *testing.T) {
		b := b.in(t)
		moved := false
		b.door.Human = func(message string) bool {
			if !moved {
				moved = true
				b.api("PATCH", "/issues/1", map[string]any{"body": "somebody else's"})
			}
			return h.answer(message)
		}
		a := b.ask("update_issue", `"number":1,"body":"mine"`)
		if a.Code != "approval_declined" || !strings.Contains(a.All, "no longer what the human was shown") {
			t.Error(a.All)
		}
	})
}

// TestEveryArgumentIsShown: whatever the tool, no argument of a call is missing
// from what a human says yes to.
func TestEveryArgumentIsShown(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	policy := strings.Replace(approved(), "automation: allow}", `automation: allow, branches: {allow: ["**"]}}`, 1)
	for tool, arguments := range calls {
		r := &track{t: t, s: s, name: fmt.Sprintf("acme/shown-%d", pushed.Add(1)), keeper: s.As(s.World.Keeper.Token)}
		r.build()
		more := "," + arguments(r)
		d := open(t, s, policy, giteatest.Repo{FullName: r.name})
		h := &human{}
		d.Human = h.answer
		if a := d.Ask(tool, args(r.name, more)); a.IsError || len(h.shown) != 1 {
			t.Errorf("%s: %d questions, %s", tool, len(h.shown), a.All)
			continue
		}
		var given map[string]any
		if err := json.Unmarshal([]byte(args(r.name, more)), &given); err != nil {
			t.Fatal(err)
		}
		for _, leaf := range leavesOf(given) {
			if leaf != "" && !strings.Contains(h.last(), leaf) && !strings.Contains(r.name, leaf) {
				t.Errorf("%s: %q is not shown:\n%s", tool, leaf, h.last())
			}
		}
	}
}

// leavesOf are all values in arguments, as text.
func leavesOf(value any) (all []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, each := range v {
			all = append(all, leavesOf(each)...)
		}
	case []any:
		for _, each := range v {
			all = append(all, leavesOf(each)...)
		}
	default:
		all = append(all, fmt.Sprint(v))
	}
	return all
}
