package keys

import (
	"fmt"
	"math"
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
	if !knows(s, long) || !knows(s, short) || !s.InForce("key:short") || s.InForce("key:other") || s.InForce("long") {
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
	if knows(s, short) || s.InForce("key:short") || !knows(s, long) {
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
	if knows(s, one) || s.InForce("key:one") || !knows(s, other) {
		t.Error("a revoked key is in force")
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
	if !knows(s, fresh) || knows(s, other) || !s.InForce("key:two") {
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
	if knows(s, one) {
		t.Fatal("revoked")
	}
	d.put("keys.yaml", "version: 1\nkeys: [", 0o600)
	for range 3 {
		if !knows(s, other) || knows(s, one) {
			t.Error("a file that is broken changes who is in force")
		}
	}
	if len(d.changes) != 2 || d.changes[1].Err == nil || d.changes[1].DeniesAll || d.changes[1].Gone != nil {
		t.Errorf("%+v", d.changes)
	}
	d.do(os.Remove(d.file))
	for range 3 {
		if knows(s, other) || s.InForce("key:two") {
			t.Error("a file that is gone lets somebody in")
		}
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

// Whose token can't be read is not let in as somebody else.
func TestAccessTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := d.put("token", "first-token\n", 0o600)
	own, shared, none := d.add(Key{Name: "own", TokenFile: file}), d.add(Key{Name: "shared", Shared: true}), d.add(Key{Name: "none"})
	s := d.open()
	for secret, want := range map[string]string{own: "first-token", shared: "", none: ""} {
		if k, ok := s.Verify(secret); !ok || k.Token() != want || strings.Contains(fmt.Sprintf("%v %+v %#v", k, k, k), "first") {
			t.Errorf("%v %v", k, ok)
		}
	}
	d.put("token", "second-token\n", 0o600)
	if k, _ := s.Verify(own); k.Token() != "second-token" {
		t.Error("a token that changes is not read")
	}
	d.do(os.Remove(file))
	for range 3 {
		if k, ok := s.Verify(own); !ok || k.Token() != "second-token" {
			t.Error("a token that is gone is not the one of before")
		}
	}
	late := d.add(Key{Name: "late", TokenFile: filepath.Join(d.folder, "never")})
	for range 3 {
		if knows(s, late) {
			t.Error("a key without its token is let in")
		}
	}
	failures := 0
	for _, c := range d.changes {
		if c.Err != nil {
			failures++
		}
	}
	if failures != 2 {
		t.Errorf("%+v", d.changes)
	}
	if _, err := Open(d.file, nil, func(Change) {}); err == nil || !strings.Contains(err.Error(), "own") {
		t.Errorf("a store opens without a token: %v", err)
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
	if s, err := Open("", listed, ignore); err != nil || !knows(s, "0123456789abcdef0123456789abcdef") || !s.InForce("key:env-1") {
		t.Errorf("listed: %v", err)
	}
	if s, err := Open(d.file, listed, ignore); err != nil || len(s.All()) != 1 {
		t.Errorf("listed beside a file: %v", err)
	}
}

func TestListedKeys(t *testing.T) {
	t.Parallel()
	one, other, own := strings.Repeat("0123456789abcdef", 2), strings.Repeat("FEDCBA9876543210", 2)+"!#=", apikey.New()
	all, warning, err := Listed(" " + one + "," + other + " , " + own)
	if err != nil || len(all) != 3 || all[2].Name != "env-3" || !all[0].Shared || !all[0].WritesAll || !strings.Contains(warning, "3 keys") {
		t.Fatalf("%v %q %v", all, warning, err)
	}
	if all, warning, err := Listed("  "); all != nil || warning != "" || err != nil {
		t.Error("an empty list is one")
	}
	for name, list := range map[string]string{
		"short": one[:31], "one short": one + "," + other[:12], "an empty one": one + ",," + other, "a comma at the end": one + ",", "twice": one + "," + one,
		"a space in it": one[:16] + " " + one, "other letters": one + "\u00e4", "a placeholder": "${MCP_API_KEYS}", "long": strings.Repeat(one, 17),
		"easy": strings.Repeat("a", 40), "a mistyped key": own[:40] + "00000", "a line break": one + "\n" + other,
	} {
		_, _, err := Listed(list)
		if err == nil || strings.Contains(err.Error(), one[:10]) || strings.Contains(err.Error(), own[6:16]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhereAKeyMayComeFrom(t *testing.T) {
	t.Parallel()
	prefix := func(text string) netip.Prefix {
		p, err := ParseNetwork(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	k := Key{From: []netip.Prefix{prefix("10.0.0.0/8"), prefix("::ffff:192.0.2.1"), prefix("2001:db8::/32")}}
	for address, want := range map[string]bool{
		"10.9.8.7": true, "::ffff:10.1.1.1": true, "192.0.2.1": true, "192.0.2.2": false, "2001:db8::1": true, "2001:db8::1%eth0": true, "2001:db9::1": false, "11.0.0.1": false,
	} {
		if got := k.MayComeFrom(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	if k.MayComeFrom(netip.Addr{}) || !(&Key{}).MayComeFrom(netip.MustParseAddr("203.0.113.9")) {
		t.Error("an unknown address, or a key for all")
	}
}

// Looking for a key that is there takes as long as for one that is not.
func TestVerifyingTellsNothingByItsTime(t *testing.T) {
	if testing.Short() {
		t.Skip("a measurement")
	}
	d := newDesk(t)
	right := d.add(Key{Name: "one"})
	for i := range 50 {
		d.add(Key{Name: fmt.Sprintf("other-%d", i)})
	}
	s := d.open()
	wrong := apikey.New()
	best := map[string]float64{}
	for range 40 {
		for _, presented := range []string{right, wrong} {
			began := time.Now()
			for range 500 {
				s.Verify(presented)
			}
			if took := float64(time.Since(began)); best[presented] == 0 || took < best[presented] {
				best[presented] = took
			}
		}
	}
	if ratio := best[right] / best[wrong]; math.Abs(math.Log(ratio)) > math.Log(1.5) {
		t.Errorf("a right key takes %.2f times what a wrong one takes", ratio)
	}
}

// Verifying while the file changes is safe, and never lets in who was revoked.
func TestVerifyingWhileKeysChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	stays := d.add(Key{Name: "stays"})
	s, err := Open(d.file, nil, func(Change) {})
	d.do(err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 300 {
				if !knows(s, stays) {
					t.Error("a key is not known while others change")
				}
			}
		})
	}
	for i := range 20 {
		name := fmt.Sprintf("guest-%d", i)
		secret := d.add(Key{Name: name})
		if !knows(s, secret) {
			t.Error("an added key is not known")
		}
		if d.revoke(name); knows(s, secret) {
			t.Error("a revoked key is known")
		}
	}
	group.Wait()
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
