package forge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aegis/internal/canon"
)

// patience bounds a request of a call whose context has no deadline. The gate
// gives every call one.
const patience = time.Minute

// transport is the http.RoundTripper of one call's client.
type transport struct {
	ctx    context.Context
	end    context.CancelFunc // of ctx
	forge  *Forge
	way    *Way
	callID string
	trace  canon.Trace
	write  canon.Repo
	nobody bool // no token is sent
	lists  bool // of many repositories may be asked for
	ahead  bool // only what may be asked ahead is sent
	status atomic.Int32
	sealed atomic.Bool // nothing is sent any more
	lease  *lease

	mu    sync.Mutex
	repos map[canon.Repo]reach
	seen  map[held]bool
}

// AskedTooLate is in the error for a request after [Client.Seal].
const AskedTooLate = "the call asks nothing any more"

// reach is what may be asked of a repository; what is more includes what is less.
type reach uint8

const (
	toLookUp reach = 1 + iota // what it is judged by
	toRead                    // what it holds
)

// held is a commit that a repository was seen to have.
type held struct {
	repo   canon.Repo
	commit string
}

func newTransport(ctx context.Context, w *Way, g Grant) *transport {
	t := &transport{
		forge: w.forge, way: w, callID: g.CallID, trace: g.Trace, write: g.Write, nobody: g.Anonymous, lists: g.Everywhere,
		lease: w.forge.memory.lease(), repos: make(map[canon.Repo]reach), seen: make(map[held]bool),
	}
	t.ctx, t.end = context.WithCancel(ctx)
	for _, repo := range g.Repos {
		t.allow(repo, toRead)
	}
	return t
}

// RoundTrip sends a request if it is on the list. It returns an answer only if that is
// what was asked for: status 200, and valid JSON or text read whole, or an archive to
// be read as it comes. Everything else is an [Error].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	out, row, refusal := t.judge(req)
	if refusal != nil {
		return nil, refusal
	}
	var left atomic.Bool
	resp, failure := t.exchange(req, out, row, &left)
	switch {
	case failure == nil:
		t.noteHeld(out)
		return resp, nil
	case !reads(req.Method) && left.Load():
		failure = lostUnlessRefused(req.Method, failure)
	}
	failure.Asked = row.asked
	return nil, failure
}

// exchange sends out in place of req and reads the answer. left is set as soon
// as the request begins to leave.
func (t *transport) exchange(req, out *http.Request, row admitted, left *atomic.Bool) (*http.Response, *Error) {
	ctx, cancel := t.bind(req.Context())
	streaming := false
	defer func() {
		if !streaming { // the body has been read by then
			cancel()
		}
	}()
	if ctx.Err() != nil {
		return nil, ended(ctx, t.ctx, req.Context())
	}
	resp, err := t.forge.send(out.WithContext(traced(ctx, t.forge.wire, left)))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ended(ctx, t.ctx, req.Context())
		}
		return nil, t.forge.unreachable(err)
	}
	defer func() {
		if !streaming {
			resp.Body.Close()
		}
	}()
	t.status.Store(int32(resp.StatusCode))
	if failure := t.failed(resp, row.asked, cancel); failure != nil {
		discard(resp, cancel)
		return nil, failure
	}
	if row.answer == archive && req.Method != http.MethodHead {
		streaming = true
		return streamed(resp, req, cancel), nil
	}
	answer, failure := t.readAnswer(ctx, resp, req, row.answer)
	if failure != nil {
		if failure.Kind != TooLarge && ctx.Err() != nil {
			return nil, ended(ctx, t.ctx, req.Context())
		}
		return nil, failure
	}
	return answer, nil
}

