package gate

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/reference"
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
	size := 0
	for _, text := range v.prepared.Written {
		size += len(text.Text)
		texts = append(texts, sanitize.Written{Field: text.Field, Text: text.Text, Path: text.Path})
	}
	var found []sanitize.Secret
	if err := v.scrub(size, func() { found = v.scrubber.Secrets(texts) }); err != nil {
		return v.refusalOf(err)
	}
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
func (v *Visit) checkReferences() *Refusal { return v.judgeReferences(v.instances()...) }

// resolveReferences looks again for addresses of where Gitea believes to be: it need
// not be where it is reached.
func (v *Visit) resolveReferences(Target) error {
	if !v.writes() {
		return nil
	}
	if refusal := v.judgeReferences(v.instances()...); refusal != nil {
		return refusal
	}
	return v.lookAtReferred()
}

// instances are where Gitea is reached and, once a repository is resolved, where it
// was told to be. The latter is what a record's own address begins with; the address
// of its page follows the request.
func (v *Visit) instances() []*url.URL {
	all := []*url.URL{v.gate.forge.Base()}
	if v.repo == nil {
		return all
	}
	for _, address := range []string{v.repo.Record.URL, v.repo.Record.HTMLURL} {
		told, err := url.Parse(address)
		if err != nil || told.Host == "" {
			continue
		}
		folder, _, _ := strings.Cut(told.EscapedPath(), "/api/v1/repos/")
		folder = strings.TrimSuffix(folder, "/"+v.repo.FullName)
		all = append(all, &url.URL{Scheme: told.Scheme, Host: told.Host, Path: folder})
	}
	return all
}

// lookAtReferred finds out who sees what the texts refer to. Gitea shows the first
// line of a private commit to everybody who sees the issue that it refers to.
func (v *Visit) lookAtReferred() error {
	if v.policy.Flow().PrivateToPublic == policy.Allow {
		return nil // nobody will ask
	}
	for i := range v.referred {
		to := &v.referred[i]
		v.client.Allow(to.name)
		record, err := v.client.Repository(to.name)
		if err == nil {
			v.recognise(record)
			if refusal := v.judgeReferred(to.name); refusal != nil {
				return refusal
			}
			to.visibility = v.audience(record)
			continue
		}
		to.visibility = Public // for all that is known
		if err := orHidden(err); err != nil {
			return err
		}
	}
	return nil
}

// refers notes that a text refers to another repository.
func (v *Visit) refers(repo canon.Repo) {
	known := func(to place) bool { return to.name == repo }
	if repo != v.prepared.Target.repo && !slices.ContainsFunc(v.referred, known) {
		v.referred = append(v.referred, place{name: repo, visibility: Public})
	}
}

func (v *Visit) judgeReferences(instances ...*url.URL) *Refusal {
	for _, text := range v.prepared.Written {
		if text.Kind == Content {
			continue
		}
		syntax := reference.Plain
		if text.Kind == Markdown {
			syntax = reference.Markdown
		}
		repos, unclear := reference.Find(text.Text, syntax, instances...)
		for _, repo := range repos {
			if refusal := v.judgeReferred(repo); refusal != nil {
				refusal.Message = fmt.Sprintf("%s refers to something in %s, where Gitea would leave an event. %s", text.Field, repo, refusal.Message)
				if text.Kind == Markdown {
					refusal.Hint = "In a fenced block of code it is plain text and leaves nothing. " + refusal.Hint
				}
				return refusal
			}
			v.refers(repo)
		}
		if unclear {
			r := Refuse(NotWhitelisted, "What %s refers to can't be told for certain, and Gitea might leave an event in another repository.", text.Field).
				WithHint("Write references as owner/repo#1, without entities, escapes or markup in them; in a fenced block of code they are plain text.")
			if text.Kind == Markdown && reference.Torn(text.Text) {
				r.Message = fmt.Sprintf("%s has a carriage return without a line feed, which some parsers take for the end of a line and some don't: what it refers to can't be told.", text.Field)
				r.Hint = "End lines by a line feed."
			}
			r.Rule = "WRITE_REPOSITORY_WHITELIST"
			return r
		}
	}
	return nil
}

// judgeReferred decides whether an event may be left in a repository.
func (v *Visit) judgeReferred(repo canon.Repo) *Refusal {
	if repo == v.prepared.Target.repo {
		return nil
	}
	if refusal := v.whitelisted(repo); refusal != nil {
		return refusal
	}
	if d := v.policy.Decide(v.query(repo)); !d.Allow {
		return denied(d)
	}
	return nil
}
