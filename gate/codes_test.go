package gate

import (
	"context"
	"os"
	"regexp"
	"slices"
	"testing"
)

// All codes are among the codes, once.
func TestCodesAreAll(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	all := Codes()
	for _, found := range regexp.MustCompile(`Code = "([a-z_]+)"`).FindAllSubmatch(source, -1) {
		at := slices.Index(all, Code(found[1]))
		if at < 0 {
			t.Errorf("%s is not among them", found[1])
			continue
		}
		all = slices.Delete(all, at, at+1)
	}
	if len(all) > 0 {
		t.Errorf("no codes: %v", all)
	}
}

// How a call ended is one word, which its answer has.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, of := range []struct {
		ctx  context.Context
		a    Answer
		want string
	}{
		{t.Context(), Answer{Call: "c"}, "ok"},
		{gone, Answer{Call: "c"}, "ok"},
		{t.Context(), Answer{Call: "c", Ask: new(Question)}, "asked"},
		{t.Context(), Answer{Call: "c", IsError: true, Code: PolicyDenied}, "refused"},
		{gone, Answer{Call: "c", IsError: true, Code: PolicyDenied}, "refused"},
		{t.Context(), Answer{Call: "c", IsError: true, Code: AuditUnavailable}, "refused"},
		{t.Context(), Answer{Call: "c", IsError: true, Code: NotFound}, "failed"},
		{t.Context(), Answer{Call: "c", IsError: true, Code: Timeout}, "failed"},
		{gone, Answer{Call: "c", IsError: true, Code: Timeout}, "cancelled"},
		{t.Context(), Answer{}, "failed"},
	} {
		if got := of.a.outcome(of.ctx); got != of.want {
			t.Errorf("%+v: %s, not %s", of.a, got, of.want)
		}
	}
}
