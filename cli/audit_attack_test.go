package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forgedLog writes a log whose hashes are right, of entries that Aegis would not write: each
// is what follows the entry's number, without its hashes.
func forgedLog(t *testing.T, path string, entries ...string) string {
	t.Helper()
	var b strings.Builder
	prev := strings.Repeat("0", 64)
	for i, entry := range entries {
		body := fmt.Sprintf(`{"v":1,"seq":%d,"time":"2031-02-03T04:05:06.000000007Z",%s,"prev_hash":"%s"`, i+1, entry, prev)
		prev = fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
		b.WriteString(body + `,"entry_hash":"` + prev + "\"}\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// nothingObeyed fails if a terminal would obey or hide something of an output.
func nothingObeyed(t *testing.T, what, text string) {
	t.Helper()
	if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && concealed(r) }); at >= 0 {
		t.Errorf("%s: a terminal gets %q", what, text[at:min(len(text), at+40)])
	}
}

const misleading = "a\u05d0\u05d1 \u061c\u2800\ufe0f\u001b[2J\u009b31m\u200bz"

// What a log says of itself was written by whoever could write to it.
func TestNotesAndProblemsOfAForgedLog(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("\u001b", "\\u001b").Replace(misleading) // JSON does not hold it as it is
	for name, entries := range map[string][]string{
		"a restart":  {`"kind":"restart","session":"x","reason":"` + text + `","continues":"` + text + `"`},
		"a recovery": {`"kind":"recovery","session":"x","reason":"` + text + `"`},
		"a member":   {`"kind":"policy","session":"x"`, `"kind":"policy","session":"x","` + text + `":1`, `"kind":"policy","session":"x"`},
		"a name":     {`"kind":"policy","session":"x"`, `"kind":"rotate","session":"x","archived":"` + text + `"`, `"kind":"rotate","session":"x","continues":"` + text + `x"`},
	} {
		log := forgedLog(t, filepath.Join(t.TempDir(), "audit.jsonl"), entries...)
		for _, args := range [][]string{{"verify", log}, {"show", log}, {"show", "--entries", log}, {"stats", log}} {
			stdout, stderr, _ := auditRun(args...)
			nothingObeyed(t, name+", "+args[0], stdout+stderr)
		}
	}
}

// A machine's folder is called as somebody called it.
func TestAFleetWithHostileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	forgedLog(t, filepath.Join(dir, misleading, "audit.jsonl"), `"kind":"policy","session":"x"`)
	forgedLog(t, filepath.Join(dir, misleading+"2", "audit.jsonl"), `"kind":"policy","session":"x"`)
	forgedLog(t, filepath.Join(dir, "3", misleading+".jsonl"), `"kind":"policy","session":"x"`)
	forgedLog(t, filepath.Join(dir, "3", "b.jsonl"), `"kind":"policy","session":"x"`)
	for _, args := range [][]string{{"fleet", dir}, {"fleet", "--json", dir}, {"fleet", "--host", misleading + "3", dir}} {
		stdout, stderr, status := auditRun(args...)
		if status != 1 {
			t.Errorf("status %d", status)
		}
		nothingObeyed(t, strings.Join(args, " "), stdout+stderr)
		var all []map[string]any
		if args[1] == "--json" && (json.Unmarshal([]byte(stdout), &all) != nil || all[1]["name"] != misleading) {
			t.Errorf("%s", stdout)
		}
	}
}

// The log of this machine is no copy: that all beside it is gone is no news of a shipper.
func TestTheOwnLogWithoutWhatLiesBesideIt(t *testing.T) {
	t.Parallel()
	log := forgedLog(t, filepath.Join(t.TempDir(), "audit.jsonl"), `"kind":"policy","session":"x"`)
	verify := func(args ...string) (status int, said string) {
		var out bytes.Buffer
		status = run(context.Background(), environment{
			args: append([]string{"audit", "verify"}, args...),
			lookup: func(name string) (string, bool) {
				if name == "AUDIT_LOG_PATH" {
					return log, true
				}
				return "", false
			},
			stdout: &out, stderr: &out,
		})
		return status, out.String()
	}
	if status, said := verify(log); status != 0 { // named, it may be a copy
		t.Errorf("%d %s", status, said)
	}
	if status, said := verify(); status != 1 || !strings.Contains(said, "no head") {
		t.Errorf("%d %s", status, said)
	}
}
