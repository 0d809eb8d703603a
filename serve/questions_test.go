package serve

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
)

func TestQuestionsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	ask := func(q *questions, state string, size int) bool {
		return q.open(&gate.Question{State: state}, gate.Tool{}, gate.Call{Args: make(json.RawMessage, size)})
	}
	t.Run("in number", func(t *testing.T) {
		t.Parallel()
		q := newQuestions(nil)
		for i := range maxQuestions {
			if !q.room(10) || !ask(q, fmt.Sprint(i), 10) {
				t.Fatalf("no room for question %d", i)
			}
		}
		if q.room(0) || ask(q, "more", 0) {
			t.Error("there is room for more")
		}
		q.answered("3", gate.Tool{}, gate.Call{Args: make(json.RawMessage, 10)})
		if !q.room(0) || ask(q, "4", 0) || !ask(q, "more", 0) {
			t.Error("an answer makes room for one other question")
		}
	})
	t.Run("in size", func(t *testing.T) {
		t.Parallel()
		q := newQuestions(nil)
		if !ask(q, "large", maxQuestionSize-10) || q.room(11) || !q.room(10) || !ask(q, "small", 10) || q.room(1) {
			t.Error("the bound is not where it should be")
		}
	})
}

// However an answer, the expiry and the end of a session meet, the gate hears of
// one no at most, and nothing is left.
func TestAQuestionEndsOnce(t *testing.T) {
	t.Parallel()
	for range 200 {
		var refused atomic.Int64
		q := newQuestions(func(_ gate.Tool, call gate.Call) {
			if call.Reply == nil || call.Reply.Approved || call.Reply.State != "s" {
				t.Errorf("refused with %+v", call.Reply)
			}
			refused.Add(1)
		})
		asked := &gate.Question{State: "s", Expires: time.Now().Add(time.Millisecond)}
		if !q.open(asked, gate.Tool{}, gate.Call{}) {
			t.Fatal("no room")
		}
		q.leave(asked)
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(time.Millisecond)
			q.answered("s", gate.Tool{}, gate.Call{})
		}()
		time.Sleep(time.Millisecond)
		q.close()
		<-done
		if n := refused.Load(); n > 1 || q.size != 0 || len(q.waiting) != 0 || q.room(0) {
			t.Fatalf("%d refusals, %d questions left", n, len(q.waiting))
		}
	}
}

func TestArgumentsAreTheSameInWhateverForm(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"b":"x"}`, `{ "b":"\u0078", "a":1 }`, true},
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, false},
		{`{"a":1}`, `{"a":"1"}`, false},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":1}`, `{`, false},
		{``, `{}`, false},
		{strings.Repeat("[", 10), strings.Repeat("[", 10), true},
	} {
		if got := same(json.RawMessage(row.a), json.RawMessage(row.b)); got != row.same {
			t.Errorf("%s and %s: %t", row.a, row.b, got)
		}
	}
}
