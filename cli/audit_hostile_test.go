package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aegis/audit"
)

// auditRun runs a command about a log in this process.
func auditRun(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = run(context.Background(), environment{
		args:   append([]string{"audit"}, args...),
		lookup: func(string) (string, bool) { return "", false },
		stdout: &out, stderr: &errs,
	})
	return out.String(), errs.String(), status
}

// Whatever each member of an entry says, a reader sees it and nothing obeys it, however the
// log is read.
func TestNoMemberOfAnEntryIsObeyed(t *testing.T) {
	t.Parallel()
	log := logOf(t, audit.Options{Now: from2031(time.Second)}, hostileEntries(hostile)...)
	for name, args := range map[string][]string{
		"calls": {"show"}, "entries": {"show", "--entries"}, "numbers": {"stats"}, "numbers for machines": {"stats", "--json"}, "page": {"report", "--html", "-"},
	} {
		stdout, stderr, status := auditRun(append(args, log)...)
		if status != 0 || stderr != "" || !utf8.ValidString(stdout) || !strings.Contains(stdout, `gnp.exe`) {
			t.Errorf("%s: status %d: %s %.300s", name, status, stderr, stdout)
		}
		if at := strings.IndexFunc(stdout, func(r rune) bool { return r != '\n' && concealed(r) }); at >= 0 {
			t.Errorf("%s: conceals %q", name, stdout[at:min(len(stdout), at+30)])
		}
		if name == "numbers for machines" && !json.Valid([]byte(stdout)) {
			t.Errorf("is no JSON: %s", stdout)
		}
	}
	var out bytes.Buffer
	p := newCallPrinter(&out, nil, 50, false)
	p.layout.width = 100
	if _, err := audit.Show(t.Context(), log, audit.Query{}, p.entry); err != nil {
		t.Fatal(err)
	}
	if err := p.finish(); err != nil || strings.ContainsFunc(strings.ReplaceAll(out.String(), "\n", ""), concealed) {
		t.Errorf("a terminal gets %q, %v", out.String(), err)
	}
	for line := range strings.Lines(out.String()) {
		if cellWidth(line) > 101 {
			t.Errorf("%d columns: %s", cellWidth(line), line)
		}
	}
}

// A report never takes the place of the log, or of what belongs to it.
func TestAReportSparesTheLog(t *testing.T) {
	t.Parallel()
	log := logOf(t, audit.Options{}, aCall(1, "c")...)
	link := filepath.Join(t.TempDir(), "link.html")
	if err := os.Symlink(log, link); err != nil {
		t.Skip("there are no links here")
	}
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Symlink(filepath.Dir(log), folder); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{log, link, log + ".head", log + ".000000000001", filepath.Join(folder, "audit.jsonl.key"), filepath.Join(filepath.Dir(log), ".", "audit.jsonl.gz")} {
		if _, stderr, status := auditRun("report", log, "--html", file); status != exitUsage || !strings.Contains(stderr, "belongs to the log") {
			t.Errorf("%s: status %d: %s", file, status, stderr)
		}
	}
	if after, err := os.ReadFile(log); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v: %s", err, after)
	}
	if r, err := audit.Verify(t.Context(), log); err != nil || r.Problem != nil {
		t.Errorf("%v %v", r.Problem, err)
	}
}

// hostileEntries are entries of each kind that a caller can cause, with a text in each
// member that holds one.
func hostileEntries(text string) (all []audit.Entry) {
	for _, kind := range []audit.Kind{audit.KindSessionStart, audit.KindDecision, audit.KindOutcome, audit.KindPolicy, audit.KindAuthFailure, audit.KindSessionEnd} {
		e := audit.Entry{}
		fillIn(reflect.ValueOf(&e).Elem(), text)
		e.Kind, e.Request, e.Written = kind, nil, 2
		if e.Stage, e.Decision = "", ""; kind == audit.KindDecision {
			e.Stage, e.Decision = audit.StageStatic, audit.Deny
		}
		all = append(all, e)
	}
	return all
}

// fillIn puts a text wherever there is one.
func fillIn(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillIn(v.Field(i), text)
			}
		}
	case reflect.String:
		v.SetString(text)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.ValueOf([]string{text, text}).Convert(v.Type()))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]int{text: 1}))
	}
}
