package gate

import (
	"strings"

	"aegis/gate/caller"
)

// stranger finds text that the caller was shown by somebody without standing. Who
// has any is asked now, for the authors that nobody has asked about yet: one request
// for each of their repositories. In doubt they are strangers.
func (w *world) stranger() (caller.Mark, bool) {
	if found, ok := w.caller.Marks.Stranger(w.since()); ok {
		return found, true
	}
	for who, what := range w.caller.Marks.Unjudged(w.since()) {
		_, asked, _ := w.look(question{aboutWriters, who.Repo})
		known := asked || w.count(aboutWriters) < maxNamed && w.knowing.Repository(who.Repo, "").Allow
		w.caller.Marks.Judged(who, what, known && w.hasStanding(who.Login, who.Repo))
	}
	return w.caller.Marks.Stranger(w.since())
}

// doubted is stranger for the time right before a request is sent, when nobody may
// be asked any more: who is not known to have standing has none.
func (w *world) doubted() (caller.Mark, bool) {
	if found, ok := w.caller.Marks.Stranger(w.since()); ok {
		return found, true
	}
	for _, what := range w.caller.Marks.Unjudged(w.since()) {
		return what, true
	}
	return caller.Mark{}, false
}

// writersAmong are the authors of rows who may write to the target, in small letters. Of a call
// about no repository there are none.
func (j *judge) writersAmong(rows []Row) map[string]bool {
	if j.target().IsZero() {
		return nil
	}
	writers := make(map[string]bool)
	for _, row := range rows {
		if by, ok := row.Value.(Authored); ok && j.hasStanding(by.Author(), j.target()) {
			writers[strings.ToLower(by.Author())] = true
		}
	}
	return writers
}
