package stdio

import (
	"io"
	"time"

	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Refuse answers a client that waits for a session which there will be none of: each
// request, up to the one that begins a session in either era of the protocol, gets an
// error with the message. A client shows that to its user, and hides what a server wrote to
// standard error.
//
// It returns at the end of input, or when nothing came for as long as patience.
func Refuse(in io.Reader, out io.Writer, message string, patience time.Duration) {
	lines, gone := make(chan line), make(chan struct{})
	defer close(gone)
	go func() { // a read that never returns keeps only this goroutine
		defer close(lines)
		for r := newLineReader(in, maxRefused); ; {
			l, err := r.next()
			if err != nil {
				return
			}
			select {
			case lines <- l:
			case <-gone:
				return
			}
		}
	}()
	for {
		select {
		case <-time.After(patience):
			return
		case l, ok := <-lines:
			if !ok {
				return
			}
			if l.long {
				continue
			}
			asked, _ := frame.Judge(l.text)
			request, ok := asked.(*jsonrpc.Request)
			if !ok || !request.IsCall() {
				continue
			}
			if _, err := out.Write(append(frame.ErrorFrame(request.ID, frame.CodeServer, message, nil), '\n')); err != nil {
				return
			}
			switch request.Method {
			case "server/discover": // a client may try the older era next
				patience = min(patience, afterDiscover)
			default:
				return
			}
		}
	}
}

// Bounds on refusing a session.
const (
	maxRefused    = 1 << 20 // bytes of a frame that is looked at
	afterDiscover = time.Second
)
