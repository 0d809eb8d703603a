package leaks

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// finding reports whether the rules find something in a text as it is.
func finding(text string) bool { return len(loaded().scan(Unlimited(), text, nil, nil, nil)) > 0 }

// What the rules find something in is never passed without them.
func TestNothingIsFoundInWhatIsNotPromising(t *testing.T) {
	t.Parallel()
	if openers() == nil {
		t.Fatal("some rule may run whatever the text")
	}
	found := 0
	for i, d := range builtIn() {
		if len(d.keywords) == 0 {
			continue
		}
		for round := range 5 {
			text := sample(rand.New(rand.NewPCG(uint64(i), uint64(round))), &d)
			for _, text := range []string{text, strings.ToUpper(text), strings.ReplaceAll(strings.ReplaceAll(text, "k", "\u212a"), "s", "\u017f")} {
				if finding(text) {
					if found++; !promising(text) {
						t.Errorf("%s: %q is not promising", d.id, text)
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("nothing was found in any sample")
	}
}

// What is said at every start and end is passed without the rules.
func TestPlainTextsAreNotPromising(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":            false,
		"x":           false,
		"claude-ai 1": false,
		`{"level":"info","session":"abcdefghij12","version":"dev","gitea":"git.example","policy":"built-in","write":false,"audit_log":"/home/me/.local/state/aegis/audit.jsonl","time":"2026-01-02T03:04:05Z","message":"session starts"}`: false,
		"glpat-x7Qm2Lr9Tz4Kc8Wv1Bn6":     true,
		"my api_key is x7Qm2Lr9Tz4Kc8Wv": true,
	} {
		if got := promising(text); got != want {
			t.Errorf("%q is promising: %t, want %t", text, got, want)
		}
	}
}

func FuzzNotPromising(f *testing.F) {
	for i := range table {
		f.Add(sample(rand.New(rand.NewPCG(uint64(i), 0)), &table[i]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !promising(text) && finding(text) {
			t.Errorf("%q is not promising", text)
		}
	})
}

func BenchmarkPromising(b *testing.B) {
	line := `{"level":"info","session":"abcdefghij12","version":"dev","gitea":"git.example","policy":"built-in","write":false,"audit_log":"/home/me/.local/state/aegis/audit.jsonl","time":"2026-01-02T03:04:05Z","message":"session starts"}`
	for b.Loop() {
		promising(line)
	}
}
