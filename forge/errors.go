package forge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aegis/internal/canon"
)

// Kind says what went wrong, for a caller to decide by.
type Kind string

// The kinds. The zero Kind is an error that no kind is known for.
const (
	NotFound     Kind = "not_found"    // 404, 410: not there, or not for this token
	Unauthorized Kind = "unauthorized" // 401: the token is not accepted, or there is none
	Forbidden    Kind = "forbidden"    // 403: the token's scopes or its user's rights don't suffice
	Conflict     Kind = "conflict"     // 409, 412, 423: not in the present state
	Invalid      Kind = "invalid"      // 400, 413, 422: Gitea does not take the arguments
	Moved        Kind = "moved"        // 3xx: never followed
	Exchanged    Kind = "exchanged"    // the answer is about another repository than was decided on
	GiteaError   Kind = "gitea_error"  // 5xx, 429, and every answer that is not what Gitea's API answers
	Unreachable  Kind = "unreachable"  // no connection: DNS, TCP, TLS or the proxy
	Timeout      Kind = "timeout"      // the call's deadline came first
	Canceled     Kind = "canceled"     // the call was given up
	TooLarge     Kind = "too_large"    // the answer is beyond the bounds
	Lost         Kind = "lost"         // a write left, and its answer does not tell what became of it
	Refused      Kind = "refused"      // not on the egress allow-list: nothing was sent
)

// Error is the failure of a request. All its text is ours: no word of Gitea's
// answer, no query, no token, no error text of the standard library is in it.
// A host and port may be.
type Error struct {
	Kind       Kind
	Status     int           // Gitea's HTTP status, 0 if there was no answer
	Message    string        // one sentence for people
	RetryAfter time.Duration // how long Gitea asks to wait, at most an hour; 0 if it doesn't say

	// MovedTo is the repository that a redirect pointed to, if it pointed to
	// one of the same Gitea. It may be one that policy hides: whoever shows
	// it has to ask policy first. Message doesn't name it.
	MovedTo canon.Repo
}

func (e *Error) Error() string {
	if e.Message == "" {
		return "Gitea: " + string(e.Kind)
	}
	return e.Message
}

// From makes an Error of what a Client's method returned, and nil of nil. An [Error]
// inside err is returned as it is. An answer of another shape than Gitea's is a
// GiteaError, and the end of a context is what it is. Anything else is an Error
// without a Kind.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	var moment *time.ParseError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &syntax), errors.As(err, &shape), errors.As(err, &moment):
		return notGitea(0)
	case errors.Is(err, context.DeadlineExceeded):
		return timedOut()
	case errors.Is(err, context.Canceled):
		return canceled()
	}
	return &Error{Message: "The request to Gitea could not be made."}
}

func refused(reason string) *Error {
	return &Error{Kind: Refused, Message: "Not sent: " + reason + "."}
}

func timedOut() *Error {
	return &Error{Kind: Timeout, Message: "Gitea did not answer within the call's time (--timeout, GITEA_TIMEOUT)."}
}

func canceled() *Error {
	return &Error{Kind: Canceled, Message: "The call was cancelled before Gitea answered."}
}

// notGitea is the error for an answer that Gitea's API would not give.
func notGitea(status int) *Error {
	return &Error{Kind: GiteaError, Status: status,
		Message: "The answer is not what Gitea's API answers; is GITEA_URL (--gitea-url) the address of a Gitea?"}
}

// failed makes an Error of an answer's status. nil means that the answer is
// what was asked for: 200, or to a write any that says that it was carried out.
func (t *transport) failed(resp *http.Response, writing bool) *Error {
	status := resp.StatusCode
	fail := func(kind Kind, message string) *Error {
		return &Error{Kind: kind, Status: status, Message: message}
	}
	switch {
	case status == http.StatusOK, writing && (status == http.StatusCreated || status == http.StatusNoContent):
		return nil
	case status/100 == 2, status/100 == 1:
		return notGitea(status)
	case status/100 == 3:
		return t.moved(resp)
	}
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return fail(NotFound, "Gitea has nothing there that this token may see.")
	case http.StatusUnauthorized:
		if t.way.Anonymous() {
			return fail(Unauthorized, "Gitea answers this only with a token; set GITEA_TOKEN or GITEA_TOKEN_FILE.")
		}
		return fail(Unauthorized, "Gitea does not accept the token; check GITEA_TOKEN or GITEA_TOKEN_FILE.")
	case http.StatusForbidden:
		return fail(Forbidden, "Gitea forbids this; the token may lack a scope, or its user a permission.")
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusLocked:
		return fail(Conflict, "Gitea can't do this in the present state of what was asked for.")
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return fail(Invalid, "Gitea does not accept the request's arguments.")
	case http.StatusProxyAuthRequired:
		return fail(Unreachable, "The proxy (HTTP_PROXY, HTTPS_PROXY) wants credentials.")
	}
	e := fail(GiteaError, "Gitea answered with status "+strconv.Itoa(status)+".")
	switch status {
	case http.StatusTooManyRequests:
		e.Message = "Gitea, or a proxy before it, answers no more requests for now (status 429)."
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	case http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return e
}

// moved is the error for a redirect.
func (t *transport) moved(resp *http.Response) *Error {
	e := &Error{Kind: Moved, Status: resp.StatusCode, MovedTo: t.forge.repoAt(resp)}
	if e.MovedTo.IsZero() {
		e.Message = "Gitea answered with a redirect, and redirects are not followed; was something renamed, or is GITEA_URL (--gitea-url) not Gitea's final address?"
	} else {
		e.Message = "The repository has another name now; renames are not followed."
	}
	return e
}

// repoAt returns the repository that a redirect points to, if that is one of
// the same Gitea's.
func (f *Forge) repoAt(resp *http.Response) canon.Repo {
	to, err := resp.Location() // resolved against the request's address
	if err != nil || to.Scheme != f.base.Scheme || !strings.EqualFold(to.Host, f.base.Host) {
		return canon.Repo{}
	}
	rest, ok := strings.CutPrefix(to.EscapedPath(), f.api+"/repos/")
	if !ok {
		return canon.Repo{}
	}
	owner, rest, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(rest, "/")
	repo, err := canon.ParseRepo(owner, name)
	if err != nil {
		return canon.Repo{}
	}
	return repo
}

// retryAfter reads a Retry-After header: seconds or a date, at most an hour.
func retryAfter(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(header, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(now).Round(time.Second)
	}
	return min(max(wait, 0), time.Hour)
}
