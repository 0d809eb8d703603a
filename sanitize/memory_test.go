package sanitize

import (
	"fmt"
	"strings"
	"testing"
)

// password stands for what people choose.
const memorablePassword = "Vq7!rT2#zLw9"

func TestAValueIsCutWhereverItStandsInATextThatGivesItAway(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, text := range []string{
		"password: '" + memorablePassword + "'\n\nor try " + memorablePassword + " by hand",
		"try " + memorablePassword + ", it is\n\npassword: '" + memorablePassword + "'",
		"GITEA_TOKEN=" + hex40 + "\n\n(" + hex40 + ")",
	} {
		out, report := s.Text(text, TextOptions{})
		if strings.Contains(out, memorablePassword) || strings.Contains(out, hex40) {
			t.Errorf("Text(%q) = %q", text, out)
		}
		if n := sum(report.Redactions); n != 2 {
			t.Errorf("%q: %d redactions, want 2", text, n)
		}
	}
	object, _, err := s.JSON(map[string]any{"title": "use " + memorablePassword, "z": "password: '" + memorablePassword + "'"})
	if err != nil || strings.Contains(string(object), memorablePassword) {
		t.Errorf("%s, %v", object, err)
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func TestAMemoryOutlivesATextAndIsItsCallersAlone(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	var mine, others Memory
	bare := "it says " + memorablePassword + " here"
	if out, _ := s.Remembering(&mine).Text(bare, TextOptions{}); out != bare {
		t.Errorf("before it was given away: %q", out)
	}
	s.Remembering(&mine).Text("password: '"+memorablePassword+"'", TextOptions{})
	if mine.Learned() != 1 {
		t.Errorf("%d values are known", mine.Learned())
	}
	if out, _ := s.Remembering(&mine).Text(bare, TextOptions{}); strings.Contains(out, memorablePassword) {
		t.Errorf("afterwards: %q", out)
	}
	if found := s.Remembering(&mine).Secrets([]Written{{Field: "body", Text: bare}}); len(found) != 1 {
		t.Errorf("writing it: %v", found)
	}
	for _, view := range []*Scrubber{s, s.Remembering(&others)} {
		if out, _ := view.Text(bare, TextOptions{}); out != bare {
			t.Errorf("for somebody else: %q", out)
		}
	}
}

// What a caller writes is not what a caller was shown.
func TestWritingTeachesNothing(t *testing.T) {
	t.Parallel()
	var m Memory
	scrubber(t).Remembering(&m).Secrets([]Written{{Field: "body", Text: "password: '" + memorablePassword + "'"}})
	if m.Learned() != 0 {
		t.Error("a text that is written is remembered")
	}
}

// A word that a rule took for a secret must not vanish from all that is said.
func TestWordsAreNotRemembered(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"password", "short1!", "letmein", "changeme", "my-db-secret", "db.internal.example", "https://host/path", "${DB_PASSWORD}", "3ef231bd-fbb7-4e4b-9602-e6f28363ef19"} {
		if memorable(value, "generic-api-key") || value != "3ef231bd-fbb7-4e4b-9602-e6f28363ef19" && memorable(value, "password-by-name") {
			t.Errorf("%q is remembered", value)
		}
	}
	if !memorable(memorablePassword, "password-by-name") || memorable(memorablePassword, "generic-api-key") || !memorable(long+"x1", "generic-api-key") {
		t.Error("what is a secret is not remembered, or a short value of a generic rule is")
	}
}

func TestAMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m Memory
	value := func(i int) string { return fmt.Sprintf("%08d-Secret!%d", i*7919, i) }
	for i := range 2 * maxRemembered {
		m.add(value(i), "x")
	}
	if len(m.order) != maxRemembered || len(m.windows) > maxRemembered {
		t.Errorf("%d values, %d windows", len(m.order), len(m.windows))
	}
	for i, want := range map[int]int{0: 0, maxRemembered - 1: 0, maxRemembered: 1, 2*maxRemembered - 1: 1} {
		if found := m.find("x " + value(i) + " y"); len(found) != want {
			t.Errorf("value %d: %v, want %d", i, found, want)
		}
	}
	same := strings.Repeat("a", windowLength)
	for i := range 20 {
		m.add(fmt.Sprintf("%s%d", same, i), "x")
	}
	if found := m.find(same + "3 " + same + "19"); len(found) != 1 {
		t.Errorf("of values that begin alike the first few are known: %v", found)
	}
}
