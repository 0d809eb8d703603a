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

// A file that was cut short, in whatever order somebody wrote it, lets nobody in of whom
// less is said.
func TestI12_AFileThatIsCutSaysNoLess(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]string{
		"hashes first":          "version: 1\nkeys:\n  - secrets:\n      - sha256: '" + strings.Repeat("ab", 32) + "'\n        until: '2031-02-03T04:05:06Z'\n    name: 'ci'\n    policy: '/etc/aegis/ci.yaml'\n    from: ['10.1.0.0/16']\n",
		"hashes in the middle":  "version: 1\nkeys:\n  - name: ci\n    secrets:\n      - sha256: '" + strings.Repeat("ab", 32) + "'\n    from: ['10.1.0.0/16']\n    policy: '/etc/aegis/ci.yaml'\n",
		"an end behind a hash":  "version: 1\nkeys:\n  - name: ci\n    from: ['10.1.0.0/16']\n    policy: '/etc/aegis/ci.yaml'\n    secrets:\n      - sha256: '" + strings.Repeat("ab", 32) + "'\n        until: '2031-02-03T04:05:06Z'\n",
		"as it is to be":        "version: 1\nkeys:\n  - name: ci\n    from: ['10.1.0.0/16']\n    policy: '/etc/aegis/ci.yaml'\n    secrets:\n      - until: '2031-02-03T04:05:06Z'\n        sha256: '" + strings.Repeat("ab", 32) + "'\n",
		"in braces":             "version: 1\nkeys: [{name: ci, from: ['10.1.0.0/16'], policy: '/etc/aegis/ci.yaml', secrets: [{until: '2031-02-03T04:05:06Z', sha256: '" + strings.Repeat("ab", 32) + "'}]}]\n",
		"plain words":           "version: 1\nkeys:\n  - name: ci\n    from: [10.1.0.0/16]\n    policy: /etc/aegis/ci.yaml\n    secrets:\n      - until: 2031-02-03T04:05:06Z\n        sha256: " + strings.Repeat("ab", 32) + "\n",
		"two, the second first": "version: 1\nkeys:\n  - name: ci\n    secrets:\n      - sha256: '" + strings.Repeat("ab", 32) + "'\n  - from: ['10.1.0.0/16']\n    name: other\n    secrets:\n      - sha256: '" + strings.Repeat("cd", 32) + "'\n",
	} {
		all, err := Parse("keys.yaml", []byte(whole))
		if good := name == "as it is to be" || name == "in braces" || name == "plain words" || strings.HasPrefix(name, "two"); good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue // nobody wrote it and was told that it is good
		}
		said := make(map[string]string)
		for _, k := range all {
			said[k.Name] = string(Format([]*Key{k}))
		}
		for n := range len(whole) {
			cut, err := Parse("keys.yaml", []byte(whole[:n]))
			if err != nil {
				continue
			}
			for _, k := range cut {
				if said[k.Name] != string(Format([]*Key{k})) {
					t.Errorf("%s, cut at %d: %s", name, n, Format([]*Key{k}))
				}
			}
		}
	}
}
