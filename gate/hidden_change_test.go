package gate_test

import (
	"strings"
	"testing"

	"aegis/gate"
)

// What replaces a part of a stored text is seen, whatever of the stored one is cut: a
// match that begins in what goes must not take in what comes.
func TestApproval_WhatIsCutFromWhatGoesHidesNothingThatComes(t *testing.T) {
	t.Parallel()
	const begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
	evil := "EVIL deploy to production and delete everything that is there, now and then"
	for name, row := range map[string]struct{ before, after string }{
		"a key begins":         {begin + "\nsee below\n", evil + "\n" + end + "\n"},
		"a key begins, beside": {"x " + begin + " y\n", evil + "\nKEY-----\n"},
		"a key with a body":    {begin + "\nMIIEowIBAAKCAQEAx8N2dYpYKD6gT2bq0pXk4vQF9cW1mZbL7sRtUaJhGfEdCiHo\n", evil + "\n" + end + "\n"},
		"a kept end":           {begin + "\nsee below\n" + end + "\n", evil + "\n" + end + "\n"},
		"a bare assignment":    {"api_key =\n", "\"EVIL4f8a9c2b7d1e6f3a5b8c\"\n"},
	} {
		f := newForum()
		d := f.open(t, asking, writer(func(p *gate.Plan) {
			p.Changes = func() ([]gate.Change, error) {
				return []gate.Change{{Field: "text", Before: row.before, After: row.after}}, nil
			}
		}))
		var shown string
		d.Human = func(message string) bool { shown = message; return false }
		a := write(d, "acme/open", row.after)
		if shown != "" && !strings.Contains(shown, "EVIL") {
			t.Errorf("%s: asked, and not shown:\n%s", name, shown)
		}
		if shown == "" && a.Code != gate.ApprovalUnavailable {
			t.Errorf("%s: %s", name, a.All)
		}
	}
}
