package forge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// Bounds on answers, in bytes after decompression.
const (
	MaxJSON    = 20 << 20  // a file of 10 MiB is 14 MB of base64 in it
	MaxText    = 64 << 20  // a diff or a log
	MaxArchive = 200 << 20 // an archive, unpacked
)

// media is the kind of answer that an endpoint gives.
type media uint8

const (
	jsonValue media = iota
	plainText
	archive
)

func (m media) accept() string {
	if m == jsonValue {
		return "application/json"
	}
	return "*/*"
}

// body is an answer's body, read whole.
type body struct {
	*bytes.Reader
	bytes []byte
}

func (*body) Close() error { return nil }

// readAnswer reads resp and returns an answer to req with its body in memory:
// valid JSON of at most [MaxJSON] bytes, text of at most [MaxText], or nothing
// for HEAD and where Gitea says that there is nothing.
func (t *transport) readAnswer(ctx context.Context, resp *http.Response, req *http.Request, expected media) (*http.Response, *Error) {
	var content []byte
	if req.Method != http.MethodHead && resp.StatusCode != http.StatusNoContent {
		var failure *Error
		if content, failure = t.readBody(ctx, resp, expected); failure != nil {
			return nil, failure
		}
	}
	answer := answerTo(resp, req)
	answer.ContentLength = int64(len(content))
	answer.Body = &body{Reader: bytes.NewReader(content), bytes: content}
	return answer, nil
}

// answerTo is the head of an answer, with nothing in it that the transport
// added to the request.
func answerTo(resp *http.Response, req *http.Request) *http.Response {
	header := resp.Header.Clone()
	header.Del("Set-Cookie")
	return &http.Response{
		Status: http.StatusText(resp.StatusCode), StatusCode: resp.StatusCode,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: -1,
		Request: req, // not the one that was sent: that one carries the token
	}
}

// streamed is an answer that is read as it comes. Closing it, or the end of the
// call, ends the connection.
func streamed(resp *http.Response, req *http.Request, cancel context.CancelFunc) *http.Response {
	answer := answerTo(resp, req)
	answer.Body = &openBody{Reader: io.LimitReader(resp.Body, MaxArchive), from: resp.Body, cancel: cancel}
	return answer
}

type openBody struct {
	io.Reader
	from   io.Closer
	cancel context.CancelFunc
}

func (b *openBody) Close() error {
	b.cancel()
	return b.from.Close()
}

func tooLarge(status int, bound int64) *Error {
	return &Error{Kind: TooLarge, Status: status, Message: fmt.Sprintf("Gitea's answer is larger than %d MiB.", bound>>20)}
}

func cutShort(status int) *Error {
	return &Error{Kind: GiteaError, Status: status, Message: "Gitea's answer was cut short."}
}
