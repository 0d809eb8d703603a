package forge

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
)

// MaxJSON bounds a JSON answer, in bytes after decompression. A file of 10 MiB
// is 14 MB of base64 in it.
const MaxJSON = 20 << 20

// body is an answer's body, read whole.
type body struct {
	*bytes.Reader
	bytes []byte
}

func (*body) Close() error { return nil }

// readAnswer reads resp and returns an answer to req with its body in memory.
// The body is valid JSON of at most [MaxJSON] bytes, or empty for HEAD.
func readAnswer(resp *http.Response, req *http.Request) (*http.Response, *Error) {
	content := []byte{}
	if req.Method != http.MethodHead {
		var failure *Error
		if content, failure = readJSON(resp); failure != nil {
			return nil, failure
		}
	}
	header := resp.Header.Clone()
	header.Del("Set-Cookie")
	return &http.Response{
		Status: http.StatusText(resp.StatusCode), StatusCode: resp.StatusCode,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: int64(len(content)),
		Body:    &body{Reader: bytes.NewReader(content), bytes: content},
		Request: req, // not the one that was sent: that one carries the token
	}, nil
}

func readJSON(resp *http.Response) ([]byte, *Error) {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, notGitea(resp.StatusCode)
	}
	if resp.ContentLength > MaxJSON {
		return nil, tooLarge(resp.StatusCode)
	}
	var buffer bytes.Buffer
	if resp.ContentLength > 0 {
		buffer.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	// What was decompressed is counted: a small body can unpack to a huge one.
	n, err := buffer.ReadFrom(io.LimitReader(resp.Body, MaxJSON+1))
	switch {
	case n > MaxJSON:
		return nil, tooLarge(resp.StatusCode)
	case err != nil:
		return nil, &Error{Kind: GiteaError, Status: resp.StatusCode, Message: "Gitea's answer was cut short."}
	case !json.Valid(buffer.Bytes()):
		return nil, notGitea(resp.StatusCode)
	}
	return buffer.Bytes(), nil
}

func tooLarge(status int) *Error {
	return &Error{Kind: TooLarge, Status: status, Message: "Gitea's answer is larger than 20 MiB."}
}
