package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"aegis/audit"
	"aegis/gate/caller"
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
	ticket := caller.Ticket{Call: v.id, Shown: v.shown, Rule: v.rule}
	state, expires, ok := v.caller.Questions.Open(v.about(), ticket, v.gate.options.ApprovalTimeout)
	if !ok {
		r := Refuse(ApprovalUnavailable, "%d questions of this session wait for a human already.", caller.MaxQuestions).WithHint("Wait until they are answered.")
		r.Rule = v.rule
		return r
	}
	if err := v.recordAsking(); err != nil {
		v.caller.Questions.Withdraw(v.about(), state)
		return v.auditRefusal(err)
	}
	return &asking{Question{Message: message, State: state, Expires: expires}}
}

// checkReply takes a no for an answer, whatever else there would be to decide.
func (v *Visit) checkReply() *Refusal {
	if v.call.Reply == nil || v.call.Reply.Approved {
		return nil
	}
	t, signed, _ := v.answered(v.call.Reply.State)
	if !signed { // to nothing that was asked; it will not be taken for a yes
		return nil
	}
	v.rule, v.shown = t.Rule, t.Shown
	return v.declined("A human was asked and did not say yes.", "Asking again will not help; tell them why it should be done, or do without.")
}

// judgeReply decides whether a yes is one to what would happen now.
func (v *Visit) judgeReply(reply *Reply) error {
	t, _, open := v.answered(reply.State)
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

// answered takes the question off that the call brings the answer to.
func (v *Visit) answered(state string) (t caller.Ticket, signed, open bool) {
	t, signed, open = v.caller.Questions.Answer(v.about(), state)
	v.answers = t.Call
	return t, signed, open
}

// about says which call a question is about: the caller's, the tool's, and the
// arguments'.
func (v *Visit) about() string {
	return strings.Join([]string{v.caller.Session(), v.tool.Name, argsHash(v.call.Args)}, " ")
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
