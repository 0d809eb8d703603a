package gate

import (
	"errors"
	"io/fs"
	"os"

	"aegis/gate/policy"
)

// decision is what was decided on a call without asking Gitea. The zero decision
// allows it.
type decision struct {
	refusal  *Refusal
	consent  consent
	referred []place // repositories that its texts refer to
	about    func() policy.Case
}

// decider decides: it is a judge who knows nothing of Gitea.
type decider struct {
	*judge
	decision
}

// decide goes through everything that can be decided without asking Gitea, in
// the order in which reasons are told. It decodes the arguments on the way. The
// first reason to refuse wins.
func (r *request) decide() decision {
	nothing := new(facts)
	d := &decider{judge: &judge{request: r, facts: nothing, knowing: r.knowing(nothing)}}
	d.about = d.whole
	if reply := r.call.Reply; reply != nil && !reply.Approved { // a no stays one, whatever refuses the call
		defer r.caller.Questions.Withdraw(r.askedAbout(), reply.State)
	}
	for _, step := range []func() *Refusal{
		d.checkBarred,
		d.checkKillSwitch,
		d.checkWriteMode,
		d.checkKept,
		d.decode,
		d.checkReply,
		d.checkLimits,
		d.checkPolicy,
		d.checkWhitelist,
		d.checkLanding,
		d.checkMarkers,
		d.checkSecrets,
		d.checkReferences,
	} {
		if d.refusal = step(); d.refusal != nil {
			break
		}
	}
	return d.decision
}

// checkBarred refuses a caller whose last outcome is not in the log, or who has no
// way to Gitea, and a call that has no slot: the kill switch was on, or it was given up
// while it waited.
func (r *request) checkBarred() *Refusal { return r.barred }

// Killed reports whether the kill switch is on, or that can't be told.
func (g *Gate) Killed() bool { return g.checkKillSwitch() != nil }

// checkKillSwitch denies while the file exists, and while that can't be told.
func (d *desk) checkKillSwitch() *Refusal {
	name := d.options.KillSwitch
	if name == "" {
		return nil
	}
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	r := Refuse(Killed, "The kill switch is on: every call is denied.").
		WithHint("Ask whoever operates Aegis here; removing the switch's file ends it.")
	r.Rule = "kill switch"
	return r
}

func (r *request) checkWriteMode() *Refusal {
	if !r.writes() || r.options.Write {
		return nil
	}
	refusal := Refuse(WriteModeOff, "This session only reads.").
		WithHint("Writing needs WRITE_MODE=true (--write), the repository in WRITE_REPOSITORY_WHITELIST and a policy that allows it.")
	if r.call.Shell {
		refusal.WithHint("aegis call writes with --write, which WRITE_MODE does not stand for here, with --write-repo OWNER/REPO and with a --policy that allows it.")
	}
	refusal.Rule = "WRITE_MODE"
	return refusal
}

// decode makes the one typed value that the target is read from and the
// handler is bound to. Nothing about the request changes after it.
func (r *request) decode() *Refusal {
	if r.tool.Prepare == nil || r.tool.Capability == 0 {
		return r.refusalOf(errors.New("the tool is registered without capability or arguments"))
	}
	err := r.contain(func() (err error) {
		r.prepared, err = r.tool.Prepare(r.call.Args)
		return err
	})
	switch {
	case errors.Is(err, errPanicked):
		return r.refusalOf(err)
	case err != nil:
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return refusal
		}
		return Refuse(InvalidArguments, "%s", sentence(err.Error()))
	case r.prepared.Target.kind == unknownTarget, r.writes() && (r.prepared.Plan == nil || r.prepared.Target.kind != oneRepository),
		!r.writes() && r.prepared.Run == nil, (r.prepared.Plan == nil) == (r.prepared.Run == nil):
		return r.refusalOf(errors.New("the tool does not say what it touches"))
	}
	return nil
}

// checkPolicy decides on the names as they were given; what they resolve to is
// decided later.
func (d *decider) checkPolicy() *Refusal { return d.consent.judged(d.judge.decide(d.names())) }

// checkLanding holds the branch and the paths of a write against the policy,
// as far as that can be done before Gitea says which branch is the default one.
func (d *decider) checkLanding() *Refusal {
	if !d.writes() {
		return nil
	}
	return refused(d.judge.decide(d.landing(policy.AskedLater)))
}

// checkReferences refuses texts that would leave an event in a repository that
// may not be written to.
func (d *decider) checkReferences() *Refusal {
	referred, refusal := d.references(d.judge, d.base)
	d.referred = referred
	return refusal
}

// refused is the refusal of a decision, nil if it allows.
func refused(d judgement) *Refusal {
	if d.Allow {
		return nil
	}
	return denied(d)
}

// codeOf is a policy's code as calls fail with it.
var codeOf = map[policy.Code]Code{policy.PolicyDenied: PolicyDenied, policy.PathDenied: PathDenied, policy.BranchDenied: BranchDenied}
