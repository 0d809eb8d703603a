package keys

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a key says now is asked by the secret that it was known by.
func TestI12_ASecretThatIsOverIsOver(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "etc", "keys.yaml")
	edit := func(change func(all []*Key) ([]*Key, error)) {
		t.Helper()
		if _, err := Edit(t.Context(), file, change); err != nil {
			t.Fatal(err)
		}
	}
	var former, fresh string
	edit(func(all []*Key) (_ []*Key, err error) {
		all, former, err = Add(all, Key{Name: "ci"}, time.Now())
		return all, err
	})
	s, err := Open(file, nil, func(Change) {})
	if err != nil {
		t.Fatal(err)
	}
	k, ok := s.Verify(former)
	if !ok {
		t.Fatal("not known")
	}
	by := k.Presented()
	if _, ok := s.Now(k.ID(), by); !ok {
		t.Error("not in force")
	}
	edit(func(all []*Key) (_ []*Key, err error) {
		fresh, err = Rotate(all, "ci", 0, time.Now())
		return all, err
	})
	if now, ok := s.Now(k.ID(), by); ok || now == nil {
		t.Error("a secret that is over is in force")
	}
	if _, ok := s.Now(k.ID(), Hash{}); !ok || !knows(s, fresh) {
		t.Error("the key is not")
	}
}

// A token is learned before its key is used: at first, with a new file, and when it changes.
func TestTokensAreLearnedAhead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := func(name string) string {
		file := filepath.Join(d.folder, name)
		d.do(os.WriteFile(file, []byte("token-of-"+name+"\n"), 0o600))
		return file
	}
	secret := d.add(Key{Name: "one", TokenFile: token("one")})
	s, err := Open(d.file, nil, func(c Change) {
		if c.Err != nil {
			t.Error(c)
		}
	})
	d.do(err)
	var learned []string
	s.Learn(func(token string) { learned = append(learned, token) })
	d.add(Key{Name: "two", TokenFile: token("two")})
	if !knows(s, secret) || !slices.Equal(learned, []string{"token-of-one", "token-of-two"}) {
		t.Errorf("%q", learned)
	}
}

// A key that is in the file and in the variable has what the file says of it, and nobody
// starts with it: the variable would let it do more, and outlive its end.
func TestI12_AKeyIsInOnePlace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	secret := d.add(Key{Name: "ci", Expires: d.now.Add(-time.Minute)})
	listed, _, err := Listed(secret)
	d.do(err)
	if _, err := Open(d.file, listed, func(Change) {}); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("it starts: %v", err)
	}
	former, err := os.ReadFile(d.file)
	d.do(err)
	d.revoke("ci")
	var told []Change
	s, err := Open(d.file, listed, func(c Change) { told = append(told, c) })
	d.do(err)
	s.now = func() time.Time { return d.now }
	d.do(os.WriteFile(d.file, former, 0o600)) // it is added while the server runs
	k, ok := s.Verify(secret)
	if ok || k == nil || k.Name != "ci" {
		t.Errorf("%v is in force", k)
	}
	if len(told) == 0 || len(told[len(told)-1].Warnings) == 0 {
		t.Errorf("told: %v", told)
	}
}
