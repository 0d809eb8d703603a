package sanitize

import (
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// Where a rule's expression has groups for its own ends, gitleaks takes one of
// them for the secret. Whatever the rule, what is left of its match must not look
// more random than what was cut.
func TestFragmentsAreCutWhole(t *testing.T) {
	t.Parallel()
	s, detector, cfg := scrubber(t), stock.New(t), stock.Config(t)
	for _, rule := range cfg.GetOrderedRules() {
		if rule.Regex == nil {
			continue
		}
		r := rand.New(rand.NewPCG(11, 11))
		for tried := 0; tried < 60; tried++ {
			text := stock.Instance(r, rule.Regex.String())
			if len(rule.Keywords) > 0 {
				text = rule.Keywords[0] + "\n" + text + "\n"
			}
			text = strings.ToValidUTF8(text, "")
			for _, f := range detector.DetectString(text) {
				if f.RuleID != rule.RuleID || !strings.Contains(text, f.Match) {
					continue
				}
				tried += 8
				shown, _ := s.Text(text, TextOptions{})
				if left, all := random(beside(shown)), max(random(text), len(f.Secret)); left*2 > all {
					t.Errorf("%s: of %d random characters %d stay\n in  %q\n out %q", rule.RuleID, all, left, text, shown)
				}
			}
		}
	}
	const id = "0a1b2c3d-1a2b-3c4d-5e6f-0123456789ab"
	for in, want := range map[string]string{
		"hook: https://acme.webhook.office.com/webhookb2/" + id + "@" + id + "/IncomingWebhook/" + strings.Repeat("0123456789abcdef", 2) + "/" + id + " here": "hook: [redacted:microsoft-teams-webhook] here",
		"jwt ZXlK" + "aGNIWWlPaU3f4hw4fw7DN4yd9eQT/D1MRjPDNLizC40KgaFE98U7yAJZwemEYtO3bMg there":                                                              "jwt [redacted:jwt-base64] there",
	} {
		if got, _ := s.Text(in, TextOptions{}); got != want {
			t.Errorf("Text(%q) = %q", in, got)
		}
	}
}

// beside returns what is left beside the first marker of text: all that comes
// after it, and before it what nothing parts from it. A name further before is
// no secret, however it looks.
func beside(text string) string {
	begin := strings.Index(text, markerBegin)
	if begin < 0 {
		return text
	}
	start := begin
	for start > 0 && !parts(text[start-1]) {
		start--
	}
	_, after, _ := strings.Cut(text[begin:], "]")
	return text[start:begin] + " " + after
}
