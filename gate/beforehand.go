package gate

import "aegis/forge"

// What Gitea would refuse, and what is known by then to be refused, is refused before
// anything is sent: in a dry run too, and before a human is asked. Gitea itself answers
// some of it as a failure of its own, of which nobody could tell what became.

// refuseFrozen refuses a repository that takes no writes. Gitea itself forgets that of
// some of them.
func (w *world) refuseFrozen(Target) error {
	if !w.writes() {
		return nil
	}
	switch {
	case w.repo.Record.Archived:
		return w.because(forge.IsArchived)
	case w.repo.Record.Mirror:
		return w.because(forge.IsMirror)
	}
	return nil
}

// because is the refusal for a reason that says enough by itself.
func (r *request) because(reason forge.Reason) *Refusal {
	return r.forgeRefusal(&forge.Error{Reason: reason}, nil)
}

// refuseProtected refuses a write to a branch that Gitea keeps the token's user from
// pushing to.
func (w *world) refuseProtected(target Target) error {
	head := w.repo.Head
	if target.branch == "" || w.repo.Ref != "refs/heads/"+target.branch {
		return nil
	}
	switch {
	case !head.MayPush && w.client.Anonymous():
		return Refuse(GiteaUnauthorized, "There is no token, and Gitea takes no changes from nobody.").WithHint(tokenPage)
	case head.Protected && !head.MayPush:
		return Refuse(GiteaForbidden, "The branch is protected, and the token's user may not push to it; nothing was written.").WithHint(protectedHint)
	case !head.MayPush:
		return Refuse(GiteaForbidden, "The token's user may not push to this repository; nothing was written.").WithHint(mayWrite)
	case head.Rule == "":
		return nil
	}
	unsigned, err := w.client.WantsSignature(w.repo.Name, head.Rule)
	if err != nil || !unsigned { // Gitea says it then
		return nil
	}
	return Refuse(GiteaForbidden, "The branch takes signed commits only, and Gitea has no key to sign with; nothing was written.").
		WithHint("A human has to commit there and sign it. Or: " + protectedHint)
}

// refuseForbidden refuses a plan of which the repository's record says that Gitea won't
// carry it out.
func (w *world) refuseForbidden() error {
	if w.plan == nil {
		return nil
	}
	for _, step := range w.plan.Steps {
		if e := forge.Forbids(step.Write, w.repo.Record); e != nil {
			return w.forgeRefusal(e, w.repo.Record)
		}
	}
	return nil
}
