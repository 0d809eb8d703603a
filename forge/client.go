package forge

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"unsafe"

	"aegis/internal/canon"
)

// Grant is what one call may ask of Gitea. The zero Grant permits nothing.
type Grant struct {
	// CallID is sent as X-Request-Id: 1 to 64 letters, digits, '-' and '_'.
	// Without it nothing is sent.
	CallID string

	// Trace is sent as traceparent, as the client gave it: what stands before Gitea may
	// know it. The zero Trace is not sent.
	Trace canon.Trace

	// Write is the one repository that may be written to, as far as the egress
	// list has the request and [Forge.For] the repository. The zero Repo
	// permits GET and HEAD only.
	Write canon.Repo

	// Repos are the repositories that may be addressed below
	// /repos/{owner}/{repo}.
	Repos []canon.Repo

	// Everywhere permits lists of many repositories. It is for a call that names none,
	// whose rows are judged one by one.
	Everywhere bool

	// Anonymous leaves the token out: Gitea answers what it answers everybody.
	Anonymous bool
}

// Reader asks Gitea for one call, and only to read: what a tool gets. It can't be
// made to ask for more than was granted to the call. It is safe for concurrent use.
// Errors of its methods are always an [*Error].
type Reader struct {
	ctx       context.Context
	http      *http.Client
	transport *transport
	expected  expected
	ahead     *ahead
	begins    canon.Repo // below which reads only begin; zero if they are whole, see [Client.Ahead]
}

// Anonymous reports whether there is no token: Gitea shows what is public.
func (c *Reader) Anonymous() bool { return c.transport.way.Anonymous() }

// Client is the gate's end of a call's [Reader]: it says what may be asked for, and
// sends what changes something. Nobody else is to have one.
type Client struct{ *Reader }

// LastStatus returns the status of Gitea's last answer in this call, 0 if
// there was none.
func (c *Client) LastStatus() int { return int(c.transport.status.Load()) }

// Seal ends asking: from here on nothing is sent any more. What is under way ends, and
// what was sent ahead has ended.
func (c *Client) Seal() {
	c.transport.sealed.Store(true)
	c.transport.end()
	c.ahead.end()
}

// Allow grants another repository, one that was judged as the call's own was.
func (c *Client) Allow(repo canon.Repo) { c.transport.allow(repo, toRead) }

// LookUp permits to ask what a repository has to be judged by: its record, and who may
// write to it. Nothing that it holds is granted.
func (c *Client) LookUp(repo canon.Repo) { c.transport.allow(repo, toLookUp) }

// getJSON asks for the path made of segments, below /api/v1, and decodes the
// answer into v unless that is nil. Every segment is escaped here: a file's
// path is to be given as its segments. It returns the answer's header, which
// [HasMore] reads.
func (c *Reader) getJSON(v any, query url.Values, segments ...string) (http.Header, error) {
	content, header, failure := c.get(query, segments)
	if failure != nil {
		return nil, failure
	}
	if v != nil {
		makeRoom(int64(len(content)))
		if err := json.Unmarshal(content, v); err != nil {
			return nil, notGitea(http.StatusOK)
		}
	}
	return header, nil
}

// getText asks as getJSON does, for an endpoint that answers text of at most
// [MaxText] bytes, and returns it as it came.
func (c *Reader) getText(query url.Values, segments ...string) (string, error) {
	content, _, failure := c.get(query, segments)
	if failure != nil {
		return "", failure
	}
	return owned(content), nil
}

// owned is a text that nobody else has the bytes of: a diff of 64 MB is not copied.
func owned(content []byte) string { return unsafe.String(unsafe.SliceData(content), len(content)) }

// Close seals the client, and gives back the memory that the call's answers take.
func (c *Client) Close() {
	c.Seal()
	c.transport.lease.release()
}

// archive returns a commit's files as a gzipped tar, to be read as it comes and
// closed. What is in it is not filtered.
func (c *Client) archive(repo canon.Repo, commit string) (io.ReadCloser, error) {
	resp, failure := c.send(nil, []string{"repos", repo.Owner(), repo.Name(), "archive", commit + ".tar.gz"})
	if failure != nil {
		return nil, c.explained(failure)
	}
	return resp.Body, nil
}

// get returns an answer's bytes.
func (c *Reader) get(query url.Values, segments []string) ([]byte, http.Header, *Error) {
	if !c.begins.IsZero() {
		return nil, nil, c.begin(query, segments)
	}
	resp, failure, ok := c.taken(query, segments)
	if !ok {
		resp, failure = c.send(query, segments)
	}
	if failure != nil {
		return nil, nil, From(c.explained(failure))
	}
	defer resp.Body.Close()
	answer, ok := resp.Body.(*body)
	if !ok {
		return nil, nil, notGitea(resp.StatusCode)
	}
	return answer.bytes, resp.Header, nil
}

func (c *Reader) send(query url.Values, segments []string) (*http.Response, *Error) {
	req, err := http.NewRequestWithContext(c.ctx, http.MethodGet, c.address(query, segments), nil)
	if err != nil {
		return nil, refused("the address is malformed")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, From(err)
	}
	return resp, nil
}
