package gate

import (
	"fmt"
	"net/url"
	"strings"

	"aegis/internal/canon"
	"aegis/sanitize"
)

// checkMarkers refuses texts that hold what stands in answers for something that
// was taken out: written back, it would replace what is stored.
func (v *Visit) checkMarkers() *Refusal {
	for _, text := range v.prepared.Written {
		if marker := sanitize.Marker(text.Text); marker != "" {
			return Refuse(RedactionMarker, "%s holds %s, which stands in answers for what was removed or made visible; written back, it would destroy what is stored.", text.Field, quoteMarker(marker)).
				WithHint("Change other parts only, or have a human do it.")
		}
	}
	return nil
}

// quoteMarker shows the kind of a marker, not all that a caller put into it.
func quoteMarker(marker string) string {
	if len(marker) > 40 {
		marker = strings.ToValidUTF8(marker[:40], "") + "…"
	}
	return fmt.Sprintf("%q", marker)
}

// checkSecrets refuses texts that hold a secret, and names rule and field.
func (v *Visit) checkSecrets() *Refusal {
	var texts []sanitize.Written
	for _, text := range v.prepared.Written {
		texts = append(texts, sanitize.Written{Field: text.Field, Text: text.Text, Path: text.Path})
	}
	found := v.scrubber.Secrets(texts)
	if len(found) == 0 {
		return nil
	}
	first := found[0]
	r := Refuse(SecretInArguments, "%s holds a secret, by rule %s.", strings.Join(first.Fields, " and "), first.Rule).
		WithHint("Secrets are not written to Gitea. What is none can be named as an exception in the policy (secrets.allow); aegis secrets prints its fingerprint.")
	if more := len(found) - 1; more > 0 {
		r.Message += fmt.Sprintf(" So do %d more.", more)
	}
	r.Rule = first.Rule
	return r
}

// checkReferences refuses texts that would leave an event in a repository that
// may not be written to.
func (v *Visit) checkReferences() *Refusal {
	for _, text := range v.prepared.Written {
		if text.Kind == Content {
			continue
		}
		for _, repo := range findReferences(text.Text, v.gate.forge.Base(), text.Kind == Markdown) {
			if repo == v.prepared.Target.repo {
				continue
			}
			refusal := v.whitelisted(repo)
			if d := v.policy.Decide(v.query(repo)); refusal == nil && !d.Allow {
				refusal = denied(d)
			}
			if refusal != nil {
				refusal.Message = fmt.Sprintf("%s refers to something in %s, where Gitea would leave an event. %s", text.Field, repo, refusal.Message)
				if text.Kind == Markdown {
					refusal.Hint = "In backticks it is plain text and leaves nothing. " + refusal.Hint
				}
				return refusal
			}
		}
	}
	return nil
}

func findReferences(string, *url.URL, bool) []canon.Repo { return nil }
