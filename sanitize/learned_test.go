package sanitize

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// A credential that comes later is cut like one that was there from the start, by
// every view of the scrubber, also by those that were made before.
func TestI3_CredentialsAreLearned(t *testing.T) {
	t.Parallel()
	const first, second = "first credential of all", "quite another credential"
	s, err := New(Config{Secrets: []string{first}})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Within(t.Context()).Remembering(new(Memory))
	if text := before.Line("say " + second); !strings.Contains(text, second) {
		t.Fatalf("it is cut before it is known: %s", text)
	}
	for range 2 {
		if err := s.Learn(second); err != nil {
			t.Fatal(err)
		}
	}
	for name, view := range map[string]*Scrubber{"itself": s, "a view from before": before, "a view": s.With(nil)} {
		for _, secret := range []string{first, second, reversed(second)} {
			if text, _ := view.Text("say "+secret+"\n", TextOptions{}); strings.Contains(text, secret) {
				t.Errorf("%s shows %s", name, text)
			}
		}
	}
	if len(s.own.secrets) != 2 {
		t.Errorf("%d credentials", len(s.own.secrets))
	}
	if s.Learn("short") == nil || new(Scrubber).Learn(second) == nil {
		t.Error("what can't be cut is learned")
	}
}

func TestCredentialsAreLearnedWhileTextsAreScrubbed(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			credential := fmt.Sprintf("credential number %d", n)
			if err := s.Learn(credential); err != nil {
				t.Error(err)
			}
			if text := s.Line("say " + credential); strings.Contains(text, credential) {
				t.Errorf("%s", text)
			}
		})
	}
	all.Wait()
}
