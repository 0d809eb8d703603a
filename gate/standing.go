package gate

import (
	"strings"

	"aegis/gate/caller"
	"aegis/internal/canon"
)

// standingIn returns who may write to a repository, asked for once a call.
// Without an answer nobody may.
func (v *Visit) standingIn(repo canon.Repo) map[string]bool {
	if known, ok := v.standing[repo]; ok {
		return known
	}
	if v.standing == nil {
		v.standing = make(map[canon.Repo]map[string]bool)
	}
	writers := make(map[string]bool)
	v.standing[repo] = writers
	v.client.Allow(repo)
	logins, err := v.client.Assignees(repo)
	if err != nil {
		v.logger().Warn().Str("error", v.gate.scrubber.Line(err.Error())).Msg("authors' standing unknown; they count as strangers")
	}
	for _, login := range logins {
		writers[strings.ToLower(login)] = true
	}
	return writers
}

// stranger finds text that the session was shown by somebody without standing. Who
// has any is asked now, for the authors that nobody has asked about yet: one request
// for each of their repositories. In doubt they are strangers.
func (v *Visit) stranger() (caller.Mark, bool) {
	if found, ok := v.caller.Marks.Stranger(v.since()); ok {
		return found, true
	}
	for who, what := range v.caller.Marks.Unjudged(v.since()) {
		_, asked := v.standing[who.Repo]
		known := asked || len(v.standing) < maxNamed && v.policy.Repository(who.Repo, "").Allow
		v.caller.Marks.Judged(who, what, known && v.standingIn(who.Repo)[who.Login])
	}
	return v.caller.Marks.Stranger(v.since())
}

// doubted is stranger for the time right before a request is sent, when nobody may
// be asked any more: who is not known to have standing has none.
func (v *Visit) doubted() (caller.Mark, bool) {
	if found, ok := v.caller.Marks.Stranger(v.since()); ok {
		return found, true
	}
	for _, what := range v.caller.Marks.Unjudged(v.since()) {
		return what, true
	}
	return caller.Mark{}, false
}
