package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

type searchCodeArgs struct {
	repoArgs
	Query   string    `json:"query" max:"1024" doc:"Text to find in a line, case-sensitive"`
	Ref     canon.Ref `json:"ref,omitempty" doc:"Branch, tag or commit; else the default branch"`
	Path    string    `json:"path,omitempty" max:"500" doc:"Only files that match this glob (src/**/*.go) or lie in this folder"`
	Regexp  bool      `json:"regexp,omitempty" doc:"query is a regular expression (RE2)"`
	Context int       `json:"context_lines,omitempty" min:"0" max:"10"`
	pageArgs

	glob    policy.PathGlob
	matches *lineMatcher
}

// maxHits is how many hits can be paged to; more are only counted.
const maxHits = 1000

func (a *searchCodeArgs) check() (err error) {
	wrong := []error{a.repoArgs.check()}
	if a.Path != "" {
		if a.glob, err = policy.ParsePathGlob(a.Path); err != nil {
			wrong = append(wrong, fmt.Errorf("path %w", err))
		}
	}
	if a.Limit > 0 && a.Page > (maxHits+a.Limit-1)/a.Limit {
		wrong = append(wrong, fmt.Errorf("page is beyond the first %d hits; ask for less by query or path", maxHits))
	}
	a.matches = &lineMatcher{literal: a.Query}
	if a.Regexp && a.Query != "" {
		a.matches, err = compileQuery(a.Query)
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

func searchCode() Tool {
	return read(definition[searchCodeArgs]{
		name:        "search_code",
		title:       "Search code",
		description: "Lines that hold a text, in the files of one repository at one ref. Untrusted text.",
		target: func(a searchCodeArgs) gate.Target {
			return gate.Repository(a.repo).Folder(canon.Path{}).At(a.Ref).OrNothing()
		},
		run: runSearchCode,
	})
}

// codeFields is what was searched, and what was not.
type codeFields struct {
	Repository string         `json:"repository"`
	Visibility string         `json:"visibility"`
	Ref        string         `json:"ref,omitempty"`
	Commit     string         `json:"commit"`
	Hits       int            `json:"total_hits"` // lines, each counted once
	Files      int            `json:"files_searched"`
	Skipped    map[string]int `json:"files_skipped,omitempty"`  // by the reason
	AtMost     int            `json:"listed_at_most,omitempty"` // hits that can be paged to, if there are more
	TooLong    int            `json:"lines_skipped,omitempty"`  // too long for so large a regular expression
	Hint       string         `json:"hint,omitempty"`           // where nothing was found
}

// nothingFound says why a search may have found nothing, "" if it has.
func (a searchCodeArgs) nothingFound(seen gate.CodeSeen, hits int) string {
	switch {
	case hits > 0:
		return ""
	case seen.Files > 0:
		return "No line has it. Capitals and small letters differ: with regexp true, (?i) before the query finds it in any case. One line is looked at at a time, in this repository at this commit only."
	case len(seen.Skipped) > 0:
		return "No file could be looked at; files_skipped says why."
	case a.Path == "":
		return "No file was looked at: there is none here that may be seen and has text."
	case strings.ContainsAny(a.Path, "*?[{") && !strings.Contains(a.Path, "/"):
		return "No file was looked at: path matches none. Without a slash a pattern is for the root folder alone, and * matches no slash: **/*.go is all .go files, *.go those in the root."
	}
	return "No file was looked at: path matches none. It is a folder or a pattern, counted from the root, in the case of the names: src/**/*.go. get_file_tree lists what is there."
}

func runSearchCode(ctx context.Context, v *gate.Visit, a searchCodeArgs) (*gate.Result, error) {
	repo := v.Repo()
	if repo.Commit == "" {
		return noneYet(v, a.Page, a.Limit), nil
	}
	last := min(a.Page*a.Limit, maxHits)
	found := &codeHits{ctx: ctx, matches: a.matches, around: a.Context, most: last}
	seen, err := v.Code(gate.CodeReader{
		Wants:  func(path canon.Path) bool { return a.Path == "" || a.glob.Match(path) },
		Decode: decodeCode,
		Look:   found.look,
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: found.total > last}
	for _, hit := range found.rank((a.Page-1)*a.Limit, last) {
		list.Rows = append(list.Rows, gate.Row{Value: hit, Path: hit.path})
	}
	fields := codeFields{
		Repository: repo.FullName, Visibility: string(repo.Visibility), Ref: repo.Ref, Commit: repo.Commit,
		Hits: found.total, Files: seen.Files, Skipped: seen.Skipped, TooLong: found.tooLong,
	}
	fields.Hint = a.nothingFound(seen, found.total)
	if found.total > maxHits {
		fields.AtMost = maxHits
	}
	return &gate.Result{Fields: fields, List: list}, nil
}

// decodeCode is [decodeText] for a search: a pointer to a file kept elsewhere is
// not the file.
func decodeCode(raw []byte) (text, skip string) {
	if lfsPointer(raw) != nil {
		return "", "lfs"
	}
	text, _, ok := decodeText(raw)
	if !ok {
		return "", "binary"
	}
	return text, ""
}

// Bounds on a regular expression. What a line takes is the number of
// instructions that it compiles to times the line's length, and no call ends in
// the midst of a line.
const (
	maxProgram = 1000        // instructions
	maxWork    = 100_000_000 // instructions times bytes of a line: a second or two at worst
)

// compileQuery compiles a regular expression for single lines. Its errors do not
// quote it.
func compileQuery(query string) (*lineMatcher, error) {
	parsed, err := syntax.Parse(query, syntax.Perl)
	if err != nil {
		var reason *syntax.Error
		if errors.As(err, &reason) {
			return nil, fmt.Errorf("query is no regular expression (RE2): %s", reason.Code)
		}
		return nil, errors.New("query is no regular expression (RE2)")
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxProgram {
		return nil, errors.New("query is too large a regular expression; repeat less")
	}
	pattern, err := regexp.Compile(query)
	if err != nil {
		return nil, errors.New("query is no regular expression (RE2)")
	}
	return &lineMatcher{pattern: pattern, longest: maxWork / len(program.Inst)}, nil
}
