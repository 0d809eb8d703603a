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

// sight is content of a repository, or of something like one, that is shown.
type sight struct {
	repo       string
	visibility Visibility
}

// marks reports whether what is shown will matter: the caller may write, or may come
// again to a process in which it may.
func (r *request) marks() bool { return r.options.Write || r.caller.Marks.Outlive() }

// mark is what the call shows of a repository.
func (r *request) mark(repo string) caller.Mark {
	return caller.Mark{Tool: r.tool.Name, Repo: repo, Call: r.id, At: time.Now()}
}

// saw marks the caller with content.
func (r *request) saw(all ...sight) {
	for _, each := range all {
		r.caller.Marks.Saw(each.visibility, r.mark(each.repo))
		r.marked = r.marked || each.visibility != Public
	}
}

// sawRepositories marks the caller with content of the call's repositories.
func (t *telling) sawRepositories() {
	for _, repo := range append([]*Resolved{t.repo}, t.others...) {
		if repo != nil {
			t.saw(sight{repo.Name.String(), VisibilityOf(repo.Record)})
		}
	}
	t.sawNarrow()
}

// sawNarrow marks the caller with what a plan has looked at that few see.
func (t *telling) sawNarrow() {
	if t.found.narrow && t.marks() {
		t.saw(fewOf(t.target().String()))
	}
}

// fewOf is what few see of a repository.
func fewOf(repo string) sight { return sight{repo + ", where only few see it,", Private} }

// noteShown marks the caller with what the result shows. Names of repositories in
// lists are no content; neither is a write's own answer. That of a dry run is: it
// tells whether a guess at what is stored is right.
func (t *telling) noteShown() {
	switch {
	case !t.marks():
		return
	case t.writes():
		if t.sending.written == 0 {
			t.sawRepositories()
		}
		t.sawNarrow()
		return
	}
	t.sawRepositories()
	t.saw(marksOfNarrow(t.result.Fields, t.target().String())...)
	if t.list != nil {
		t.saw(t.marksOfRows(t.result.List, t.list.rows, t.anonymous)...)
	}
	t.noteAuthors()
}

// marksOfRows is what rows of a list show.
func (j *judge) marksOfRows(l *List, rows []Row, anonymous bool) (all []sight) {
	if l.Query != "" && !l.Names && j.repo == nil && !anonymous {
		all = append(all, sight{everything, Private}) // that nothing is found is an answer, too
	}
	if l.Own {
		all = append(all, sight{"what only the token's user sees", Private})
	}
	if l.Names {
		return all
	}
	for _, row := range rows {
		all = append(all, marksOfNarrow(row.Value, j.from(row).String())...)
		switch {
		case row.Record != nil:
			all = append(all, sight{j.from(row).String(), VisibilityOf(row.Record)})
		case !row.Repo.IsZero():
			all = append(all, sight{row.Repo.String(), j.visibilityNamed(row.Repo)})
		case !row.Owner.IsZero():
			all = append(all, sight{row.Owner.String() + "/*", Private}) // it may be more open; nobody says so
		}
	}
	return all
}

// marksOfNarrow is what fewer people see than the repository that it is of. Who they
// are no record tells.
func marksOfNarrow(value any, repo string) []sight {
	if narrow, ok := value.(Narrow); ok && narrow.Narrow() {
		return []sight{fewOf(repo)}
	}
	return nil
}

// noteAuthors hands on to the caller whose text is shown.
func (t *telling) noteAuthors() {
	for _, who := range t.found.authors {
		t.caller.Marks.SawAuthor(who, t.mark(who.Repo.String()))
		t.marked = true
	}
}

// noteFailed marks the caller with what a refusal tells, once the repository was
// resolved: that a file is too large, that a path leads to a hidden one, that what
// is stored is not what was guessed. That there is nothing by a name is no more than
// a list of names, unless a plan has looked for it. That a human or flow control
// stood in the way tells next to nothing, and is no reason to end all writing.
func (t *telling) noteFailed(r *Refusal) {
	if !t.marks() {
		return
	}
	if t.sending.written > 0 {
		t.sawNarrow()
		return
	}
	none := []Code{FlowDenied, ApprovalUnavailable, ApprovalDeclined}
	if !t.found.looked {
		none = append(none, NotFound)
	}
	if t.prepared.Target.kind == everywhere { // Gitea being away, or the token's scopes, are no content
		none = append(none, GiteaUnauthorized, GiteaForbidden, GiteaUnreachable)
	}
	if slices.Contains(none, r.Code) && !r.tells {
		return
	}
	t.sawRepositories()
	if t.prepared.Target.kind == everywhere && !t.prepared.Target.names && !t.anonymous {
		t.saw(sight{everything, Private})
	}
	t.noteAuthors()
}

// attribute notes whose text is shown. It asks nobody.
func (f *findings) attribute(r *request, login string, repo canon.Repo) {
	who := caller.Author{Repo: repo, Login: strings.ToLower(login)}
	if !repo.IsZero() && !r.writes() && !slices.Contains(f.authors, who) {
		f.authors = append(f.authors, who)
	}
}
