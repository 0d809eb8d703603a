package caller

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aegis/internal/canon"
)

// What is printed by accident holds no credential.
func TestI3_ACallersCredentialIsNotPrinted(t *testing.T) {
	t.Parallel()
	const credential = "5f1e0d3c2b4a69788796a5b4c3d2e1f001234567"
	c := New(Config{ID: "key:ci", Principal: "ci", Credential: credential})
	for _, value := range []any{c, c.config, &c.config} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, credential) || !strings.Contains(text, "key:ci") {
				t.Errorf("%s of %T prints %s", verb, value, text)
			}
		}
	}
}

// A coming that could not be recorded is recorded later, and a going only once.
func TestComingAndGoingAreRecordedOnce(t *testing.T) {
	t.Parallel()
	c, failed, recorded := New(Config{}), errors.New("the disk is full"), 0
	record := func() error { recorded++; return nil }
	if c.End(record) != nil || recorded != 0 {
		t.Error("who never came goes")
	}
	if err := c.Begin(func() error { return failed }); err != failed {
		t.Error(err)
	}
	for range 2 {
		if c.Begin(record) != nil {
			t.Error("it fails")
		}
	}
	for range 2 {
		if c.End(record) != nil {
			t.Error("it fails")
		}
	}
	if recorded != 2 {
		t.Errorf("%d entries", recorded)
	}
	c.Close(failed)
	c.Close(errors.New("another"))
	if c.Closed() != failed {
		t.Error("the first reason is forgotten")
	}
}

func TestEachPackageKeepsItsOwn(t *testing.T) {
	t.Parallel()
	type mine struct{ n int }
	type yours struct{ n int }
	one, other := New(Config{}), New(Config{})
	Keep[mine](one).n = 7
	if Keep[mine](one).n != 7 || Keep[yours](one).n != 0 || Keep[mine](other).n != 0 {
		t.Error("state is shared")
	}
}

// A question is answered once, by the call that it is about and to the caller that
// it was made for.
func TestQuestionsAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	var q, others Questions
	asked := Ticket{Call: "s-1", Shown: Shown{SHA256: "hash", Bytes: 4}, Rule: "policy.yaml:3 approve"}
	state, _, _ := q.Open("a call", asked, 0, time.Minute)
	if state == "" {
		t.Fatal("there is no room")
	}
	others.Open("a call", asked, 0, time.Minute)
	if _, signed, _ := others.Answer("a call", state); signed {
		t.Error("another caller takes it for its own")
	}
	if _, signed, _ := q.Answer("another call", state); signed {
		t.Error("another call brings the answer")
	}
	if _, signed, _ := q.Answer("a call", state+"x"); signed {
		t.Error("a forged state is taken")
	}
	if got, signed, open := q.Answer("a call", state); got != asked || !signed || !open {
		t.Errorf("%v, %t, %t", got, signed, open)
	}
	if _, signed, open := q.Answer("a call", state); !signed || open {
		t.Error("it is answered twice")
	}
	late, _, _ := q.Open("a call", asked, 0, time.Nanosecond)
	if _, _, open := q.Answer("a call", late); open {
		t.Error("it does not expire")
	}
	for n := range MaxQuestions + 1 {
		if state, _, open := q.Open("a call", asked, 0, time.Minute); (state != "") != (n < MaxQuestions) || open != min(n+1, MaxQuestions) {
			t.Errorf("question %d: %d are open", n, open)
		}
	}
}

// A job is who has a job's id. Nobody else is called like one, whatever they are called
// where they come from.
func TestNobodyElseIsCalledLikeAJob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, principal, want string }{
		{"job:stale", "job:stale", "job:stale"},
		{"stdio", "job:stale", "user job:stale"},
		{"stdio", "JOB:stale", "user JOB:stale"},
		{"stdio", "job:", "user job:"},
		{"key:ci", "job:stale", "user job:stale"},
		{"key:job:stale", "job:stale", "user job:stale"},
		{"anyone", "job:stale", "user job:stale"},
		{"server", "job:stale", "user job:stale"},
		{"", "job:stale", "user job:stale"},
		{"job:other", "job:stale", "user job:stale"},
		{"stdio", "job", "job"},
		{"key:jobs", "jobs", "jobs"},
	} {
		made := New(Config{ID: c.id, Principal: c.principal})
		if made.Principal() != c.want || Known(Config{ID: c.id, Principal: c.principal}, made.Marks).Principal() != c.want {
			t.Errorf("%s, %s: %s", c.id, c.principal, made.Principal())
		}
		if canon.IsJob(made.Principal()) != (c.id == c.want) {
			t.Errorf("%s is taken for a job", made.Principal())
		}
	}
}
