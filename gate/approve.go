package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"aegis/audit"
)

// Question is what a human is asked before a call is carried out. Nothing has
// been done yet. Whoever shows it makes the same call again with a [Reply].
type Question struct {
	Message string    // what would happen, in lines, scrubbed
	State   string    // to be given back
	Expires time.Time // a reply after that is a no
}

// Reply answers a question.
type Reply struct {
	State    string // the question's
	Approved bool   // an explicit yes; everything else is a no
}

// reason is why a human is asked: a rule, and what it found.
type reason struct {
	rule, why string
}

// asking ends a call with a question in place of a result.
type asking struct{ question Question }

func (*asking) Error() string { return "a human is asked" }

// permit decides what had to wait for the plan: whether content may flow, and
// whether a human has said yes where one is to be asked.
func (v *Visit) permit() error {
	asks, refusal := v.checkFlow(v.stranger)
	if refusal != nil {
		return refusal
	}
	v.flowAsks = asks
	if v.approval != nil {
		asks = append([]reason{*v.approval}, asks...)
	}
	if len(asks) == 0 || v.prepared.DryRun {
		v.asks = asks
		return nil
	}
	return v.contain(func() error { return v.ask(asks) })
}

// ask puts a question, or reads the answer to it. The answer counts only if it
// is to the very same question: what would happen is said anew, and compared.
func (v *Visit) ask(asks []reason) error {
	v.rule = asks[0].rule
	if v.call.Reply == nil && !v.call.CanAsk {
		r := Refuse(ApprovalUnavailable, "A human has to approve this, and this client can't ask one.").
			WithHint("It takes a client that shows forms (elicitation).")
		r.Rule = v.rule
		return r
	}
	message, err := v.describe(asks)
	if err != nil {
		return err
	}
	v.shown = hashOf(message)
	if reply := v.call.Reply; reply != nil {
		return v.judgeReply(reply)
	}
	question, refusal := v.session.questions.open(v, message)
	if refusal != nil {
		return refusal
	}
	if err := v.recordAsking(); err != nil {
		v.session.questions.close(question.State)
		return v.auditRefusal(err)
	}
	return &asking{question}
}

// checkReply takes a no for an answer, whatever else there would be to decide.
func (v *Visit) checkReply() *Refusal {
	if v.call.Reply == nil || v.call.Reply.Approved {
		return nil
	}
	t, signed, _ := v.session.questions.answer(v, v.call.Reply.State)
	if !signed { // to nothing that was asked; it will not be taken for a yes
		return nil
	}
	v.rule, v.shown = t.Rule, t.Shown
	return v.declined("A human was asked and did not say yes.", "Asking again will not help; tell them why it should be done, or do without.")
}

// judgeReply decides whether a yes is one to what would happen now.
func (v *Visit) judgeReply(reply *Reply) error {
	t, _, open := v.session.questions.answer(v, reply.State)
	switch {
	case !open || !reply.Approved:
		return v.declined("This answers no question that is open for this call: it was answered before, took too long, or is another call's.", "Make the call again; a human will be asked again.")
	case t.Shown != v.shown:
		return v.declined("What would happen is no longer what the human was shown.", "Make the call again; a human will be asked again.")
	}
	return nil
}

func (v *Visit) declined(message, hint string) *Refusal {
	r := Refuse(ApprovalDeclined, "%s", message).WithHint("%s", hint)
	r.Rule = v.rule
	return r
}

// maxQuestions bounds how many questions of a session are open at once.
const maxQuestions = 8

// questions are those of a session that wait for an answer.
type questions struct {
	mu      sync.Mutex
	key     []byte
	waiting map[string]time.Time // nonces, with when they expire
}

// ticket is what a state says: it is signed, so that it can be held by the client.
type ticket struct {
	Nonce   string `json:"n"`
	Call    string `json:"c"` // which asked
	Expires int64  `json:"e"` // Unix, in milliseconds
	Shown   string `json:"s"` // hash of the message
	Rule    string `json:"r"` // by which was asked
}

func (q *questions) open(v *Visit, message string) (Question, *Refusal) {
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
	if len(q.waiting) >= maxQuestions {
		r := Refuse(ApprovalUnavailable, "%d questions of this session wait for a human already.", maxQuestions).WithHint("Wait until they are answered.")
		r.Rule = v.rule
		return Question{}, r
	}
	t := ticket{Nonce: rand.Text(), Call: v.id, Shown: v.shown, Rule: v.rule}
	expires := now.Add(v.gate.options.ApprovalTimeout)
	t.Expires = expires.UnixMilli()
	q.waiting[t.Nonce] = expires
	payload, _ := json.Marshal(t)
	state := base64.RawURLEncoding.EncodeToString(payload)
	return Question{Message: message, State: state + "." + q.sign(v, state), Expires: expires}, nil
}

// answer takes a question off and returns its ticket, and whether that was made
// here for this call, and whether the question was open and in time.
func (q *questions) answer(v *Visit, state string) (t ticket, signed, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t, signed = q.read(v, state); !signed {
		return ticket{}, false, false
	}
	expires, open := q.waiting[t.Nonce]
	delete(q.waiting, t.Nonce)
	now := time.Now()
	v.answers = t.Call
	return t, true, open && now.Before(expires) && now.UnixMilli() < t.Expires
}

func (q *questions) close(state string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var t ticket
	payload, _, _ := strings.Cut(state, ".")
	if raw, err := base64.RawURLEncoding.DecodeString(payload); err == nil && json.Unmarshal(raw, &t) == nil {
		delete(q.waiting, t.Nonce)
	}
}

func (q *questions) read(v *Visit, state string) (t ticket, ok bool) {
	payload, mac, found := strings.Cut(state, ".")
	if !found || q.key == nil || !hmac.Equal([]byte(mac), []byte(q.sign(v, payload))) {
		return ticket{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	return t, err == nil && json.Unmarshal(raw, &t) == nil
}

// sign binds a ticket to the session, the tool and the arguments.
func (q *questions) sign(v *Visit, payload string) string {
	mac := hmac.New(sha256.New, q.key)
	for _, part := range []string{v.session.id, v.tool.Name, argsHash(v.call.Args), payload} {
		fmt.Fprintf(mac, "%d:%s,", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// argsHash is the same for arguments that say the same, in whatever order and
// spacing: a client encodes them anew with its reply.
func argsHash(raw json.RawMessage) string {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return hashOf(string(raw))
	}
	sorted, err := json.Marshal(value)
	if err != nil {
		return hashOf(string(raw))
	}
	return hashOf(string(sorted))
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// recordAsking puts on disk that a human is asked, and what is shown.
func (v *Visit) recordAsking() error {
	entry := v.entry(audit.KindDecision)
	entry.Stage, entry.Decision, entry.Rule = audit.StageResolved, audit.Ask, v.rule
	return v.recordMore(entry)
}
