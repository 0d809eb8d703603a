package caller

import (
	"sync/atomic"
	"testing"
	"time"
)

// What the questions are about is bounded together.
func TestQuestionsAreBoundedInSize(t *testing.T) {
	t.Parallel()
	var q Questions
	room := func(size int) string { state, _, _ := q.Open("a call", Ticket{}, size, time.Minute); return state }
	large := room(MaxQuestionSize - 10)
	if large == "" || room(11) != "" || room(10) == "" || room(1) != "" {
		t.Fatal("the bound is not where it should be")
	}
	q.Answer("a call", large)
	if room(MaxQuestionSize-10) == "" {
		t.Error("an answer makes no room")
	}
}

// However an answer, the expiry and the caller's going meet, a no is told once at
// most, and nothing is left.
func TestAQuestionEndsOnce(t *testing.T) {
	t.Parallel()
	for range 200 {
		var q Questions
		var told atomic.Int64
		state, _, _ := q.Open("a call", Ticket{}, 5, time.Millisecond)
		q.Leave(state, func() { told.Add(1) })
		answered := make(chan bool)
		go func() {
			time.Sleep(time.Millisecond)
			_, _, open := q.Answer("a call", state)
			answered <- open
		}()
		time.Sleep(time.Millisecond)
		q.Close()
		open := <-answered
		if n := told.Load(); n > 1 || open && n > 0 || q.size != 0 || len(q.waiting) != 0 {
			t.Fatalf("%d noes, answered in time: %t, %d questions left", n, open, len(q.waiting))
		}
		if state, _, _ := q.Open("a call", Ticket{}, 0, time.Minute); state != "" {
			t.Fatal("one is opened after the end")
		}
	}
}

// A question that somebody waits for is not ended by others.
func TestAQuestionThatIsWaitedForIsLeftAlone(t *testing.T) {
	t.Parallel()
	var q Questions
	state, _, _ := q.Open("a call", Ticket{Call: "s-1"}, 0, time.Minute)
	q.Close()
	if ticket, signed, open := q.Answer("a call", state); ticket.Call != "s-1" || !signed || !open {
		t.Error("it is closed while somebody waits")
	}
	q.Leave(state, func() { t.Error("what was answered is left") })
	q.Close()
}
