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
func (r *request) checkMarkers() *Refusal {
	for _, text := range r.prepared.Written {
		if marker := sanitize.Marker(text.Text); marker != "" {
			return Refuse(RedactionMarker, "%s holds %s, which stands in answers for what was removed or made visible; written back, it would destroy what is stored.", text.Field, quoteMarker(marker)).
				WithHint("Change what has no such mark, or have a human do it. %s", noSecret)
		}
	}
	return nil
}

// noSecret is the way out for what was taken for a secret and is none.
const noSecret = "If what was taken for a secret is none, whoever operates Aegis can name it in the policy (secrets.allow, by the fingerprint that aegis secrets prints): it is shown and written as it is from then on."

// quoteMarker shows the kind of a marker, not all that a caller put into it.
func quoteMarker(marker string) string {
	if len(marker) > 40 {
		marker = strings.ToValidUTF8(marker[:40], "") + "…"
	}
	return fmt.Sprintf("%q", marker)
}

// checkSecrets refuses texts that hold a secret, and names rule and field.
func (r *request) checkSecrets() *Refusal {
	var texts []sanitize.Written
	size := 0
	for _, text := range r.prepared.Written {
		size += len(text.Text)
		texts = append(texts, sanitize.Written{Field: text.Field, Text: text.Text, Path: text.Path})
	}
	var found []sanitize.Secret
	if err := r.scrub(size, func() { found = r.scrubber.Secrets(texts) }); err != nil {
		return r.refusalOf(err)
	}
	if len(found) == 0 {
		return nil
	}
	first := found[0]
	refusal := Refuse(SecretInArguments, "%s holds a secret, by rule %s.", strings.Join(first.Fields, " and "), first.Rule).
		WithHint("Secrets are not written to Gitea: keep the value elsewhere and write how to get at it. %s", noSecret)
	if more := len(found) - 1; more > 0 {
		refusal.Message += fmt.Sprintf(" So do %d more.", more)
	}
	refusal.Rule = first.Rule
	return refusal
}

// resolveReferences looks again for addresses of where Gitea believes to be: it need
// not be where it is reached.
func (w *world) resolveReferences(Target) error {
	if !w.writes() {
		return nil
	}
	referred, refusal := w.references(w.judge(), w.instances()...)
	if refusal != nil {
		return refusal
	}
	for _, to := range referred {
		if !slices.ContainsFunc(w.found.referred, func(known place) bool { return known.name == to.name }) {
			w.found.referred = append(w.found.referred, to)
		}
	}
	return w.lookAtReferred()
}

// instances are where Gitea is reached and, once a repository is resolved, where it
// was told to be. The latter is what a record's own address begins with; the address
// of its page follows the request.
func (w *world) instances() []*url.URL {
	all := []*url.URL{w.base}
	if w.repo == nil {
		return all
	}
	for _, address := range []string{w.repo.Record.URL, w.repo.Record.HTMLURL} {
		own, err := url.Parse(address)
		if err != nil || own.Host == "" {
			continue
		}
		folder, _, _ := strings.Cut(own.EscapedPath(), "/api/v1/repos/")
		folder = strings.TrimSuffix(folder, "/"+w.repo.FullName)
		all = append(all, &url.URL{Scheme: own.Scheme, Host: own.Host, Path: folder})
	}
	return all
}

// lookAtReferred finds out who sees what the texts refer to. Gitea shows the first
// line of a private commit to everybody who sees the issue that it refers to.
func (w *world) lookAtReferred() error {
	if w.policy.Flow().PrivateToPublic == policy.Allow {
		return nil // nobody will ask
	}
	for i := range w.found.referred {
		to := &w.found.referred[i]
		w.client.LookUp(to.name)
		record, err := w.client.Repository(to.name)
		if err == nil {
			w.recognise(record)
			if refusal := w.judgeReferred(w.judge(), to.name); refusal != nil {
				return refusal
			}
			to.visibility = w.audience(record)
			continue
		}
		to.visibility = Public // for all that is known
		if err := orHidden(err); err != nil {
			return err
		}
	}
	return nil
}

// references finds the repositories that the call's texts refer to, on whatever
// instances of these, and refuses one that may not be written to.
func (r *request) references(by *judge, instances ...*url.URL) (referred []place, refusal *Refusal) {
	for _, text := range r.prepared.Written {
		if text.Kind == Content {
			continue
		}
		syntax := reference.Plain
		if text.Kind == Markdown {
			syntax = reference.Markdown
		}
		repos, unclear := reference.Find(text.Text, syntax, instances...)
		for _, repo := range repos {
			if refusal := r.judgeReferred(by, repo); refusal != nil {
				refusal.Message = fmt.Sprintf("%s refers to something in %s, where Gitea would leave an event. %s", text.Field, repo, refusal.Message)
				if text.Kind == Markdown {
					refusal.Hint = "In a fenced block of code it is plain text and leaves nothing. " + refusal.Hint
				}
				return nil, refusal
			}
			known := func(to place) bool { return to.name == repo }
			if repo != r.prepared.Target.repo && !slices.ContainsFunc(referred, known) {
				referred = append(referred, place{name: repo, visibility: Public})
			}
		}
		if unclear {
			refusal := Refuse(NotWhitelisted, "What %s refers to can't be told for certain, and Gitea might leave an event in another repository.", text.Field).
				WithHint("Write references as owner/repo#1, without entities, escapes or markup in them; in a fenced block of code they are plain text.")
			if text.Kind == Markdown && reference.Torn(text.Text) {
				refusal.Message = fmt.Sprintf("%s has a carriage return without a line feed, which some parsers take for the end of a line and some don't: what it refers to can't be told.", text.Field)
				refusal.Hint = "End lines by a line feed."
			}
			refusal.Rule = "WRITE_REPOSITORY_WHITELIST"
			return nil, refusal
		}
	}
	return referred, nil
}

// judgeReferred decides whether an event may be left in a repository.
func (r *request) judgeReferred(by *judge, repo canon.Repo) *Refusal {
	if repo == r.prepared.Target.repo {
		return nil
	}
	if refusal := r.whitelisted(repo); refusal != nil {
		return refusal
	}
	return refused(by.decide(r.caseOf(repo)))
}
