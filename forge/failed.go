package forge

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aegis/internal/canon"
)

// failed makes an Error of an answer that is not what was asked for. nil means that it
// is: 200, or to a write any that says that it was carried out.
func (t *transport) failed(resp *http.Response, asked Asked, stop context.CancelFunc) *Error {
	e := t.failure(resp, asked, stop)
	if e != nil {
		e.Asked, e.Status = asked, resp.StatusCode
	}
	return e
}

func (t *transport) failure(resp *http.Response, asked Asked, stop context.CancelFunc) *Error {
	status := resp.StatusCode
	switch {
	case status == http.StatusOK, asked.Writes && (status == http.StatusCreated || status == http.StatusNoContent):
		if isPage(resp) {
			return t.forge.instead(status)
		}
		return nil
	case status/100 == 2, status/100 == 1:
		return notGitea(status)
	case status/100 == 3 && resp.Header.Get("Location") == "":
		return t.forge.unlike(status, Foreign, 0)
	case status/100 == 3:
		return t.forge.redirected(resp, asked)
	}
	reason := readReason(resp, stop)
	if reason == Foreign || reason == Unlike || reason == NoRoute {
		return t.forge.unlike(status, reason, retryOf(resp))
	}
	if reason == NothingYet && asked.Unit != Wiki { // a commit has something, if not this
		reason = Unknown
	}
	e := t.refusal(resp)
	e.Reason = reason
	return e
}

// refusal is what Gitea's status says.
func (t *transport) refusal(resp *http.Response) *Error {
	status := resp.StatusCode
	fail := func(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }
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
	case http.StatusTooManyRequests:
		e := fail(GiteaError, "Gitea, or a proxy before it, answers no more requests for now (status 429).")
		e.RetryAfter = retryOf(resp)
		return e
	}
	e := fail(GiteaError, "Gitea answered with status "+strconv.Itoa(status)+".")
	if status == http.StatusServiceUnavailable {
		e.RetryAfter = retryOf(resp)
	}
	return e
}

// isPage reports whether an answer is a page for people: a login's, most often.
func isPage(resp *http.Response) bool {
	said := resp.Header.Get("Content-Type")
	if strings.HasPrefix(said, "application/json") {
		return false // as nearly all are; taking it apart costs more than looking
	}
	kind, _, _ := mime.ParseMediaType(said)
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// instead is the error for a page where an answer of the API should be.
func (f *Forge) instead(status int) *Error {
	return &Error{Kind: GiteaError, Status: status, Reason: Foreign,
		Message: "A page for people came instead of an answer of Gitea's API: a login or a proxy stands before it, or GITEA_URL (--gitea-url) is not Gitea's own address."}
}

// unlike is the error for a refusal that Gitea's API would not give.
func (f *Forge) unlike(status int, reason Reason, wait time.Duration) *Error {
	e := &Error{Kind: GiteaError, Status: status, Reason: reason}
	said := "(status " + strconv.Itoa(status) + ")"
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed:
		e.Message = "There is no Gitea API at this address " + said + ": GITEA_URL (--gitea-url) has to be where Gitea's start page is, with the path below which Gitea lives, if it does below one."
		if f.base.Path != "" {
			e.Message = "There is no Gitea API below the path in GITEA_URL (--gitea-url) " + said + ": it has to be where Gitea's start page is, and not the address of a repository or of another page."
		}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		e.Message = "Something that stands before Gitea lets nobody through " + said + ": it wants a sign-in of its own, or forbids the request."
	case http.StatusTooManyRequests:
		e.Message = "Something that stands before Gitea answers no more requests for now " + said + "."
		e.RetryAfter = wait
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.Message = "Something that stands before Gitea answered in its place " + said + ": Gitea may be down."
		e.RetryAfter = wait
	default:
		e.Message = "What answered " + said + " does not answer as Gitea's API does: it stands before Gitea, or is no Gitea."
	}
	return e
}

// redirected is the error for a redirect. Only one to a repository's other name says that it
// was renamed; any other leads to something that stands before Gitea, or tells
// that Gitea is elsewhere.
func (f *Forge) redirected(resp *http.Response, asked Asked) *Error {
	to, err := resp.Location() // resolved against the request's address
	if moved := f.repoAt(to); err == nil && !asked.Repo.IsZero() && !moved.IsZero() && moved != asked.Repo {
		return &Error{Kind: Moved, MovedTo: moved, Message: "The repository has another name now; renames are not followed."}
	}
	if err == nil && asked.Thing == AnOwner && f.isOurs(to) && sameButOwner(resp.Request.URL.EscapedPath(), to.EscapedPath(), f.api) {
		return &Error{Kind: NotFound, Reason: Redirected, Message: "There is no owner of this name any more: it has another name now; renames are not followed."}
	}
	e := &Error{Kind: GiteaError, Reason: Redirected}
	const check = "; redirects are not followed. Check GITEA_URL (--gitea-url), and whether a login or a proxy stands before Gitea."
	host := ""
	if err == nil {
		host = plainHost(to)
	}
	switch {
	case err != nil, host == "", to.Scheme != "http" && to.Scheme != "https":
		e.Message = "The answer is a redirect that leads nowhere" + check
	case strings.EqualFold(to.Hostname(), f.base.Hostname()) && to.Scheme != f.base.Scheme:
		e.Message = "The answer is a redirect from " + f.base.Scheme + " to " + to.Scheme + " at " + host + "; redirects are not followed. GITEA_URL (--gitea-url) is to begin with " + to.Scheme + "://."
	case !strings.EqualFold(to.Host, f.base.Host):
		e.Message = "The answer is a redirect to another host, " + host + check
	case strings.HasPrefix(to.EscapedPath(), f.api+"/"):
		e.Message = "The answer is a redirect to another place of the API" + check
	default:
		e.Message = "The answer is a redirect to a page at " + host + " that is not of Gitea's API" + check
	}
	return e
}

// sameButOwner reports whether two paths of the API, /users/OWNER/repos say, differ in the
// owner alone.
func sameButOwner(a, b, api string) bool {
	from, to := strings.Split(strings.TrimPrefix(a, api+"/"), "/"), strings.Split(strings.TrimPrefix(b, api+"/"), "/")
	if len(from) < 2 || len(from) != len(to) || !strings.HasPrefix(b, api+"/") {
		return false
	}
	from[1], to[1] = "", ""
	return slices.Equal(from, to)
}

// plainHost is a redirect's host and port, if they are no more than that, and "" else: what
// is said of a redirect is to be a name and no message.
func plainHost(u *url.URL) string {
	if u.Host == "" || len(u.Host) > 100 || checkHost(u) != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

func (f *Forge) isOurs(u *url.URL) bool {
	return u.Scheme == f.base.Scheme && strings.EqualFold(u.Host, f.base.Host)
}

// repoAt returns the repository that an address is of, if that is one of the same
// Gitea's.
func (f *Forge) repoAt(to *url.URL) canon.Repo {
	if to == nil || !f.isOurs(to) {
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

// retryOf is how long an answer asks to wait.
func retryOf(resp *http.Response) time.Duration {
	return retryAfter(resp.Header.Get("Retry-After"), time.Now())
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
