package audit

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// edit changes the lines of a log, each without its newline.
func edit(change func(lines []string) []string) func(testing.TB, string) {
	return func(t testing.TB, path string) {
		lines := strings.Split(strings.TrimSuffix(string(read(t, path)), "\n"), "\n")
		write(t, path, []byte(strings.Join(change(lines), "\n")+"\n"))
	}
}

// forge changes the lines and then recomputes every hash and the head, as
// somebody can who may write to all of the log's files.
func forge(change func(lines []string) []string) func(testing.TB, string) {
	return func(t testing.TB, path string) {
		edit(func(lines []string) []string { return rechain(change(lines)) })(t, path)
		setHead(t, path)
	}
}

func rechain(lines []string) []string {
	prev := noHash
	for i, line := range lines {
		if at := strings.Index(line, prevMember); at >= 0 {
			line = line[:at]
		}
		body := line + prevMember + string(prev[:]) + `"`
		prev = hashOf([]byte(body))
		lines[i] = body + hashMember + string(prev[:]) + `"}`
	}
	return lines
}

// setHead makes the head name the last line, whatever that is.
func setHead(t testing.TB, path string) {
	t.Helper()
	log := read(t, path)
	p := position{seq: int64(bytes.Count(log, []byte("\n"))), size: int64(len(log))}
	copy(p.hash[:], log[len(log)-len("\"}\n")-hashDigits:])
	write(t, path+".head", encodeHead(p))
}

func replaceIn(line int, old, new string) func([]string) []string {
	return func(lines []string) []string {
		lines[line-1] = strings.Replace(lines[line-1], old, new, 1)
		return lines
	}
}

func cutBytes(n int) func(testing.TB, string) {
	return func(t testing.TB, path string) {
		log := read(t, path)
		write(t, path, log[:len(log)-n])
	}
}

func trail(s string) func(testing.TB, string) {
	return func(t testing.TB, path string) { write(t, path, append(read(t, path), s...)) }
}

func overwrite(side, content string) func(testing.TB, string) {
	return func(t testing.TB, path string) { write(t, path+side, []byte(content)) }
}

