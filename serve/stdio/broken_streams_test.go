package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestABrokenOutputEndsTheSession(t *testing.T) {
	t.Parallel()
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer outW.Close()
	inR, inW := io.Pipe()
	defer inW.Close()
	ended := make(chan error, 1)
	go func() { ended <- toyServer(t).Run(context.Background(), &Transport{In: inR, Out: outW}) }()
	send := func(frame string) { _, _ = io.WriteString(inW, frame+"\n") }
	send(hello)
	if _, err := outR.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = outR.Close()
	send(call("1", "forever")) // cancelled by the end
	send(ping)
	select {
	case err := <-ended:
		// Whether the failed write or the end of reading is seen first is chance.
		if runtime.GOOS != "windows" && err != nil && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the session does not end")
	}
}

func TestABrokenOutputUnderAnErrorEndsTheSession(t *testing.T) {
	t.Parallel()
	outR, outW := io.Pipe()
	_ = outR.Close()
	inR, inW := io.Pipe()
	defer inW.Close()
	ended := make(chan error, 1)
	go func() { ended <- toyServer(t).Run(context.Background(), &Transport{In: inR, Out: outW}) }()
	_, _ = io.WriteString(inW, "garbage\n")
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the session does not end")
	}
}

// The end of the context ends a session at once, whatever it is waiting for.
func TestTheContextEndsTheSession(t *testing.T) {
	t.Parallel()
	t.Run("in a call", func(t *testing.T) {
		t.Parallel()
		s := startReady(t, nil)
		s.send(call("1", "forever"))
		s.send(ping)
		s.receive()
		s.stop()
		if _, err := s.wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("waiting for answers after the end of input", func(t *testing.T) {
		t.Parallel()
		s := startReady(t, nil)
		s.send(call("1", "forever"))
		s.send(ping)
		s.receive()
		_ = s.in.Close()
		s.stop()
		if _, err := s.wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("in a read and a write that never return", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		block := make(chan struct{})
		defer close(block)
		ended := make(chan error, 1)
		in := io.MultiReader(strings.NewReader(ping+"\n"), blocked{block})
		go func() { ended <- toyServer(t).Run(ctx, &Transport{In: in, Out: blocked{block}}) }()
		time.Sleep(20 * time.Millisecond)
		cancel()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the session does not end")
		}
	})
}

type blocked struct{ until chan struct{} }

func (b blocked) Read([]byte) (int, error) { <-b.until; return 0, io.EOF }

func (b blocked) Write(p []byte) (int, error) { <-b.until; return len(p), nil }

func TestCloseUnblocksRead(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	defer close(block)
	c, err := (&Transport{In: blocked{block}, Out: io.Discard}).Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := c.Read(context.Background())
		read <- err
	}()
	time.Sleep(10 * time.Millisecond)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	select {
	case err := <-read:
		if err != io.EOF {
			t.Errorf("Read: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Read still waits")
	}
}

func TestStdioNeedsItsStreams(t *testing.T) {
	t.Parallel()
	for _, s := range []*Transport{{}, {In: strings.NewReader("")}, {Out: io.Discard}} {
		if _, err := s.Connect(context.Background()); err == nil {
			t.Errorf("Connect of %+v succeeded", s)
		}
	}
}

// moody is a stream that some client has made non-blocking, and writes in bits.
type moody struct {
	io.Reader
	io.Writer
	turn int
}

func (m *moody) Read(p []byte) (int, error) {
	if m.turn++; m.turn%2 == 0 {
		return 0, &os.PathError{Op: "read", Err: syscall.EAGAIN}
	}
	return m.Reader.Read(p[:min(len(p), 60)])
}

func (m *moody) Write(p []byte) (int, error) {
	n, err := m.Writer.Write(p[:min(len(p), 60)])
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Err: syscall.EAGAIN}
	}
	return n, err
}

func TestANonBlockingStreamIsWaitedFor(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := &moody{Reader: strings.NewReader(hello + "\n" + ready + "\n" + ping)}
	if err := toyServer(t).Run(context.Background(), &Transport{In: in, Out: &moody{Writer: &out}}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("got %d lines: %s", got, out.String())
	}
	for l := range strings.Lines(out.String()) {
		parseAnswer(t, l)
	}
}
