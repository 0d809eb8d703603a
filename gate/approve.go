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

// reason is why a human is asked: a rule, and what it found. key is the rule's, if it
// is one of flow control.
type reason struct {
	rule, why, key string
}

// asking ends a call with a question in place of a result.
type asking struct{ question Question }

func (*asking) Error() string { return "a human is asked" }

// consent is what is known of whether a human is to be asked about a call, and was.
type consent struct {
	approval *reason      // why policy wants one to be asked, nil if it does not
	flowAsks []reason     // why flow control wants it
	asks     []reason     // why one would be asked, in a dry run
	rule     string       // the rule by which one is asked, "" if none is
	shown    caller.Shown // what they were shown
	answers  string       // the call that asked what this one has the reply to
}

// judged makes a refusal of a decision, nil if it allows, and notes if a human is
// to be asked.
func (c *consent) judged(d judgement) *Refusal {
	if d.Allow && d.Ask && c.approval == nil {
		c.approval = &reason{rule: d.AskRule.String()}
	}
	return refused(d)
}

// permit decides what had to wait for the plan: whether content may flow, and
// whether a human has said yes where one is to be asked.
func (w *world) permit() error {
	asks, refusal := w.checkFlow(w.stranger)
	if refusal != nil {
		return refusal
	}
	w.consent.flowAsks = asks
	if w.consent.approval != nil {
		asks = append([]reason{*w.consent.approval}, asks...)
	}
	if len(asks) == 0 || w.prepared.DryRun {
		w.consent.asks = asks
		return nil
	}
	return w.contain(func() error { return w.askHuman(asks) })
}

// askHuman puts a question, or reads the answer to it. The answer counts only if it
// is to the very same question: what would happen is said anew, and compared.
func (w *world) askHuman(asks []reason) error {
	c := &w.consent
	c.rule = asks[0].rule
	if w.call.Reply == nil && !w.call.CanAsk {
		r := Refuse(ApprovalUnavailable, "A human has to approve this, and this client can't ask one.").
			WithHint("It takes a client that shows forms (elicitation); dry_run shows what would happen without one.")
		if w.call.Shell {
			r.WithHint("Run aegis call on a terminal, with standard input and standard error left to it, and it asks there.")
		}
		r.Rule = c.rule
		return r
	}
	message, err := w.describe(asks)
	if err != nil {
		return err
	}
	c.shown = caller.Shown{SHA256: hashOf(message), Bytes: len(message)}
	if reply := w.call.Reply; reply != nil {
		return w.judgeReply(reply, message)
	}
	ticket := caller.Ticket{Call: w.id, Shown: c.shown, Rule: c.rule}
	state, expires, open := w.caller.Questions.Open(w.askedAbout(), ticket, len(w.call.Args), w.options.ApprovalTimeout)
	if state == "" {
		r := Refuse(ApprovalUnavailable, "%d questions of this session wait for a human already.", open).WithHint("Wait until they are answered.")
		r.Rule = c.rule
		return r
	}
	if err := w.recordMore(audit.Ask, c.rule); err != nil {
		w.caller.Questions.Withdraw(w.askedAbout(), state)
		return w.auditRefusal(err)
	}
	return &asking{Question{Message: message, State: state, Expires: expires}}
}

// checkReply takes a no for an answer, whatever else there would be to decide.
func (d *decider) checkReply() *Refusal {
	if d.call.Reply == nil || d.call.Reply.Approved {
		return nil
	}
	t, signed, _ := d.caller.Questions.Answer(d.askedAbout(), d.call.Reply.State)
	if !signed { // to nothing that was asked; it will not be taken for a yes
		return nil
	}
	d.consent.rule, d.consent.shown, d.consent.answers = t.Rule, t.Shown, t.Call
	return d.consent.declined("A human was asked and did not say yes.", "Asking again will not help; tell them why it should be done, or do without.")
}

// judgeReply decides whether a yes is one to what would happen now. Where such texts are
// to be kept, the message is on disk before anything that it says is done.
func (w *world) judgeReply(reply *Reply, message string) error {
	t, _, open := w.caller.Questions.Answer(w.askedAbout(), reply.State)
	w.consent.answers = t.Call
	switch {
	case !open || !reply.Approved:
		return w.consent.declined("This answers no question that is open for this call: it was answered before, took too long, or is another call's.", "Make the call again; a human will be asked again.")
	case t.Shown != w.consent.shown:
		return w.consent.declined("What would happen is no longer what the human was shown.", "Make the call again; a human will be asked again.")
	}
	if err := w.log.KeepApproval(w.id, message); err != nil {
		return w.auditRefusal(err)
	}
	return nil
}

func (c *consent) declined(message, hint string) *Refusal {
	r := Refuse(ApprovalDeclined, "%s", message).WithHint("%s", hint)
	r.Rule = c.rule
	return r
}

// askedAbout says which call a question is about: the caller's, the tool's, and the
// arguments'.
func (r *request) askedAbout() string {
	return strings.Join([]string{r.caller.Session(), r.tool.Name, argsHash(r.call.Args)}, " ")
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
