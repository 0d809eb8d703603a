package leaks

import (
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// endings are what people write behind a secret.
var endings = []string{
	".", ". It fails", ",", ", and", ")", ").", "]", "}", ">", "<", "|", " |", "&", ":", "/", "!", "?", "*", "**", "#", "~", "\u201d", "\u2019", "\u00bb",
	"</td>", "<br>", "&page=2", "\\\"", "\"}", "'", ";", "`", "\n", "\\n", "\t", "…", "",
}

// A secret with a form of its own ends where its alphabet ends, whatever follows.
func TestASecretEndsWhereItsAlphabetEnds(t *testing.T) {
	t.Parallel()
	tried := 0
	for i := range table {
		d := &table[i]
		if d.wide == "" || strings.HasPrefix(d.id, "generic") || !strings.HasSuffix(d.pattern, "|$)") {
			continue
		}
		for round := range 10 {
			r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
			head, ok := upToSecret(d, d.keywords[0]+" \n"+stock.Instance(r, d.pattern)+"\n")
			if !ok {
				continue
			}
			tried++
			for _, ending := range endings {
				if text := head + ending; !endsWithin(Find(text, nil), d.id, len(head)) {
					t.Errorf("%s: nothing is found in %q", d.id, text)
				}
			}
			break
		}
	}
	if tried < 100 {
		t.Errorf("only %d rules were tried", tried)
	}
}

// upToSecret cuts a text behind the secret that the rule finds in it.
func upToSecret(d *definition, text string) (string, bool) {
	for _, f := range Find(text, nil) {
		if f.Rule == d.id && !f.ours && f.secret == text[f.Start:f.End] {
			return text[:f.End], true
		}
	}
	return "", false
}

// endsWithin reports whether a finding of the rule reaches to the end of a secret,
// but for what may belong to the secret or not.
func endsWithin(found []Finding, rule string, end int) bool {
	for _, f := range found {
		if f.Rule == rule && f.End >= end {
			return true
		}
	}
	return false
}
