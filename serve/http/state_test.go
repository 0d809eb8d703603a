package http

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// While what a caller was shown can't be kept, nothing that marks is shown and nothing is
// written; what marks nothing goes on. It goes on by itself once it can.
func TestAStateThatCantBeKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := filepath.Join(folder, "state", "state.db")
	if err := os.MkdirAll(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	s, posts := writing(t, stage{folder: folder})
	session := s.enter(keyOf("alice"), eras[0], nil)
	public := map[string]any{"owner": "acme", "repo": "website", "path": "README.md"}
	for _, row := range []struct {
		tool string
		args map[string]any
		code string
	}{{"get_file_contents", private, "state_unavailable"}, {"create_comment", comment, "state_unavailable"}, {"get_me", nil, ""}} {
		if a := s.ask(session, row.tool, row.args); a.code != row.code {
			t.Errorf("%s: %s", row.tool, a.text)
		}
	}
	if a := s.once(keyOf("bob"), eras[1], "get_file_contents", public); a.code != "" {
		t.Errorf("what is public: %s", a.text)
	}
	if posts.Load() != 0 {
		t.Error("written")
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // it is tried again each second
	if a := s.ask(session, "get_file_contents", private); a.code != "" {
		t.Errorf("once it can: %s", a.text)
	}
	if a := s.ask(session, "create_comment", comment); a.code != "flow_denied" {
		t.Errorf("what was asked for and not shown marks as well: %s", a.text)
	}
	for _, entry := range s.entries() {
		if entry["tool"] == "get_file_contents" && entry["kind"] == "outcome" && entry["code"] == "state_unavailable" {
			return
		}
	}
	t.Error("the log does not tell of it")
}

// Nothing is written from when the state can't be, though nothing new is to be kept.
func TestAStateThatIsLostMeanwhile(t *testing.T) {
	t.Parallel()
	s, posts := writing(t, stage{})
	session := s.enter(keyOf("alice"), eras[0], nil)
	if a := s.ask(session, "create_comment", comment); a.code != "" {
		t.Fatal(a.text)
	}
	written := posts.Load()
	name := filepath.Join(s.folder, "state", "state.db")
	if err := os.Rename(name, name+".aside"); err != nil {
		t.Skip(err) // an open file stays where it is on some systems
	}
	if a := s.ask(session, "create_comment", comment); a.code != "state_unavailable" || posts.Load() != written {
		t.Errorf("%d written: %s", posts.Load()-written, a.text)
	}
	if err := os.Rename(name+".aside", name); err != nil {
		t.Fatal(err)
	}
	if a := s.ask(session, "create_comment", comment); a.code != "" {
		t.Errorf("once it is back: %s", a.text)
	}
}