func remove(sides ...string) func(testing.TB, string) {
	return func(t testing.TB, path string) {
		for _, side := range sides {
			if err := os.Remove(path + side); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// contrib/verify_audit.py does not know all members and how they are spelled: with hashes
// that are right, and a head that fits, it takes these for entries.
var unknownToPython = []string{
	"an unknown member", "space between tokens", "a number where text belongs", "a fragment named by another kind",
	"the head is spelled otherwise", "the head says that nothing was written, but where",
}

// A log of five entries is attacked; verify must say what is wrong, and where.
// Append must refuse as well, unless the place lies behind the end it reads.
func TestAttacks(t *testing.T) {
	t.Parallel()
	const behind = true
	for _, c := range []struct {
		name   string
		attack func(testing.TB, string)
		line   int64
		reason string
		behind bool
	}{
		{"the last line is cut off", edit(func(l []string) []string { return l[:4] }), 5, "shorter than its head", false},
		{"all but the first line are cut off", edit(func(l []string) []string { return l[:1] }), 2, "shorter than its head", false},
		{"the last line is cut in half, as if by a crash", cutBytes(200), 5, "shorter than its head", false},
		{"the last newline is cut off", cutBytes(1), 5, "not the entry that the head names", false},
		{"the log is emptied", overwrite("", ""), 1, "shorter than its head", false},
		{"the log is removed", remove(""), 1, "there is no log, but its head is there", false},
		{"the first line is removed", edit(func(l []string) []string { return l[1:] }), 1, "is entry 2, but it stands after entry 0", false},
		{"a line is removed", edit(func(l []string) []string { return slices.Delete(l, 2, 3) }), 3, "is entry 4, but it stands after entry 2", false},
		{"two lines are swapped", edit(func(l []string) []string { l[1], l[2] = l[2], l[1]; return l }), 2, "is entry 3, but it stands after entry 1", behind},
		{"a line is doubled", edit(func(l []string) []string { return slices.Insert(l, 2, l[2]) }), 4, "doubled or moved", false},
		{"the last line is doubled", edit(func(l []string) []string { return append(l, l[4]) }), 6, "doubled or moved", false},
		{"the first line is repeated at the end", edit(func(l []string) []string { return append(l, l[0]) }), 6, "doubled or moved", false},
		{"a value is changed", edit(replaceIn(3, "alice", "mallo")), 3, "has been changed", behind},
		{"the last value is changed", edit(replaceIn(5, "alice", "mallo")), 5, "has been changed", false},
		{"a hash is written in capitals", edit(func(l []string) []string { l[1] = strings.ToUpper(l[1]); return l }), 2, "does not begin with a version", behind},
		{"lines end in CRLF", edit(func(l []string) []string { l[1] += "\r"; return l }), 2, "does not end with entry_hash", false},
		{"a foreign line stands between", edit(func(l []string) []string { return slices.Insert(l, 2, "hello") }), 3, "does not begin with a version", false},
		{"a foreign line follows", trail("hello\n"), 6, "does not begin with a version", false},
		{"an empty line follows", trail("\n"), 6, "does not begin with a version", false},
		{"zeros follow and are ended", trail("\x00\x00\x00\n"), 6, "does not begin with a version", false},
		{"an entry of another log follows", trail(strings.Join(rechain([]string{`{"v":1,"seq":6,"time":"2031-01-01T00:00:00.000000000Z","kind":"policy","session":"x"`}), "") + "\n"), 6, "does not follow the entry before it", false},
		{"bytes follow a complete entry beyond the head", trail(strings.Join(rechain([]string{`{"v":1,"seq":6`}), "") + "x"), 6, "does not end with entry_hash", false},
		{"everything is rewritten and every hash recomputed", edit(func(l []string) []string { return rechain(replaceIn(2, "alice", "mallo")(l)) }), 5, "not the entry that the head names", false},
		{"the same, one entry longer", edit(func(l []string) []string {
			l = replaceIn(2, "alice", "mallo")(l)
			return rechain(append(l, strings.Replace(l[4], `"seq":5`, `"seq":6`, 1)))
		}), 5, "not the entry that the head names", false},
		{"everything is replaced by a log that claims to continue another", func(t testing.TB, path string) {
			write(t, path, []byte(rechain([]string{`{"v":1,"seq":900,"time":"2031-01-01T00:00:00.000000000Z","kind":"restart","session":"x","continues":"y"`})[0]+"\n"))
		}, 1, "not the entry that the head names", false},

		{"the head's hash is another", func(t testing.TB, path string) {
			head := read(t, path+".head")
			i := bytes.Index(head, []byte(`"hash":"`)) + len(`"hash":"`)
			head[i] = "10"[min(1, head[i]-'0')]
			write(t, path+".head", head)
		}, 5, "not the entry that the head names", false},
		{"the head's size is another", func(t testing.TB, path string) {
			size := len(read(t, path))
			head := string(read(t, path+".head"))
			write(t, path+".head", []byte(strings.Replace(head, strconv.Itoa(size), strconv.Itoa(size-1), 1)))
		}, 5, "not the entry that the head names", false},
		{"the head knows more", func(t testing.TB, path string) {
			head := string(read(t, path+".head"))
			write(t, path+".head", []byte(strings.Replace(head, `"seq":5`, `"seq":6`, 1)))
		}, 6, "shorter than its head", false},
		{"the head is no head", overwrite(".head", "{}\n"), 6, "not a head as Aegis writes it", false},
		{"the head is spelled otherwise", func(t testing.TB, path string) {
			write(t, path+".head", append([]byte(" "), read(t, path+".head")...))
		}, 6, "not a head as Aegis writes it", false},
		{"the head says that nothing was written, but where", overwrite(".head", `{"seq":0,"hash":"`+string(noHash[:])+`","size":10}`+"\n"), 6, "not a head as Aegis writes it", false},

		// With every hash right, as only Aegis or a forger can make them.
		{"a future version", forge(replaceIn(3, `{"v":1,`, `{"v":2,`)), 3, "has version 2, which this Aegis does not know", behind},
		{"a future version at the end", forge(replaceIn(5, `{"v":1,`, `{"v":2,`)), 5, "has version 2, which this Aegis does not know", false},
		{"no version", forge(replaceIn(5, `{"v":1,`, `{`)), 5, "does not begin with a version", false},
		{"a sequence number is skipped", forge(replaceIn(5, `"seq":5`, `"seq":6`)), 5, "is entry 6, but it stands after entry 4", false},
		{"a sequence number is repeated", forge(replaceIn(5, `"seq":5`, `"seq":4`)), 5, "doubled or moved", false},
		{"a sequence number has a leading zero", forge(replaceIn(5, `"seq":5`, `"seq":05`)), 5, "no valid seq", false},
		{"a sequence number is a float", forge(replaceIn(5, `"seq":5`, `"seq":5.0`)), 5, "no valid seq", false},
		{"an unknown kind", forge(replaceIn(5, `"kind":"decision"`, `"kind":"secret"`)), 5, "no valid kind", false},
		{"an unknown member", forge(replaceIn(5, `,"client"`, `,"x":1,"client"`)), 5, `"x" that is unknown, doubled or out of place`, false},
		{"a doubled member", forge(replaceIn(5, `,"tool"`, `,"client":"y","tool"`)), 5, `"client" that is unknown, doubled or out of place`, false},
		{"a member out of place", forge(replaceIn(5, `,"session":"s1","principal":"alice"`, `,"principal":"alice","session":"s1"`)), 5, "lacks session", false},
		{"a member after entry_hash", edit(func(l []string) []string { l[4] = strings.TrimSuffix(l[4], "}") + `,"x":1}`; return l }), 5, "does not end with entry_hash", false},
		{"a second entry_hash", forge(replaceIn(5, `,"tool"`, hashMember+string(noHash[:])+`","tool"`)), 5, "unknown, doubled or out of place", false},
		{"no session", forge(replaceIn(5, `,"session":"s1"`, ``)), 5, "lacks session", false},
		{"space between tokens", forge(replaceIn(5, `,"tool"`, `, "tool"`)), 5, "not JSON as Aegis writes it", false},
		{"a number where text belongs", forge(replaceIn(5, `"alice"`, `5`)), 5, "no valid principal", false},
		{"no JSON", forge(replaceIn(5, `"alice"`, `"al"ice"`)), 5, "not JSON as Aegis writes it", false},
		{"not UTF-8", forge(replaceIn(5, "alice", "al\xffce")), 5, "not UTF-8", false},
		{"time with an offset", forge(replaceIn(5, `Z","kind"`, `+00:00","kind"`)), 5, "no valid time", false},
		{"time without nanoseconds", forge(replaceIn(5, `.000000007Z`, `Z`)), 5, "no valid time", false},
		{"a day that is none", forge(replaceIn(5, `"2031-02-03T`, `"2031-02-29T`)), 5, "no valid time", false},
		{"an hour that is none", forge(replaceIn(5, `T04:05`, `T24:05`)), 5, "no valid time", false},
		{"a fragment named that is not there", forge(func(l []string) []string {
			l[4] = `{"v":1,"seq":5,"time":"2031-01-01T00:00:00.000000000Z","kind":"recovery","session":"x","fragment_bytes":3,"fragment_sha256":"` + string(noHash[:]) + `"`
			return l
		}), 5, "names a fragment that is not before it", behind},
		{"a fragment named by another kind", forge(replaceIn(5, `,"tool":"get_file_contents"`, `,"fragment_bytes":3`)), 5, "no valid fragment_bytes", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filled(t, 5)
			c.attack(t, path)
			before, _ := os.ReadFile(path)

			p := verify(t, path).Problem
			if p == nil {
				t.Fatal("verify noticed nothing")
			}
			if !slices.Contains(unknownToPython, c.name) {
				independently(t, path, "", false)
			}
			if p.Line != c.line || !strings.Contains(p.Reason, c.reason) {
				t.Errorf("verify says %q\nwant line %d and %q", p, c.line, c.reason)
			}
			if wantSince := p.Seq > 1; p.Since.IsZero() == wantSince {
				t.Errorf("since when is %v, for the entry due being %d", p.Since, p.Seq)
			}

			if c.behind {
				return
			}
			l, err := Open(path, Options{})
			if err != nil {
				t.Fatalf("a log that does not fit opens, and Append refuses; got %v", err)
			}
			defer l.Close()
			if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("Append: %v, want ErrUnavailable", err)
			} else if !strings.Contains(err.Error(), "begins a new one") {
				t.Errorf("the refusal does not say what to do: %v", err)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("a log that does not fit was written to")
			}
		})
	}
}

// Every byte matters: with the head beside the log or without, no byte of it
// can become another, in an entry or in a fragment that was recovered from.
func TestVerifyFailsOnEveryFlippedByte(t *testing.T) {
	t.Parallel()
	for _, beside := range []string{"head", "nothing"} {
		t.Run("beside the log: "+beside, func(t *testing.T) {
			t.Parallel()
			path := filled(t, 1)
			write(t, path, append(read(t, path), `{"v":1,"seq":2,"ti`...))
			l := openAt(t, path)
			appendTo(t, l)
			if beside == "nothing" {
				remove(".head", ".key", ".lock")(t, path)
			}
			whole := read(t, path)
			if r := good(t, path); r.Entries != 3 {
				t.Fatal("not all entries were counted")
			}
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			put := func(i int, b byte) {
				if _, err := f.WriteAt([]byte{b}, int64(i)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range whole {
				for _, mask := range []byte{0x01, 0x20, whole[i] ^ '\n'} {
					if mask == 0 {
						continue
					}
					put(i, whole[i]^mask)
					if verify(t, path).Problem == nil {
						t.Errorf("byte %d changed from %q to %q and nobody noticed", i, whole[i], whole[i]^mask)
					}
				}
				put(i, whole[i])
			}
		})
	}
}

// No byte can be cut off the end either.
func TestVerifyFailsOnEveryCut(t *testing.T) {
	t.Parallel()
	path := filled(t, 3)
	whole := len(read(t, path))
	for n := whole - 1; n >= 0; n-- {
		if err := os.Truncate(path, int64(n)); err != nil {
			t.Fatal(err)
		}
		if verify(t, path).Problem == nil {
			t.Errorf("%d of %d bytes are left and nobody noticed", n, whole)
		}
	}
}

// A process that lives on notices what only it can know.
func TestALivingSessionNotices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		attack func(t testing.TB, path string, old, oldHead []byte)
	}{
		{"log and head set back together", func(t testing.TB, path string, old, oldHead []byte) {
			write(t, path, old)
			write(t, path+".head", oldHead)
		}},
		{"log set back and the head removed", func(t testing.TB, path string, old, _ []byte) {
			write(t, path, old)
			remove(".head")(t, path)
		}},
		{"the last entry rewritten, with its head", func(t testing.TB, path string, _, _ []byte) {
			forge(replaceIn(3, "alice", "mallo"))(t, path)
		}},
		{"the log removed", func(t testing.TB, path string, _, _ []byte) { remove("")(t, path) }},
		{"the log replaced by an empty one", func(t testing.TB, path string, _, _ []byte) {
			remove("")(t, path)
			write(t, path, nil)
		}},
		{"the log truncated in place", func(t testing.TB, path string, _, _ []byte) { write(t, path, nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			l := openAt(t, path)
			appendTo(t, l)
			old, oldHead := read(t, path), read(t, path+".head")
			appendTo(t, l)
			appendTo(t, l)
			c.attack(t, path, old, oldHead)
			for range 2 {
				if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
					t.Fatalf("Append: %v, want ErrUnavailable", err)
				}
			}
		})
	}
}
