package keys

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/apikey"
	"aegis/internal/canon"
)

// desk is a folder with a file of keys, and a clock.
type desk struct {
	t      *testing.T
	folder string
	file   string

	mu      sync.Mutex
	now     time.Time
	changes []Change
}

func newDesk(t *testing.T) *desk {
	folder := filepath.Join(t.TempDir(), "etc")
	d := &desk{t: t, folder: folder, file: filepath.Join(folder, "keys.yaml"), now: time.Now().Add(time.Hour)}
	d.do(os.Mkdir(folder, 0o700))
	return d
}

func (d *desk) do(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) add(k Key) (secret string) {
	d.t.Helper()
	_, err := Edit(d.t.Context(), d.file, func(all []*Key) ([]*Key, error) {
		more, fresh, err := Add(all, k, d.now)
		secret = fresh
		return more, err
	})
	d.do(err)
	return secret
}

func (d *desk) revoke(name string) {
	d.t.Helper()
	_, err := Edit(d.t.Context(), d.file, func(all []*Key) ([]*Key, error) { return Revoke(all, name) })
	d.do(err)
}

func (d *desk) rotate(name string, overlap time.Duration) (secret string) {
	d.t.Helper()
	_, err := Edit(d.t.Context(), d.file, func(all []*Key) ([]*Key, error) {
		fresh, err := Rotate(all, name, overlap, d.now)
		secret = fresh
		return all, err
	})
	d.do(err)
	return secret
}

func (d *desk) open(listed ...*Key) *Store {
	d.t.Helper()
	s, err := Open(d.file, listed, func(c Change) { d.changes = append(d.changes, c) })
	d.do(err)
	s.now = func() time.Time {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.now
	}
	return s
}

func (d *desk) put(name, text string, mode os.FileMode) string {
	d.t.Helper()
	file := filepath.Join(d.folder, name)
	d.do(os.WriteFile(file, []byte(text), mode))
	return file
}

func knows(s *Store, secret string) bool {
	_, ok := s.Verify(secret)
	return ok
}

func TestI12_OnlyKeysInForceAreKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	long, short := d.add(Key{Name: "long"}), d.add(Key{Name: "short", Expires: d.now.Add(time.Minute)})
	s := d.open()
	if !knows(s, long) || !knows(s, short) || !inForce(s, "key:short") || inForce(s, "key:other") || inForce(s, "long") {
		t.Fatal("keys are not known")
	}
	for name, text := range map[string]string{
		"none": "", "truncated": long[:len(long)-1], "doubled": long + long, "in upper case": strings.ToUpper(long), "in lower case": strings.ToLower(long),
		"another": apikey.New(), "a wrong checksum": long[:len(long)-6] + "000000", "a hash": hexes[0], "with a space": long + " ", "with a scheme": "Bearer " + long,
		"with Arabic digits": long[:len(long)-1] + "\u0661", "in fullwidth": "\uff41" + long[1:], "NUL": long[:len(long)-1] + "\x00", "its name": "long", "huge": strings.Repeat("a", 50<<20),
	} {
		if knows(s, text) {
			t.Errorf("%s is known", name)
		}
	}
	d.now = d.now.Add(time.Minute)
	if knows(s, short) || inForce(s, "key:short") || !knows(s, long) {
		t.Error("an expired key is in force")
	}
}

// What is taken out of the file counts at the next look, also of a file that has the
// same size and time stamp.
func TestI12_WhatChangesCountsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, other := d.add(Key{Name: "one"}), d.add(Key{Name: "two"})
	s := d.open()
	d.revoke("one")
	if knows(s, one) || inForce(s, "key:one") || !knows(s, other) {
		t.Error("a revoked key is in force")
	}
	if len(d.changes) == 1 && d.changes[0].String() != "keys loaded: 1; not in force any more: key:one" {
		t.Error(d.changes[0])
	}
	if len(d.changes) != 1 || !slices.Equal(d.changes[0].Gone, []string{"key:one"}) || d.changes[0].Keys != 1 {
		t.Errorf("%+v", d.changes)
	}
	fresh := d.rotate("two", time.Hour)
	if !knows(s, fresh) || !knows(s, other) {
		t.Error("rotated keys do not overlap")
	}
	k, _ := s.Verify(fresh)
	was, _ := s.Verify(other)
	if k.ID() != was.ID() || len(d.changes) != 2 || d.changes[1].Gone != nil {
		t.Errorf("rotating made somebody else: %+v", d.changes)
	}
	d.now = d.now.Add(time.Hour)
	if !knows(s, fresh) || knows(s, other) || !inForce(s, "key:two") {
		t.Error("the overlap does not end")
	}
	last := d.rotate("two", 0)
	if knows(s, fresh) || !knows(s, last) {
		t.Error("rotating without overlap leaves the old one")
	}
	again := d.add(Key{Name: "one"})
	if knows(s, one) || !knows(s, again) {
		t.Error("a name that comes again brings its old key")
	}
}

