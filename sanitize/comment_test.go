package sanitize

import (
	"testing"

	"aegis/sanitize/leaks"
)

func TestRevealComments(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"none":                         "none",
		"a <!-- x --> b":               "a [hidden comment: x] b",
		"<!--x-->":                     "[hidden comment: x]",
		"<!-- two\nlines -->":          "[hidden comment: two\nlines]",
		"<!-- never ended":             "[hidden comment: never ended]",
		"<!---->":                      "[hidden comment:]",
		"<!-->shown":                   "[hidden comment:]shown",
		"<!--->shown -->":              "[hidden comment:]shown -->",
		"<!-- x --!> shown":            "[hidden comment: x] shown",
		"<!-- a <!-- b --> c -->":      "[hidden comment: a <!- - b] c -->",
		"<!-- a --><!-- b -->":         "[hidden comment: a][hidden comment: b]",
		"`<!-- in code -->`":           "`[hidden comment: in code]`",
		"<!- no comment ->":            "<!- no comment ->",
		"<<!-- x -->!-- y -->":         "<[hidden comment: x]!-- y -->",
		"[hidden comment: already so]": "[hidden comment: already so]",
	} {
		if got := revealComments(leaks.Unlimited(), in); got != want {
			t.Errorf("revealComments(%q) = %q, want %q", in, got, want)
		}
	}
}