// judge returns the request that is to be sent in place of req, or why none is.
func (t *transport) judge(req *http.Request) (*http.Request, admitted, *Error) {
	if !isCallID(t.callID) {
		return nil, admitted{}, refused("the call has no id")
	}
	if t.sealed.Load() {
		return nil, admitted{}, refused(AskedTooLate)
	}
	granted := t.granted
	if !reads(req.Method) {
		if !t.mayWrite() {
			return nil, admitted{}, refused("this call may not write")
		}
		granted = func(repo canon.Repo) bool { return repo == t.write }
	}
	row, refusal := t.forge.admit(req, scope{granted: granted, owned: t.owned, known: t.known, anywhere: t.lists, readable: t.granted, holds: t.holds})
	if refusal != nil {
		return nil, admitted{}, refusal
	}
	if t.ahead && (!row.early || req.Method != http.MethodGet) {
		return nil, admitted{}, refused("this is not asked ahead")
	}
	header := http.Header{
		"Accept":       {row.answer.accept()},
		"User-Agent":   {t.forge.userAgent},
		"X-Request-Id": {t.callID},
	}
	if !t.trace.IsZero() {
		header.Set("Traceparent", t.trace.String())
	}
	if t.way.credential != "" && !t.nobody {
		header.Set("Authorization", "token "+t.way.credential)
	}
	out := &http.Request{
		Method: req.Method, URL: row.address, Host: t.forge.base.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if row.body != nil { // without GetBody: nothing is sent twice
		header.Set("Content-Type", "application/json")
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(row.body)), int64(len(row.body))
	}
	return out, row, nil
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// mayWrite holds the repository that this call may write to against those that
// anybody may.
func (t *transport) mayWrite() bool {
	return !t.write.IsZero() && slices.Contains(t.way.writable, t.write)
}

// bind returns the context a request runs under: the call's, whatever context
// the request carries, which can only end it earlier.
func (t *transport) bind(asked context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := t.ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	ctx, cancel := context.WithDeadline(t.ctx, deadline)
	stop := context.AfterFunc(asked, cancel)
	return ctx, func() { stop(); cancel() }
}

// ended is the error for a request that ended with one of its contexts. The
// bound one is cancelled by the others, and may be before it learns why.
func ended(contexts ...context.Context) *Error {
	for _, ctx := range contexts {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return timedOut()
		}
	}
	return canceled()
}

func (t *transport) granted(repo canon.Repo) bool { return t.reaches(repo, toRead) }

func (t *transport) known(repo canon.Repo) bool { return t.reaches(repo, toLookUp) }

func (t *transport) reaches(repo canon.Repo, least reach) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.repos[repo] >= least
}

// owned reports whether somebody owns a repository that may be read.
func (t *transport) owned(owner string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for repo, reach := range t.repos {
		if reach >= toRead && repo.Owner() == owner {
			return true
		}
	}
	return false
}

// noteHeld notes the commit that an answer was about.
func (t *transport) noteHeld(sent *http.Request) {
	rest, below := strings.CutPrefix(sent.URL.EscapedPath(), t.forge.api+"/repos/")
	segments := strings.Split(rest, "/")
	if !below || len(segments) != 5 || segments[2] != "git" || segments[3] != "commits" || !commitID(segments[4]) {
		return
	}
	if repo, err := canon.ParseRepo(segments[0], segments[1]); err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.seen[held{repo, segments[4]}] = true
	}
}

func (t *transport) holds(repo canon.Repo, commit string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[held{repo, commit}]
}

func (t *transport) allow(repo canon.Repo, to reach) {
	if repo.IsZero() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repos[repo] = max(t.repos[repo], to)
}

// traced notes in left when a request begins to leave, and bounds how often
// http.Transport tries again. It does so by itself, for GET and HEAD, when an idle
// connection turns out to be dropped before a byte of the answer came; it could
// find one such connection after the other. Before the second try all idle ones
// are closed, so that it runs on a fresh one, after which there is no third.
func traced(ctx context.Context, wire *http.Transport, left *atomic.Bool) context.Context {
	var tries atomic.Int32
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if tries.Add(1) == 2 {
				wire.CloseIdleConnections()
			}
		},
		WroteHeaderField: func(string, []string) { left.Store(true) },
	})
}

// discard reads what is left of a refused answer, so that the connection can be
// used again, unless that is long or slow. After 101 there is no answer left
// but the bare connection, which no context ends: it is not read at all.
func discard(resp *http.Response, cancel context.CancelFunc) {
	if resp.StatusCode < 200 {
		return
	}
	timer := time.AfterFunc(200*time.Millisecond, cancel)
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
}

// isCallID reports whether s is fit to be sent as X-Request-Id: 1 to 64
// letters, digits, '-' and '_'.
func isCallID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
