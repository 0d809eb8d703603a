package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"aegis/audit"
)

// printer writes what audit show found. Whatever the log holds came from a
// caller or from whoever changed the log, and is printed by quoted only.
type printer struct {
	out      io.Writer
	raw      bool // the stored lines as they are
	printed  int64
	heldBack int64 // lines that are not for a terminal
}

func (p *printer) entry(s audit.Stored) error {
	if p.raw {
		return p.line(s)
	}
	p.printed++
	var b strings.Builder
	switch {
	case s.Kind == "":
		fmt.Fprintf(&b, "-- line %d (byte %d) %s: %d bytes, %s\n", s.Line, s.Offset, s.Broken, len(s.Raw), quoted(string(s.Raw)))
	case s.Broken != "":
		fmt.Fprintf(&b, "!! line %d (byte %d) %s\n!! ", s.Line, s.Offset, s.Broken)
	case s.After:
		b.WriteString("! ")
	}
	if s.Kind != "" {
		fmt.Fprintf(&b, "%d %s %-14s%s\n", s.Seq, at(s.Time), what(s), members(s))
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

// line prints the stored bytes. They are text that a terminal shows as it is,
// unless something other than Aegis wrote them.
func (p *printer) line(s audit.Stored) error {
	if s.Kind == "" {
		return nil
	}
	if strings.ContainsFunc(string(s.Raw), obeyed) {
		p.heldBack++
		return nil
	}
	p.printed++
	_, err := fmt.Fprintf(p.out, "%s\n", s.Raw)
	return err
}

// held says that lines were held back, if some were.
func (p *printer) held() string {
	if p == nil || p.heldBack == 0 {
		return ""
	}
	return count(p.heldBack, "line holds", "lines hold") + " control characters that Aegis never stores as they are, and a terminal might obey; without --json they are shown, escaped"
}

func at(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

// what an entry is: its kind, or for a decision what was decided and when.
func what(s audit.Stored) string {
	if s.Kind != audit.KindDecision {
		return string(s.Kind)
	}
	return quoted(string(s.Decision)) + " " + quoted(string(s.Stage))
}

// members lists what an entry says, by the names that are stored.
func members(s audit.Stored) string {
	var b strings.Builder
	text := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, quoted(value))
		}
	}
	number := func(name string, n int64) {
		if n != 0 {
			fmt.Fprintf(&b, " %s=%d", name, n)
		}
	}
	hash := func(name, value string) {
		if short := quoted(value); len(value) == 64 && short == value {
			fmt.Fprintf(&b, " %s=%s…", name, value[:12]) // enough to tell it from others
		} else {
			text(name, value)
		}
	}
	text("call", s.Call)
	if s.Call == "" || !strings.HasPrefix(s.Call, s.Session+"-") {
		text("session", s.Session)
	}
	if s.Kind == audit.KindSessionStart {
		text("principal", s.Principal)
		text("client", s.Client)
	}
	text("trace", s.Trace)
	text("connection", s.Connection)
	text("job", s.Job)
	text("trigger", s.Trigger)
	text("delivery", s.Delivery)
	number("run", s.Run)
	text("tool", s.Tool)
	text("capability", s.Capability)
	if s.DryRun {
		b.WriteString(" dry_run=true")
	}
	text("repo", s.Repo)
	number("repo_id", s.RepoID)
	text("second", s.Second)
	b.WriteString(list("paths", s.Paths, s.PathsTotal))
	text("ref", s.Ref)
	number("number", s.Number)
	if s.Kind != audit.KindDecision {
		text("stage", string(s.Stage))
		text("decision", string(s.Decision))
	}
	text("of", s.Case.Of)
	b.WriteString(list("of_paths", s.Case.Paths, s.CasePathsTotal))
	if s.Case.Folder {
		b.WriteString(" folder=true")
	}
	text("branch", s.Case.Branch)
	text("default_branch", s.Case.Default)
	text("asks", s.Case.Asks)
	b.WriteString(list("lineage", s.Case.Lineage, 0))
	text("visibility", s.Case.Visibility)
	text("reaches", s.Case.Reaches)
	b.WriteString(list("marks", s.Case.Marks, 0))
	b.WriteString(list("carries", s.Case.Carries, 0))
	b.WriteString(list("unasked", s.Case.Unasked, 0))
	if s.Case.Cut {
		b.WriteString(" cut=true")
	}
	text("code", s.Code)
	text("rule", s.Rule)
	hash("policy_sha256", s.PolicySHA256)
	hash("floor_sha256", s.FloorSHA256)
	hash("own_policy_sha256", s.OwnPolicySHA256)
	number("gitea_status", int64(s.GiteaStatus))
	b.WriteString(counts("redactions", s.Redactions))
	b.WriteString(counts("exceptions", s.Exceptions))
	number("withheld", int64(s.Withheld))
	number("written", int64(s.Written))
	b.WriteString(list("made", s.Made, 0))
	number("rows", int64(s.Rows))
	number("bytes", s.Bytes)
	if s.DurationMS != 0 {
		text("duration_ms", strconv.FormatFloat(s.DurationMS, 'f', -1, 64))
	}
	hash("args_hmac", s.ArgsHMAC)
	text("shown_sha256", s.ShownSHA256)
	number("shown_bytes", int64(s.ShownBytes))
	text("reason", s.Reason)
	number("fragment_bytes", s.FragmentBytes)
	text("fragment_sha256", s.FragmentSHA256)
	text("archived", s.Archived)
	text("continues", s.Continues)
	number("kept_from", s.KeptFrom)
	text("checkpoint", s.Checkpoint)
	return b.String()
}

// maxListed is how many texts of a list are shown. --json has all that are stored.
const maxListed = 20

// list shows a list, of which there may have been more than is stored.
func list(name string, stored []string, total int64) string {
	if len(stored) == 0 {
		return ""
	}
	total = max(total, int64(len(stored)))
	stored = stored[:min(len(stored), maxListed)]
	shown := make([]string, len(stored))
	for i, text := range stored {
		shown[i] = quoted(text)
	}
	more := ""
	if total > int64(len(stored)) {
		more = fmt.Sprintf(",… (%d in all)", total)
	}
	return " " + name + "=" + strings.Join(shown, ",") + more
}

func counts(name string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	var shown []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		shown = append(shown, fmt.Sprintf("%s:%d", quoted(key), counts[key]))
	}
	return " " + name + "=" + strings.Join(shown, ",")
}
