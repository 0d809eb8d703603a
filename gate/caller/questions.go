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

// MaxQuestions bounds how many questions of a caller are open at once.
const MaxQuestions = 8

// Questions are those of a caller that wait for an answer. A question goes out as
// a signed ticket, so that whoever holds it can change nothing about it, and is
// answered once.
type Questions struct {
	mu      sync.Mutex
	key     []byte
	waiting map[string]time.Time // nonces, with when they expire
}

// Ticket is what a question is about.
type Ticket struct {
	Call  string // which asked
	Shown string // hash of what the human is shown
	Rule  string // by which is asked
}

// sealed is a ticket as it goes out.
type sealed struct {
	Nonce   string `json:"n"`
	Call    string `json:"c"`
	Expires int64  `json:"e"` // Unix, in milliseconds
	Shown   string `json:"s"`
	Rule    string `json:"r"`
}

// Open opens a question that expires after some time. about names the call, so that
// no other can bring the answer. It reports whether there was room for it.
func (q *Questions) Open(about string, t Ticket, within time.Duration) (state string, expires time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting, q.key = make(map[string]time.Time), make([]byte, 32)
		rand.Read(q.key) // never fails
	}
	now := time.Now()
	for nonce, expires := range q.waiting {
		if now.After(expires) {
			delete(q.waiting, nonce)
		}
	}
	if len(q.waiting) >= MaxQuestions {
		return "", time.Time{}, false
	}
	expires = now.Add(within)
	out := sealed{Nonce: rand.Text(), Call: t.Call, Expires: expires.UnixMilli(), Shown: t.Shown, Rule: t.Rule}
	q.waiting[out.Nonce] = expires
	payload, _ := json.Marshal(out)
	state = base64.RawURLEncoding.EncodeToString(payload)
	return state + "." + q.sign(about, state), expires, true
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
	expires, open := q.waiting[in.Nonce]
	delete(q.waiting, in.Nonce)
	now := time.Now()
	return Ticket{Call: in.Call, Shown: in.Shown, Rule: in.Rule}, true, open && now.Before(expires) && now.UnixMilli() < in.Expires
}

// Withdraw closes a question that is not asked after all.
func (q *Questions) Withdraw(about, state string) { q.Answer(about, state) }

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
