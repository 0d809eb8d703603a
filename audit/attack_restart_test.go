package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What lies where a restart that was interrupted would lie is gone on with only if it says
// what is so. Else the restart is the operator's own, with their reason.
func TestAForgedRestartIsNotFinished(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(e *Entry, s scattered){
		"it sets aside elsewhere": func(e *Entry, s scattered) {
			mkdir(t, filepath.Join(filepath.Dir(s.path), "..", "elsewhere"))
			e.continues = "../elsewhere/audit.jsonl"
		},
		"it names another folder": func(e *Entry, s scattered) {
			mkdir(t, s.path+".broken-000000000001")
			e.continues = "audit.jsonl.broken-000000000001/audit.jsonl"
		},
		"what it set aside is something else": func(e *Entry, s scattered) {
			write(t, filepath.Join(s.path+".broken-000000000061", "audit.jsonl"), []byte("something else\n"))
			e.fragment = &fragmentSummary{7, strings.Repeat("a", 64)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScattered(t)
			head, err := readHead(s.path + ".head")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(s.path+".broken-000000000061", 0o700); err != nil {
				t.Fatal(err)
			}
			e := Entry{Kind: KindRestart, Session: "x", Reason: "all is well", continues: "audit.jsonl.broken-000000000061/audit.jsonl", keptFrom: head.seq + 1}
			forge(&e, s)
			line, _, err := appendLine(nil, &e, head.seq+1, time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC), head.hash)
			if err != nil {
				t.Fatal(err)
			}
			write(t, s.path+".next", line)
			remove("")(t, s.path)
			l := small(t, s.path, Options{MaxSize: -1})
			_, err = l.Restart(ctx, Entry{Session: "by hand"}, "the log was taken away")
			said := ""
			if err == nil {
				said = strings.Join(good(t, s.path).Notes, "\n")
			}
			if strings.Contains(said, "deleted for their age") || strings.Contains(said, "all is well") || !strings.Contains(said, "the log was taken away") {
				t.Errorf("%v %q", err, said)
			}
			if len(archived(t, s.path)) != 4 {
				t.Error("rotated files were moved")
			}
		})
	}
}
