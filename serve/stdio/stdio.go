// Package stdio is an MCP transport over standard input and output.
//
// A line is a frame. What is no well-formed message is refused before the MCP library
// sees it, and errors leave reduced to fixed texts. Whatever a client sends, a session
// goes on until its input or output ends, and every request it made is answered once.
package stdio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// Defaults of [Transport].
const (
	DefaultMaxFrame       = 8 << 20 // bytes: a file of the greatest length that a tool takes, however it is escaped, and room for more
	DefaultMaxOutstanding = 1000    // requests
)

// outstandingFrames bounds what requests waiting for their answer hold in
// memory, in frames of the greatest length.
const outstandingFrames = 8

// Transport is an [mcp.Transport] over a pair of byte streams, one JSON-RPC message a
// line. What is not a well-formed message never reaches the server. It is answered
// here with a JSON-RPC error of fixed text, and the session lives on. Requests reach
// the server in the order they were read.
//
// When In ends, requests already read are still answered before the session ends. When
// Out fails, or the context given to Connect is done, it ends at once and the server
// cancels what still runs.
type Transport struct {
	In  io.Reader // read by one goroutine; closed at the end if it is an io.Closer other than os.Stdin
	Out io.Writer // written by one goroutine, a whole frame per Write; never closed

	// MaxFrame bounds a line in bytes, without its line end. A longer one is
	// discarded as it streams in. Zero or less means [DefaultMaxFrame].
	MaxFrame int
	// MaxOutstanding bounds the requests waiting for their answer. More are refused at
	// once, and so is what would make their params longer than 8 frames together. Zero or
	// less means [DefaultMaxOutstanding].
	MaxOutstanding int
	// Greeted is run once, when the first request has been answered and the answer is
	// written, and nil for nothing. The next frame waits for it.
	Greeted func()
	// Log hears about refused and ignored frames, never what was in them.
	Log zerolog.Logger
}

// Connect starts reading. It is called once, by [mcp.Server.Connect], and its
// only error is that of a missing stream.
func (s *Transport) Connect(ctx context.Context) (mcp.Connection, error) {
	if s.In == nil || s.Out == nil {
		return nil, errors.New("stdio: a transport needs both In and Out")
	}
	maxFrame, maxOutstanding := s.MaxFrame, s.MaxOutstanding
	if maxFrame <= 0 {
		maxFrame = DefaultMaxFrame
	}
	if maxOutstanding <= 0 {
		maxOutstanding = DefaultMaxOutstanding
	}
	c := &conn{
		in:       s.In,
		maxFrame: maxFrame,
		lines:    make(chan line),
		frames:   make(chan outgoing),
		calls:    newLedger(maxOutstanding, outstandingFrames*maxFrame),
		log:      eventLog{logger: s.Log},
		gone:     make(chan struct{}),
		greeted: sync.OnceFunc(func() {
			if s.Greeted != nil {
				s.Greeted()
			}
		}),
	}
	go c.readLines(newLineReader(s.In, maxFrame))
	go c.writeFrames(s.Out)
	c.stop = context.AfterFunc(ctx, func() { c.end(errEnded) })
	return c, nil
}

// errEnded is what a Write meets after the session's regular end. It is an
// io.EOF so that the server does not take the end for a failure.
var errEnded = fmt.Errorf("the session has ended: %w", io.EOF)

// conn is one session over a [Transport].
type conn struct {
	in       io.Reader
	maxFrame int
	lines    chan line     // closed when In has ended
	frames   chan outgoing // to the goroutine that writes
	calls    *ledger
	log      eventLog
	greeted  func() // of the transport; once

	stop func() bool   // stops watching the context given to Connect
	gone chan struct{} // closed at the end of the session
	once sync.Once
	why  error // set before gone is closed
}

// line is one line as it was read, or the fact that it was too long.
type line struct {
	text []byte
	long bool
}

