package gate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// decide goes through everything that can be decided without asking Gitea, in
// the order in which reasons are told. It fills v.prepared. The first reason
// to refuse wins.
func (v *Visit) decide() *Refusal {
	for _, step := range []func() *Refusal{
		v.checkSession,
		v.checkKillSwitch,
		v.checkWriteMode,
		v.decode,
		v.checkReply,
		v.checkLimits,
		v.checkPolicy,
		v.checkWhitelist,
		v.checkLanding,
		v.checkMarkers,
		v.checkSecrets,
		v.checkReferences,
	} {
		if refusal := step(); refusal != nil {
			return refusal
		}
	}
	return nil
}

// checkSession refuses a session whose last outcome is not in the log, and a
// call that was given up while it waited.
func (v *Visit) checkSession() *Refusal {
	if err := v.caller.Closed(); err != nil {
		return v.auditRefusal(err)
	}
	if v.wayErr != nil {
		return v.refusalOf(fmt.Errorf("the caller's way to Gitea: %w", v.wayErr))
	}
	if v.slotErr != nil {
		return Refuse(Timeout, "The call was cancelled while it waited for its turn.")
	}
	return nil
}

// checkKillSwitch denies while the file exists, and while that can't be told.
func (v *Visit) checkKillSwitch() *Refusal {
	name := v.gate.options.KillSwitch
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

func (v *Visit) checkWriteMode() *Refusal {
	if v.tool.Capability == policy.Read || v.gate.options.Write {
		return nil
	}
	r := Refuse(WriteModeOff, "This session only reads.").
		WithHint("Writing needs WRITE_MODE=true (--write), the repository in WRITE_REPOSITORY_WHITELIST and a policy that allows it.")
	r.Rule = "WRITE_MODE"
	return r
}

// decode makes the one typed value that the target is read from and the
// handler is bound to.
func (v *Visit) decode() *Refusal {
	if v.tool.Prepare == nil || v.tool.Capability == 0 {
		return v.refusalOf(errors.New("the tool is registered without capability or arguments"))
	}
	err := v.contain(func() (err error) {
		v.prepared, err = v.tool.Prepare(v.call.Args)
		return err
	})
	switch {
	case errors.Is(err, errPanicked):
		return v.refusalOf(err)
	case err != nil:
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return refusal
		}
		return Refuse(InvalidArguments, "%s", sentence(err.Error()))
	case v.prepared.Target.kind == unknownTarget, v.writes() && (v.prepared.Plan == nil || v.prepared.Target.kind != oneRepository),
		!v.writes() && v.prepared.Run == nil, (v.prepared.Plan == nil) == (v.prepared.Run == nil):
		return v.refusalOf(errors.New("the tool does not say what it touches"))
	}
	return nil
}

// checkPolicy decides on the names as they were given; what they resolve to is
// decided later.
func (v *Visit) checkPolicy() *Refusal {
	target := v.prepared.Target
	query := v.query(target.repo)
	if target.reading != noPath {
		query.Paths = []canon.Path{target.path}
		query.Folder = target.reading != filePath
	}
	return v.judged(v.policy.Decide(query))
}

// judged makes a refusal of a decision, nil if it allows, and notes if a human is
// to be asked.
func (v *Visit) judged(d policy.Decision) *Refusal {
	if !d.Allow {
		return denied(d)
	}
	if d.Ask && v.approval == nil {
		v.approval = &reason{rule: d.AskRule}
	}
	return nil
}

// denied is the refusal of a policy's decision, with its rule and the reason
// that the policy's author gave.
func denied(d policy.Decision) *Refusal {
	r := &Refusal{Code: Code(d.Code), Rule: d.Rule, Hint: "The policy has to allow it first; asking in another way will not help."}
	switch r.Code {
	case PathDenied:
		r.Message = "Policy does not show this path."
		if strings.Contains(d.Rule, "write_paths") {
			r.Message = "Policy does not let this path be written."
		}
	case BranchDenied:
		r.Message = "Policy does not open this branch to writing."
	default:
		r.Message = "Policy does not allow this."
	}
	if d.Reason != "" {
		r.Message += " Reason given: " + sentence(d.Reason)
	}
	return r
}
