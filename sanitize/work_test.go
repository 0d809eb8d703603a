package sanitize

import (
	"context"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// What nobody waits for any more is withheld, and says so.
func TestScrubbingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := scrubber(t, own).Within(ctx)
	clean, report := s.Text("harmless\n\n", TextOptions{})
	if !strings.HasPrefix(clean, "[withheld: ") || strings.Count(clean, "\n") != 2 || report.Withheld != 1 {
		t.Errorf("%q, %+v", clean, report)
	}
	if object, _, err := s.JSON(map[string]string{"a": "harmless"}); err == nil || object != nil {
		t.Errorf("%s, %v", object, err)
	}
	if line := s.Line("harmless"); line != withheld {
		t.Errorf("%q", line)
	}
	if secrets := s.Secrets([]Written{{Field: "body", Text: "harmless"}}); len(secrets) != 1 || secrets[0].Rule != Unclean {
		t.Errorf("%+v", secrets)
	}
}

// What takes more work than a text of its length may is withheld. An automaton that was
// collected as garbage is made anew, which counts as well: the least of several is what
// the text itself takes.
func TestTooMuchWorkIsWithheld(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	used := func(text string) int64 {
		view := s.working(len(text))
		before := view.work.Left()
		var report Report
		view.clean(text, func(text string) string { return text }, true, &report)
		return before - view.work.Left()
	}
	text := fill("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n")(1 << 16)
	need := used(text)
	for range 4 {
		need = min(need, used(text))
	}
	for _, units := range []int64{4 * need, need - 1, need / 2, 1, 0} {
		view := s.working(len(text))
		view.work.Allow(units)
		var report Report
		_, ok := view.clean(text, func(text string) string { return text }, true, &report)
		if ok != (units > need) {
			t.Errorf("with %d units of %d: %t", units, need, ok)
		}
	}
}

// What people write takes a small part of what it may.
func TestOrdinaryTextsTakeLittleWork(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	for name, text := range map[string]string{
		"source": stock.GoSource(t), "markdown": stock.Markdown(t), "base64": stock.Base64(),
		"secrets": fill("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n")(1 << 18),
	} {
		if perByte := workOfText(s, text); perByte > workOfByte/8 {
			t.Errorf("%s: %.1f units a byte of %d", name, perByte, workOfByte)
		}
	}
}

// None of the texts that are made to be slow takes what a text may: of 64 KiB each,
// for that work grows with a text is seen elsewhere.
func TestHostileTextsTakeTheirWork(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	for name, make := range hostile {
		if perByte := workOfText(s, make(1<<16)); perByte > workOfByte/2 {
			t.Errorf("%s: %.1f units a byte of %d", name, perByte, workOfByte)
		}
	}
}

func workOfText(s *Scrubber, text string) float64 {
	view := s.working(len(text))
	before := view.work.Left()
	show := func(text string) string { shown, _, _ := reveal(view.work, text, asFile); return shown }
	var report Report
	view.clean(text, show, true, &report)
	return float64(before-view.work.Left()) / float64(len(text))
}

// One value that takes too much work is withheld; those beside it are shown.
func TestValuesHaveWorkOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own).working(0)
	shared := s.work.Left()
	for i := range 100 {
		left := s.partly(10, shared, func() { s.work.Spend(5000) })
		if left != shared {
			t.Fatalf("value %d: %d of %d are left", i, left, shared)
		}
	}
	if left := s.partly(10, shared, func() { s.work.Spend(5000 + 1000) }); left != shared-1000 {
		t.Errorf("%d of %d are left", left, shared)
	}
	if s.work.Ended() {
		t.Error("the work has ended")
	}
}
