package forge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"aegis/internal/canon"
)

// Kind says what went wrong, for a caller to decide by.
type Kind string

// The kinds. The zero Kind is an error that no kind is known for.
const (
	NotFound     Kind = "not_found"    // 404, 410: not there, or not for this token
	Off          Kind = "off"          // 404, 403: of a part of the repository that is turned off
	Unauthorized Kind = "unauthorized" // 401: the token is not accepted, or there is none
	Forbidden    Kind = "forbidden"    // 403: the token's scopes or its user's rights don't suffice
	Conflict     Kind = "conflict"     // 409, 412, 423: not in the present state
	Invalid      Kind = "invalid"      // 400, 413, 422: Gitea does not take the arguments
	Moved        Kind = "moved"        // 3xx to a repository's other name: never followed
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
	Reason     Reason        // what is known beyond Kind, if anything is
	Asked      Asked         // what the request was about; zero for what was not sent
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

// FailedInside reports whether Gitea answered that it failed inside, as it does on some of
// what it can't do or has not. What stands before Gitea and fails says nothing of that.
func (e *Error) FailedInside() bool {
	return e != nil && e.Status == http.StatusInternalServerError && e.Reason == Unknown
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
	return &Error{Kind: GiteaError, Status: status, Reason: Foreign,
		Message: "The answer is not what Gitea's API answers; is GITEA_URL (--gitea-url) the address of a Gitea?"}
}