// Read returns the next message meant for the server. It answers everything
// else itself. After the end of input it returns io.EOF, but only once every
// request it ever returned was answered.
func (c *conn) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		select {
		case <-c.gone:
			return nil, io.EOF
		default:
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.gone:
			return nil, io.EOF
		case l, more := <-c.lines:
			if !more {
				return c.drain(ctx)
			}
			if msg := c.admit(ctx, l); msg != nil {
				return msg, nil
			}
		}
	}
}

// drain is Read after the end of input: it hands over what the ledger has to
// say to handlers that wait for a client who can't speak any more, and waits
// for the answers.
func (c *conn) drain(ctx context.Context) (jsonrpc.Message, error) {
	c.calls.endOfInput()
	for {
		msg, idle := c.calls.afterInput()
		switch {
		case msg != nil:
			return msg, nil
		case idle:
			return nil, io.EOF
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.gone:
			return nil, io.EOF
		case <-c.calls.changed:
		}
	}
}

// admit returns the message in l if the server should see it, and else answers
// it or drops it.
func (c *conn) admit(ctx context.Context, l line) jsonrpc.Message {
	if l.long {
		c.refuse(ctx, &frame.Rejection{Code: jsonrpc.CodeInvalidRequest, Reason: fmt.Sprintf("frame exceeds %d bytes; send less at once", c.maxFrame)})
		return nil
	}
	msg, bad := frame.Judge(l.text)
	if bad == nil && msg != nil {
		msg, bad = c.calls.admit(msg)
		if msg == nil && bad == nil {
			c.log.ignored("message that concerns nothing outstanding")
		}
	}
	if bad != nil {
		c.refuse(ctx, bad)
		return nil
	}
	if req, ok := msg.(*jsonrpc.Request); ok && req.IsCall() {
		frame.WithID(req)
	}
	return msg
}

// refuse answers a frame that the server will not see. An id that belongs to a
// request still waiting is not used: the answer would be taken for that one's.
func (c *conn) refuse(ctx context.Context, bad *frame.Rejection) {
	c.log.refused(bad)
	id := bad.ID
	if c.calls.holds(id) {
		id = jsonrpc.ID{}
	}
	// A failed write has ended the session, which Read notices.
	_ = c.send(ctx, frame.ErrorFrame(id, bad.Code, bad.Reason, nil))
}

// Write sends one message. It returns once the whole frame is written, the
// session has ended, or ctx is done before the frame was begun.
func (c *conn) Write(ctx context.Context, msg jsonrpc.Message) error {
	switch m := msg.(type) {
	case *jsonrpc.Response:
		method, ok := c.calls.release(m.ID)
		if !ok {
			c.log.ignored("answer to nothing outstanding")
			return nil
		}
		// An answer is owed whatever became of its request.
		return c.sendThen(context.WithoutCancel(ctx), frame.AnswerFrame(method, m), func() {
			c.calls.settle()
			c.greeted()
		})
	case *jsonrpc.Request:
		frame, err := jsonrpc.EncodeMessage(m)
		if err != nil {
			// The library writes nothing more after a failed write: answers
			// would be waited for that never come.
			err = fmt.Errorf("encoding a message to the client: %w", err)
			c.end(err)
			return err
		}
		if !c.calls.ask(m) {
			return nil
		}
		if err := c.send(ctx, frame); err != nil {
			c.calls.unask(m.ID)
			return err
		}
		return nil
	}
	return errors.New("stdio: a message that is neither request nor response")
}

// Close ends the session and unblocks Read and Write.
func (c *conn) Close() error {
	c.stop()
	c.end(errEnded)
	return nil
}

// SessionID returns "": a stream has one session only.
func (c *conn) SessionID() string { return "" }

func (c *conn) end(why error) {
	c.once.Do(func() {
		c.why = why
		close(c.gone)
		c.log.summary()
		// Closing what is being read ends the goroutine that reads. Standard
		// input stays as it is: the process is about to end anyway.
		if closer, ok := c.in.(io.Closer); ok && c.in != io.Reader(os.Stdin) {
			_ = closer.Close()
		}
	})
}
