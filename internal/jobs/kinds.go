package jobs

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"aegis/internal/canon"
	"aegis/internal/operatorfile"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a value is. A value may stand only where its kind may.
type Kind string

const (
	Number  Kind = "number"  // of an issue or a pull request
	Run     Kind = "run"     // id of a workflow run
	JobID   Kind = "job"     // id of a job of such a run
	Comment Kind = "comment" // id of a comment
	Release Kind = "release" // id of a release
	Count   Kind = "count"
	SHA     Kind = "commit id"
	Date    Kind = "date"
	Repo    Kind = "repository"
	Word    Kind = "word" // of a closed set of Gitea's: open, failure
	Ref     Kind = "ref"
	Label   Kind = "label"
	Login   Kind = "user"
	Path    Kind = "path"
	Lines   Kind = "lines" // of a log
	Rows    Kind = "rows"  // that the job has made
)

// inText are the kinds that may stand in the middle of a text: none of them can be made to
// say something, or to call somebody.
var inText = map[Kind]bool{Number: true, Run: true, JobID: true, Comment: true, Release: true, Count: true, SHA: true, Date: true, Repo: true, Word: true}

var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z_]{0,39}$`) })

// read makes a value of a kind of what an answer has, and is not ok for what is none: an
// answer is made of what people wrote.
func (k Kind) read(found any) (value any, ok bool) {
	switch k {
	case Number, Run, JobID, Comment, Release, Count:
		number, isNumber := found.(json.Number)
		if !isNumber {
			return nil, false
		}
		n, err := number.Int64()
		return n, err == nil && (n > 0 || k == Count && n == 0)
	}
	text, isText := found.(string)
	if !isText {
		return nil, false
	}
	switch k {
	case SHA:
		return strings.ToLower(text), canon.IsCommitID(text)
	case Date:
		at, err := time.Parse(time.RFC3339, text)
		return at.UTC().Format(time.RFC3339), err == nil && at.Year() >= 1970 && at.Year() < 9999
	case Repo:
		repo, err := canon.ParseFullName(text)
		return repo.String(), err == nil
	case Word:
		return text, word().MatchString(text)
	case Ref:
		ref, err := canon.ParseRef(text)
		return ref.String(), err == nil
	case Label:
		return text, len(text) <= 50 && isPlain(text)
	case Login:
		login, err := canon.ParseOwner(text)
		return login.String(), err == nil
	case Path:
		path, err := canon.ParsePath(text)
		return path.String(), err == nil && isPlain(text)
	}
	return nil, false
}

// isPlain reports whether a name looks like what it is.
func isPlain(text string) bool {
	return text != "" && utf8.ValidString(text) && text == strings.TrimSpace(text) && norm.NFC.IsNormalString(text) &&
		!strings.ContainsFunc(text, operatorfile.Unseen)
}