// A file that is no list of keys leaves those in force that were, and it is told once.
// One that is gone, or that others may write, denies all.
func TestI12_AFileThatBreaksLetsNobodyIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, other := d.add(Key{Name: "one"}), d.add(Key{Name: "two"})
	good, err := os.ReadFile(d.file)
	d.do(err)
	s := d.open()
	d.revoke("one")
	if knows(s, one) || s.Err() != nil {
		t.Fatal("revoked")
	}
	d.put("keys.yaml", "version: 1\nkeys: [", 0o600)
	for range 3 {
		if !knows(s, other) || knows(s, one) || s.Err() == nil {
			t.Error("a file that is broken changes who is in force")
		}
	}
	if len(d.changes) != 2 || d.changes[1].Err == nil || d.changes[1].DeniesAll || d.changes[1].Gone != nil {
		t.Errorf("%+v", d.changes)
	}
	d.do(os.Remove(d.file))
	for range 3 {
		if knows(s, other) || inForce(s, "key:two") || s.Err() == nil {
			t.Error("a file that is gone lets somebody in")
		}
	}
	if said := d.changes[1].String() + d.changes[2].String(); !strings.Contains(said, "keys in force stay: keys.yaml:2:") || !strings.Contains(said, "no key of the file is in force") {
		t.Error(said)
	}
	if len(d.changes) != 3 || !d.changes[2].DeniesAll || len(d.changes[2].Gone) != 1 {
		t.Errorf("%+v", d.changes)
	}
	d.put("keys.yaml", "version: 1\nkeys: [", 0o600)
	if knows(s, other) {
		t.Error("a broken file after none brings back who was in force")
	}
	d.put("keys.yaml", string(good), 0o600)
	if !knows(s, other) {
		t.Error("a file that comes back is not read")
	}
	if runtime.GOOS == "windows" {
		return
	}
	d.do(os.Chmod(d.file, 0o606))
	if knows(s, other) {
		t.Error("others can write the file")
	}
	d.do(os.Chmod(d.file, 0o644))
	if !knows(s, other) {
		t.Error("others can read the file")
	}
	if last := d.changes[len(d.changes)-1]; len(last.Warnings) != 1 || !strings.Contains(last.Warnings[0], "others can read it") {
		t.Errorf("%+v", last)
	}
	d.do(os.Remove(d.file))
	d.do(os.Symlink(d.put("real.yaml", string(good), 0o600), d.file))
	if !knows(s, other) {
		t.Error("a link is not followed")
	}
}

func TestWhatDoesNotOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ignore := func(Change) {}
	if _, err := Open(d.file, nil, ignore); err == nil {
		t.Error("no file")
	}
	d.put("keys.yaml", "version: 1\nkeys: []\n", 0o600)
	if _, err := Open(d.file, nil, ignore); err == nil || !strings.Contains(err.Error(), "aegis keys add") {
		t.Errorf("no key: %v", err)
	}
	listed, _, err := Listed(strings.Repeat("0123456789abcdef", 2))
	d.do(err)
	if s, err := Open("", listed, ignore); err != nil || !knows(s, "0123456789abcdef0123456789abcdef") || !inForce(s, "key:env-1") {
		t.Errorf("listed: %v", err)
	}
	if s, err := Open(d.file, listed, ignore); err != nil || len(s.All()) != 1 {
		t.Errorf("listed beside a file: %v", err)
	}
}

func TestAttributesOfAKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	app, err := canon.ParseFullName("acme/app")
	d.do(err)
	secret := d.add(Key{Name: "ci", Writes: []canon.Repo{app}, Policy: "/p", From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	k, ok := d.open().Verify(secret)
	if !ok || k.Writes[0] != app || k.Policy != "/p" || len(k.From) != 1 || k.Created.IsZero() {
		t.Errorf("%+v", *k)
	}
}

func inForce(s *Store, id string) bool {
	_, ok := s.Now(id, Hash{})
	return ok
}
