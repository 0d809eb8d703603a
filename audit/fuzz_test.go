package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"testing"
)

// Whatever parse accepts, encoding/json reads the same way: no member twice,
// the hashes last, the number and the time what parse says.
func FuzzParseLine(f *testing.F) {
	golden, err := os.ReadFile("testdata/chain.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(golden) {
		f.Add(bytes.TrimSpace(line))
	}
	f.Add([]byte(rechain([]string{`{"v":1,"seq":9,"time":"2031-01-01T00:00:00.000000000Z","kind":"recovery","session":"","fragment_bytes":3,"fragment_sha256":"` + string(noHash[:]) + `"`})[0]))
	f.Fuzz(func(t *testing.T, b []byte) {
		var l line
		if l.parse(b) != "" {
			return
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if _, err := d.Token(); err != nil {
			t.Fatalf("not JSON: %v", err)
		}
		var names []string
		values := map[string]json.RawMessage{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				t.Fatalf("not JSON: %v", err)
			}
			var value json.RawMessage
			if err := d.Decode(&value); err != nil {
				t.Fatalf("not JSON: %v", err)
			}
			if slices.Contains(names, name.(string)) {
				t.Fatalf("member %s twice", name)
			}
			names = append(names, name.(string))
			values[name.(string)] = value
		}
		if n := len(names); names[0] != "v" || names[1] != "seq" || names[n-2] != "prev_hash" || names[n-1] != "entry_hash" {
			t.Errorf("members in the order %q", names)
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Token(); err != io.EOF {
			t.Error("something follows the object")
		}
		var seq int64
		if err := json.Unmarshal(values["seq"], &seq); err != nil || seq != l.seq {
			t.Errorf("seq %s read as %d", values["seq"], l.seq)
		}
		if parseTime(l.time).IsZero() || string(values["time"]) != `"`+string(l.time)+`"` {
			t.Errorf("time %s", l.time)
		}
	})
}

// No bytes make the walk fail but with a problem, and if it finds none, every
// byte of the log is on the chain or named: changing one is found.
func FuzzWalk(f *testing.F) {
	golden, err := os.ReadFile("testdata/chain.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden, uint(100), byte(1))
	f.Add(golden[:1000], uint(100), byte(1))
	f.Add(bytes.Repeat([]byte("x\n"), 100), uint(3), byte(9))
	f.Fuzz(func(t *testing.T, log []byte, at uint, mask byte) {
		judge := func(log []byte) *walk {
			w := &walk{at: start}
			if err := w.run(ctx, bufio.NewReaderSize(bytes.NewReader(log), readBuffer)); err != nil {
				t.Fatal(err)
			}
			return w
		}
		w := judge(log)
		if w.problem != nil || w.at.size == 0 || mask == 0 {
			return
		}
		if w.stray == nil && w.at.size != int64(len(log)) {
			t.Errorf("%d of %d bytes are good, and the rest is nothing", w.at.size, len(log))
		}
		changed := bytes.Clone(log)
		changed[int(at%uint(w.at.size))] ^= mask
		if after := judge(changed); after.problem == nil && after.at == w.at {
			t.Errorf("byte %d changed and nobody noticed", at%uint(w.at.size))
		}
	})
}

// Whatever a log holds, reading it past its problems gives every line once, as
// it lies there, finds a problem exactly if the walk that stops does, and the
// same one.
func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile("testdata/writes.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden, []byte(nil))
	f.Add(golden[:1000], []byte{0, 2})
	f.Add(golden, []byte{1, 2, 2, 3, 3, 4})
	f.Add(bytes.Replace(golden, []byte("alice"), []byte("mallo"), 1), []byte{2, 0, 2, 1})
	f.Add(bytes.Repeat([]byte("x\n\n"), 100), []byte{1, 50})
	f.Fuzz(func(t *testing.T, log, edits []byte) {
		log = edited(log, edits)
		var given int
		next := int64(0)
		r := newReader(func(found found) error {
			given++
			if found.offset < next || !bytes.HasPrefix(log[found.offset:], found.raw) {
				t.Fatalf("line %d is not at byte %d", found.number, found.offset)
			}
			next = found.offset + int64(len(found.raw)) + 1
			stored := found.stored()
			if (stored.Kind == "") != (new(line).parse(found.raw) != "") || stored.Kind == "" && stored.Broken == "" {
				t.Errorf("line %d: %+v", found.number, stored)
			}
			return nil
		})
		single := r.next()
		single.at = start
		if err := single.run(ctx, bufio.NewReaderSize(bytes.NewReader(log), readBuffer)); err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(log, []byte("\n"))
		if len(log) > 0 && log[len(log)-1] != '\n' {
			lines++
		}
		if given != lines {
			t.Errorf("%d lines of %d", given, lines)
		}
		w := &walk{at: start}
		if err := w.run(ctx, bufio.NewReaderSize(bytes.NewReader(log), readBuffer)); err != nil {
			t.Fatal(err)
		}
		if (w.problem == nil) != (len(r.reading.Problems) == 0) || w.problem != nil && *w.problem != *r.reading.Problems[0] {
			t.Errorf("%v, and stopping at the first: %v", r.reading.Problems, w.problem)
		}
	})
}

// edited makes of a log what somebody could who has an editor: each pair of
// bytes removes, doubles or moves a line, or flips a bit of one.
func edited(log, edits []byte) []byte {
	lines := slices.Collect(bytes.Lines(log))
	for ; len(edits) > 1 && len(lines) > 0; edits = edits[2:] {
		at := int(edits[1]) % len(lines)
		switch line := lines[at]; edits[0] % 4 {
		case 0:
			lines = slices.Delete(lines, at, at+1)
		case 1:
			lines = slices.Insert(lines, at, line)
		case 2:
			lines = append(slices.Delete(lines, at, at+1), line)
		case 3:
			lines[at] = bytes.Clone(line)
			lines[at][int(edits[0]/4)*7%len(line)] ^= 1
		}
	}
	return bytes.Join(lines, nil)
}
