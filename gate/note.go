package gate

import (
	"slices"
	"strings"
	"time"

	"aegis/gate/caller"
	"aegis/internal/canon"
)

// everything stands for what no single repository holds.
const everything = "all that the token reads"

// mark is what the call shows of a repository.
func (v *Visit) mark(repo string) caller.Mark {
	return caller.Mark{Tool: v.tool.Name, Repo: repo, Call: v.id, At: time.Now()}
}

// saw marks the session with content of a repository.
func (v *Visit) saw(repo string, visibility Visibility) {
	v.caller.Marks.Saw(visibility, v.mark(repo))
}

// sawRepositories marks the session with content of the call's repositories.
func (v *Visit) sawRepositories() {
	for _, repo := range append([]*Resolved{v.repo}, v.others...) {
		if repo != nil {
			v.saw(repo.Name.String(), VisibilityOf(repo.Record))
		}
	}
	v.sawNarrow()
}

// sawNarrow marks the session with what a plan has looked at that few see.
func (v *Visit) sawNarrow() {
	if v.narrow && v.gate.options.Write {
		v.saw(fewOf(v.target().String()), Private)
	}
}

// fewOf names what few see of a repository.
func fewOf(repo string) string { return repo + ", where only few see it," }

// SawNarrow tells the gate that the plan has looked at what fewer people see than the
// repository: a draft, say. Whatever comes of the call then tells of it.
func (v *Visit) SawNarrow() { v.narrow = true }

// noteShown marks the session with what a result is about to show. Names of
// repositories in lists are no content; neither is a write's own answer. That of a
// dry run is: it tells whether a guess at what is stored is right.
func (v *Visit) noteShown(r *Result) {
	switch {
	case !v.gate.options.Write:
		return // for as long as the process lives
	case v.writes():
		if v.written == 0 {
			v.sawRepositories()
		}
		v.sawNarrow()
		return
	}
	v.sawRepositories()
	v.noteNarrow(r.Fields, v.target().String())
	if r.List != nil {
		v.noteRows(r.List)
	}
	v.noteAuthors()
}

// noteRows marks the session with a list.
func (v *Visit) noteRows(l *List) {
	if l.Query != "" && !l.Names && v.repo == nil && !v.client.Anonymous() {
		v.saw(everything, Private) // that nothing is found is an answer, too
	}
	if l.Own {
		v.saw("what only the token's user sees", Private)
	}
	if l.Names {
		return
	}
	for _, row := range l.Rows {
		v.noteNarrow(row.Value, v.from(row).String())
		switch {
		case row.Record != nil:
			v.saw(v.from(row).String(), VisibilityOf(row.Record))
		case !row.Repo.IsZero():
			v.saw(row.Repo.String(), v.visibilityNamed(row.Repo))
		case !row.Owner.IsZero():
			v.saw(row.Owner.String()+"/*", Private) // it may be more open; nobody says so
		}
	}
}

// noteNarrow marks the session with what fewer people see than the repository that
// it is of. Who they are no record tells.
func (v *Visit) noteNarrow(value any, repo string) {
	if narrow, ok := value.(Narrow); ok && narrow.Narrow() {
		v.saw(fewOf(repo), Private)
	}
}

// noteAuthors hands on to the session whose text is shown.
func (v *Visit) noteAuthors() {
	for _, who := range v.authors {
		v.caller.Marks.SawAuthor(who, v.mark(who.Repo.String()))
	}
}

// noteFailed marks the session with what a refusal tells, once the repository was
// resolved: that a file is too large, that a path leads to a hidden one, that what
// is stored is not what was guessed. That there is nothing by a name is no more than
// a list of names, unless a plan has looked for it. That a human or flow control
// stood in the way tells next to nothing, and is no reason to end all writing.
func (v *Visit) noteFailed(r *Refusal) {
	if !v.gate.options.Write || v.client == nil {
		return
	}
	if v.written > 0 {
		v.sawNarrow()
		return
	}
	none := []Code{FlowDenied, ApprovalUnavailable, ApprovalDeclined}
	if !v.looked {
		none = append(none, NotFound)
	}
	if v.prepared.Target.kind == everywhere { // Gitea being away, or the token's scopes, are no content
		none = append(none, GiteaUnauthorized, GiteaForbidden, GiteaUnreachable)
	}
	if slices.Contains(none, r.Code) && !r.tells {
		return
	}
	v.sawRepositories()
	if v.prepared.Target.kind == everywhere && !v.prepared.Target.names && !v.client.Anonymous() {
		v.saw(everything, Private)
	}
	v.noteAuthors()
}

// attribute notes whose text is shown. It asks nobody.
func (v *Visit) attribute(login string, repo canon.Repo) {
	who := caller.Author{Repo: repo, Login: strings.ToLower(login)}
	if !repo.IsZero() && !v.writes() && !slices.Contains(v.authors, who) {
		v.authors = append(v.authors, who)
	}
}
