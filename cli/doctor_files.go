package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"aegis/audit"
	"aegis/internal/state"
)

// checkPolicies looks at the policy, and at the floor that it stands on.
func (d *doctor) checkPolicies() {
	if d.config.Floor == "" { // the settings do not say which policy
		_ = d.readPolicy(&d.config)
	}
	store, warnings, err := d.config.Policies(nil)
	if err != nil {
		d.note(failed, "policy", "\"aegis policy check FILE\" says what is wrong with it", "%v", err)
		return
	}
	current, _ := store.Current()
	d.note(fine, "policy", "", "%s, %.12s", current.Source(), current.SHA256())
	for _, warning := range warnings {
		d.note(doubt, "policy", "change it there; \"aegis policy check\" says what the policy comes to", "%s", warning)
	}
	floor, err := store.Floor().Holds()
	switch {
	case err != nil:
		d.note(failed, "floor", "whoever administers this machine has to mend it; until then everything is denied", "%v", err)
	case floor != nil:
		d.note(fine, "floor", "", "%s, %.12s: it narrows every policy here", store.Floor().File(), floor.SHA256())
	default:
		d.note(fine, "floor", "", "there is none at %s", store.Floor().File())
	}
}

// leastSpace is what should be left where the audit log is, in bytes: without a log
// nothing can be done.
const leastSpace = 100 << 20

// checkLog holds the audit log to its chain, and looks at the space that is left for it.
func (d *doctor) checkLog(ctx context.Context) {
	log := d.config.AuditLog
	if log == "" {
		return // the settings do not say where it is
	}
	const fix = "every call is denied while the log can't be kept; docs/audit.md says what to do"
	if _, err := os.Stat(log); errors.Is(err, fs.ErrNotExist) && !exists(log+".head") {
		d.note(fine, "audit log", "", "%s is not there yet; the first session makes it", log)
	} else {
		report, err := audit.Verify(ctx, log)
		switch {
		case err != nil:
			d.note(failed, "audit log", fix, "%v", plain(err))
		case report.Problem != nil:
			d.note(failed, "audit log", fix, "%s %s", log, report.Problem)
		default:
			d.note(fine, "audit log", "", "%s: %s, one chain, head %.12s", log, count(report.Entries, "entry", "entries"), report.Head)
		}
	}
	folder := firstFolder(log)
	free, err := freeSpace(folder)
	switch {
	case err != nil:
		d.note(doubt, "space", "look yourself: every call is denied once the log is full", "what is left in %s can't be told", folder)
	case free < leastSpace:
		d.note(doubt, "space", "make room: every call is denied once the log is full", "%d MiB are left in %s", free>>20, folder)
	default:
		d.note(fine, "space", "", "%d MiB are left in %s", free>>20, folder)
	}
}

// checkSwitch looks for the kill switch.
func (d *doctor) checkSwitch() {
	file := d.config.KillSwitch
	switch _, err := os.Lstat(file); {
	case file == "":
	case err == nil:
		d.note(failed, "kill switch", "remove that file if calls are to be allowed again", "every call is denied while %s exists", file)
	case !errors.Is(err, fs.ErrNotExist):
		d.note(failed, "kill switch", "make its folder readable", "whether %s exists can't be told, so every call is denied", file)
	default:
		d.note(fine, "kill switch", "", "off; the file %s would deny every call", file)
	}
}

// checkState looks at the file of what a server knows after a restart.
func (d *doctor) checkState() {
	var c serveConfig
	if err := d.readState(&c); err != nil {
		d.note(failed, "state", "correct that setting", "%v", err)
		return
	}
	there := exists(c.State)
	switch err := state.Examine(c.State); {
	case err == nil && there:
		d.note(fine, "state", "", "%s is kept for servers", c.State)
	case err == nil, errors.Is(err, fs.ErrNotExist):
		d.note(fine, "state", "", "%s is not there yet; a server makes it, and sessions over stdio need none", c.State)
	case there:
		d.note(failed, "state", "give the file and its folder to who runs the server alone, or name another by --state", "%s: %v", c.State, err)
	default:
		d.note(doubt, "state", "name another place by --state if a server is to run here", "a server could not keep %s: %v", c.State, err)
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
