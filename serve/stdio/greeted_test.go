package stdio

import (
	"context"
	"io"
	"testing"
	"time"
)

// A client is greeted once: when its first request was answered, and not by the refusal
// of a frame that was none.
func TestAClientIsGreetedOnce(t *testing.T) {
	t.Parallel()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	greeted := make(chan struct{}, 10)
	ended := make(chan error, 1)
	go func() {
		ended <- toyServer(t).Run(context.Background(), &Transport{In: inR, Out: outW, Greeted: func() { greeted <- struct{}{} }})
		_ = outW.Close()
	}()
	lines := newLineReader(outR, 1<<20)
	ask := func(frame string) {
		t.Helper()
		if _, err := io.WriteString(inW, frame+"\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := lines.next(); err != nil {
			t.Fatal(err)
		}
	}
	ask("garbage")
	ask(`{"jsonrpc":"2.0","id":1,"method":7}`)
	if len(greeted) != 0 {
		t.Error("a refusal is taken for a greeting")
	}
	ask(hello)
	select {
	case <-greeted:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody is greeted")
	}
	ask(ping)
	_ = inW.Close()
	if err := <-ended; err != nil || len(greeted) != 0 {
		t.Errorf("%v, greeted %d times more", err, len(greeted))
	}
}
