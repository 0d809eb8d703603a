package caller

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Bounds on the questions of a caller that are open at once.
const (
	MaxQuestions    = 8
	MaxQuestionSize = 16 << 20 // bytes of the arguments of the calls that they are about
)

// Questions are those of a caller that wait for an answer. A question goes out as
// a signed ticket, so that whoever holds it can change nothing about it, and is
// answered once. Where nobody waits for the answer, because another call will bring
// it, the question is left: no answer in time is a no, and so is the caller's going.
type Questions struct {
	mu      sync.Mutex
	key     []byte
	waiting map[string]*question // by state
	size    int                  // of what they are about
	over    bool
	late    sync.WaitGroup // noes that are being told
}

type question struct {
	expires time.Time
	size    int
	timer   *time.Timer // nil while somebody waits for the answer
	no      func()
}

// Shown names the text that a human is shown.
type Shown struct {
	SHA256 string `json:"h"` // hex
	Bytes  int    `json:"l"`
}

// Ticket is what a question is about.
type Ticket struct {
	Call  string // which asked
	Shown Shown
	Rule  string // by which is asked
}

// sealed is a ticket as it goes out.
type sealed struct {
	Nonce   string `json:"n"`
	Call    string `json:"c"`
	Expires int64  `json:"e"` // Unix, in milliseconds
	Shown   Shown  `json:"s"`
	Rule    string `json:"r"`
}

// Open opens a question that expires after some time. about names the call, so that
// no other can bring the answer; size is that of its arguments. Without room for one
// more the state is "", and open is how many there are.
func (q *Questions) Open(about string, t Ticket, size int, within time.Duration) (state string, expires time.Time, open int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting, q.key = make(map[string]*question), make([]byte, 32)
		rand.Read(q.key) // never fails
	}
	now := time.Now()
	for state, one := range q.waiting {
		if one.timer == nil && now.After(one.expires) {
			q.take(state)
		}
	}
	if q.over || len(q.waiting) >= MaxQuestions || q.size+size > MaxQuestionSize {
		return "", time.Time{}, len(q.waiting)
	}
	expires = now.Add(within)
	payload, _ := json.Marshal(sealed{Nonce: rand.Text(), Call: t.Call, Expires: expires.UnixMilli(), Shown: t.Shown, Rule: t.Rule})
	state = base64.RawURLEncoding.EncodeToString(payload)
	state += "." + q.sign(about, state)
	q.waiting[state] = &question{expires: expires, size: size}
	q.size += size
	return state, expires, len(q.waiting)
}

// take takes a question off, nil if it is not open.
func (q *Questions) take(state string) *question {
	one := q.waiting[state]
	if one == nil {
		return nil
	}
	delete(q.waiting, state)
	q.size -= one.size
	if one.timer != nil {
		one.timer.Stop()
	}
	return one
}

// Answer takes a question off and returns its ticket, and whether that was made
// here about this call, and whether the question was open and in time.
func (q *Questions) Answer(about, state string) (t Ticket, signed, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	in, signed := q.read(about, state)
	if !signed {
		return Ticket{}, false, false
	}
	one, now := q.take(state), time.Now()
	open = one != nil && now.Before(one.expires) && now.UnixMilli() < in.Expires
	return Ticket{Call: in.Call, Shown: in.Shown, Rule: in.Rule}, true, open
}

// Withdraw closes a question: no answer to it counts any more.
func (q *Questions) Withdraw(about, state string) { q.Answer(about, state) }

// Leave leaves an open question to its answer. If none comes until it expires, or
// until the caller goes, no is called once.
func (q *Questions) Leave(state string, no func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if one := q.waiting[state]; one != nil {
		one.no = no
		one.timer = time.AfterFunc(time.Until(one.expires), func() { q.expire(state) })
	}
}

func (q *Questions) expire(state string) {
	q.mu.Lock()
	one := q.take(state)
	if one != nil {
		q.late.Add(1)
	}
	q.mu.Unlock()
	if one != nil {
		defer q.late.Done()
		one.no()
	}
}

// Close ends every question that was left, and returns when each no was told. None
// can be opened any more.
func (q *Questions) Close() {
	q.mu.Lock()
	q.over = true
	var left []string
	for state, one := range q.waiting {
		if one.timer != nil {
			left = append(left, state)
		}
	}
	q.mu.Unlock()
	for _, state := range left {
		q.expire(state)
	}
	q.late.Wait()
}

func (q *Questions) read(about, state string) (in sealed, ok bool) {
	payload, mac, found := strings.Cut(state, ".")
	if !found || q.key == nil || !hmac.Equal([]byte(mac), []byte(q.sign(about, payload))) {
		return sealed{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	return in, err == nil && json.Unmarshal(raw, &in) == nil
}

func (q *Questions) sign(about, payload string) string {
	mac := hmac.New(sha256.New, q.key)
	for _, part := range []string{about, payload} {
		fmt.Fprintf(mac, "%d:%s,", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
