package audit

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// forgeOnward changes the lines of a file that follows another, and recomputes its hashes
// and the head.
func forgeOnward(change func([]string) []string) func(testing.TB, string) {
	return func(t testing.TB, path string) {
		edit(func(lines []string) []string {
			first := lines[0][strings.Index(lines[0], prevMember)+len(prevMember):][:hashDigits]
			prev := hexHash([]byte(first))
			for i, line := range change(lines) {
				body := line[:strings.Index(line, prevMember)] + prevMember + string(prev[:]) + `"`
				prev = hashOf([]byte(body))
				lines[i] = body + hashMember + string(prev[:]) + `"}`
			}
			return lines
		})(t, path)
		log := read(t, path)
		var l line
		if reason := l.parse(log[bytes.LastIndexByte(log[:len(log)-1], '\n')+1 : len(log)-1]); reason != "" {
			t.Fatal(reason)
		}
		write(t, path+".head", encodeHead(position{l.seq, hexHash(l.hash), int64(len(log))}))
	}
}

// A key speaks for the machine that it is of. Another one's, known as well, does not.
func TestAnotherMachinesKeySignsNothingOfThisOne(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	skey, vkey, err := note.GenerateKey(rand.Reader, "other/audit-1")
	if err != nil {
		t.Fatal(err)
	}
	other, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	mine := s.checkpoint[0]
	text := fmt.Sprintf("%s\n%d\n%s\n2031-02-03T04:05:06Z\n", mine.Origin, mine.Seq, strings.Split(mine.Note, "\n")[2])
	signed, err := note.Sign(&note.Note{Text: text}, other)
	if err != nil {
		t.Fatal(err)
	}
	body, signature, _ := strings.Cut(string(signed), "\n\n")
	its := mine.Note[strings.Index(mine.Note, "\n\n")+2:]
	forged := body + "\n\n" + strings.Replace(its, "+", "-", 1)[:0] + "— " + mine.Origin + " AAAAAAAA\n" + signature
	for name, one := range map[string]string{"with a signature of that name": forged, "with its own alone": string(signed)} {
		if _, err := ParseCheckpoints(one, "notes", append(s.keys, vkey)); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	// The same key twice is no doubt, and a witness may sign as well.
	if _, err := ParseCheckpoints(mine.Note, "notes", append(s.keys, s.keys...)); err != nil {
		t.Error(err)
	}
	if _, err := ParseCheckpoints(mine.Note+signature, "notes", s.keys); err != nil {
		t.Error(err)
	}
}

// What verify finds in a checkpoint that is in the log, whoever shows the log finds, too.
func TestAForgedCheckpointIsShownAsOne(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	forgeOnward(func(lines []string) []string {
		for i, line := range lines {
			if at := strings.Index(line, `"checkpoint":"`); at > 0 {
				end := strings.Index(line[at:], `\u000a"`) + at // of the signature, which ends with a newline
				lines[i] = line[:end-6] + "AAAA==" + line[end:]
			}
		}
		return lines
	})(t, s.path)
	problem := verify(t, s.path).Problem
	if problem == nil || !strings.Contains(problem.Reason, "a signature that does not hold") {
		t.Fatalf("%v", problem)
	}
	reading, err := Show(ctx, s.path, Query{}, func(Stored) error { return nil })
	if err != nil || len(reading.Problems) != 1 || reading.Problems[0].Reason != problem.Reason {
		t.Errorf("%v %v", reading.Problems, err)
	}
	l := small(t, s.path, Options{MaxSize: -1})
	if _, err := l.Restart(ctx, Entry{Session: "by hand"}, "a forged checkpoint"); err != nil {
		t.Error(err)
	}
	good(t, s.path)
}

// A call's arguments are not vouched for by a log that was changed.
func TestMatchInAChangedLog(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	for i := range 3 {
		e := called(i)
		e.ArgsHMAC = l.ArgsHMAC([]byte("{}"))
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := Match(ctx, path, "c0001", [][]byte{[]byte("{}")}); err != nil || !ok {
		t.Fatalf("%v %v", ok, err)
	}
	edit(replaceIn(1, l.ArgsHMAC([]byte("{}")), l.ArgsHMAC([]byte("[]"))))(t, path)
	if _, err := Match(ctx, path, "c0001", [][]byte{[]byte("[]")}); err == nil || !strings.Contains(err.Error(), "is not what it was") {
		t.Errorf("%v", err)
	}
}

// Checkpoints of what a restart has set aside are found in all files that it did, and
// nowhere else.
func TestCheckpointsOfWhatWasSetAside(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	entry := func(i int) Checkpoint { // of an entry in the i-th file
		b := unpackedPart(t, s.parts[i])
		var l line
		lines := bytes.Split(b, []byte("\n"))
		if reason := l.parse(lines[3]); reason != "" {
			t.Fatal(reason)
		}
		return Checkpoint{Seq: l.seq, Hash: string(l.hash), Source: "kept"}
	}
	all := []Checkpoint{entry(0), entry(2), s.checkpoint[0]}
	s.repack(t, 1, func(b []byte) []byte { return bytes.Replace(b, []byte("alice"), []byte("mallo"), 1) })
	l := small(t, s.path, Options{MaxSize: -1})
	aside, err := l.Restart(ctx, Entry{Session: "by hand"}, "a disk was replaced")
	if err != nil {
		t.Fatal(err)
	}
	r, err := VerifyAgainst(ctx, s.path, all)
	if err != nil || r.Problem != nil || !strings.Contains(strings.Join(r.Notes, " "), "are there: 3") {
		t.Errorf("%v %v %q", r.Problem, err, r.Notes)
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	rename(t, aside, elsewhere)
	if r, err := VerifyAgainst(ctx, s.path, all); err != nil || r.Problem == nil {
		t.Errorf("%v %v", r.Problem, err)
	}
	rename(t, elsewhere, aside)
	forgeOnward(func(lines []string) []string { // it says that it lies outside
		lines[0] = strings.Replace(lines[0], `"continues":"`, `"continues":"../`+filepath.Base(filepath.Dir(s.path))+"/", 1)
		return lines
	})(t, s.path)
	good(t, s.path)
	if r, err := VerifyAgainst(ctx, s.path, all); err != nil || r.Problem == nil {
		t.Errorf("what lies elsewhere counts: %v %v", r.Problem, err)
	}
}

// What is no folder of a machine is not passed over, and a clock that is ahead hides no silence.
func TestFleetOfHostileFolders(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), newScattered(t)
	gather(t, s, filepath.Join(dir, "web"))
	if err := os.Symlink(filepath.Join(dir, "web"), filepath.Join(dir, "db")); err != nil {
		t.Skip(err)
	}
	all, err := Fleet(ctx, dir, FleetOptions{Stale: time.Hour, Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(all) != 2 || all[0].Status != "unreadable" || all[1].Status != "stale" || !strings.Contains(all[1].Says, "is to come") {
		t.Errorf("%+v %v", all, err)
	}
}
