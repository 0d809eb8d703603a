package keys

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
