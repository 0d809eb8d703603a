package forge

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"aegis/internal/canon"
)

// maxQuery bounds a query as it is sent, in bytes.
const maxQuery = 16 << 10

// admitted is a request as it is to be sent, built from what was matched and not
// copied, and what may be answered.
type admitted struct {
	address *url.URL
	body    []byte // nil is none
	answer  media
	early   bool // as the rule's
	asked   Asked
}

// admit finds the rule for a request. It returns a Refused error if there is
// none.
func (f *Forge) admit(req *http.Request, s scope) (admitted, *Error) {
	u := req.URL
	if u == nil || u.Scheme != f.base.Scheme || u.Host != f.base.Host || u.Opaque != "" || u.User != nil ||
		(req.Host != "" && req.Host != f.base.Host) {
		return admitted{}, refused("the request is not for the configured Gitea")
	}
	if u.Fragment != "" || u.RawFragment != "" {
		return admitted{}, refused("the address has a fragment")
	}
	escaped := u.EscapedPath()
	rest, ok := strings.CutPrefix(escaped, f.api+"/")
	if !ok {
		return admitted{}, refused("the address is not below /api/v1")
	}
	segments, ok := split(rest)
	if !ok {
		return admitted{}, refused("the path is not in canonical form")
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(u.RawQuery) > maxQuery {
		return admitted{}, refused("the query is malformed or too long")
	}
	rules := egress
	if !reads(req.Method) {
		rules = egressWrites
	}
	for _, r := range rules {
		if r.matchMethod(req.Method) && r.matchPath(segments, s) && r.query.match(values) {
			body, refusal := r.judgeBody(req, segments, s.readable)
			if refusal != nil {
				return admitted{}, refusal
			}
			path, _ := url.PathUnescape(escaped) // every segment was unescaped before
			address := &url.URL{Scheme: f.base.Scheme, Host: f.base.Host, Path: path, RawPath: escaped, RawQuery: values.Encode()}
			return admitted{address, body, r.answer, r.early, r.asked(segments)}, nil
		}
	}
	return admitted{}, refused("no rule lets this request leave")
}

// split cuts an escaped path into its segments and unescapes each once. Each
// must be escaped the one way that url.PathEscape does it, so that a name has
// one spelling. Empty and dot segments, backslashes and control characters are
// in no path; a slash within a segment is for the pattern to judge.
func split(escaped string) (segments []string, ok bool) {
	for raw := range strings.SplitSeq(escaped, "/") {
		s, err := url.PathUnescape(raw)
		if err != nil || s == "" || s == "." || s == ".." || url.PathEscape(s) != raw {
			return nil, false
		}
		for i := range len(s) {
			if s[i] < ' ' || s[i] == 0x7f || s[i] == '\\' {
				return nil, false
			}
		}
		segments = append(segments, s)
	}
	return segments, true
}

func (r rule) matchMethod(method string) bool {
	for allowed := range strings.SplitSeq(r.methods, " ") {
		if method == allowed {
			return true
		}
	}
	return false
}

func (r rule) matchPath(segments []string, s scope) bool {
	granted, ok := r.granted(s)
	if !ok {
		return false
	}
	for i, want := range r.pattern {
		if i >= len(segments) {
			return false
		}
		got := segments[i]
		switch want {
		case "{owner}":
			if !isOwner(got) {
				return false
			}
		case "{repo}":
			repo, err := canon.ParseRepo(segments[i-1], got)
			// A name in another case would be the same repository to Gitea,
			// and another to whoever reads the log.
			if err != nil || repo.Owner() != segments[i-1] || repo.Name() != got || shadowed(repo) || !granted(repo) {
				return false
			}
		case "{granted}":
			if !isOwner(got) || s.owned == nil || !s.owned(got) {
				return false
			}
		case "{commit}":
			if !commitID(got) {
				return false
			}
		case "{short}":
			if !canon.IsShortCommitID(got) || got != strings.ToLower(got) {
				return false
			}
		case "{number}":
			if !isNumber(got) {
				return false
			}
		case "{commit}.diff":
			if id, ok := strings.CutSuffix(got, ".diff"); !ok || !commitID(id) {
				return false
			}
		case "{commit}.tar.gz":
			if id, ok := strings.CutSuffix(got, ".tar.gz"); !ok || !commitID(id) {
				return false
			}
		case "{number}.diff":
			if n, ok := strings.CutSuffix(got, ".diff"); !ok || !isNumber(n) {
				return false
			}
		case "{comparison}":
			if !isComparison(got, s) {
				return false
			}
		case "{wiki}":
			if !isWikiFile(got) {
				return false
			}
		case "{workflow}":
			if !isWorkflow(got) {
				return false
			}
		case "{ref}":
			if !isShortRef(got) {
				return false
			}
		case "{ref...}":
			return isShortRef(strings.Join(segments[i:], "/")) // Gitea unescapes %2F here
		case "{path...}":
			return !anyHasSlash(segments[i:]) && filePath(strings.Join(segments[i:], "/"))
		default:
			if got != want {
				return false
			}
		}
	}
	return len(segments) == len(r.pattern)
}

// isComparison reads ID...ID, ID..ID and ID...owner/name:ID. To compare across
// repositories Gitea fetches the base commit into the head's repository, where all
// who read that one can read it from then on. So the head's has to have it already.
func isComparison(text string, s scope) bool {
	base, head, ok := strings.Cut(text, "...")
	if !ok { // what lies between the two as they are, within the repository
		base, head, ok = strings.Cut(text, "..")
		return ok && commitID(base) && commitID(head)
	}
	if name, id, fork := strings.Cut(head, ":"); fork {
		repo, err := canon.ParseFullName(name)
		if err != nil || repo.String() != name || !s.granted(repo) || s.holds == nil || !s.holds(repo, base) {
			return false
		}
		head = id
	}
	return ok && commitID(base) && commitID(head)
}

// shadowed reports whether Gitea has another endpoint at a repository's
// address: /repos/issues/search searches all issues.
func shadowed(repo canon.Repo) bool { return repo.String() == "issues/search" }

// isNumber reports whether s is an integer from 1 that every JSON
// implementation keeps: the ids and numbers that callers may give.
func isNumber(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && n < 1<<53 && s[0] >= '1'
}

func anyHasSlash(segments []string) bool {
	for _, s := range segments {
		if strings.Contains(s, "/") {
			return true
		}
	}
	return false
}

// match reports whether values has all that must be there and nothing that may
// not, each once.
func (q query) match(values url.Values) bool {
	for name := range q {
		if bare, required := strings.CutSuffix(name, "!"); required && len(values[bare]) == 0 {
			return false
		}
	}
	for name, given := range values {
		allowed := q[name]
		if allowed == nil {
			allowed = q[name+"!"]
		}
		if strings.HasSuffix(name, "!") || allowed == nil || len(given) != 1 || !allowed(given[0]) {
			return false
		}
	}
	return true
}
