package audit

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Stored is a line of the log as it is there.
type Stored struct {
	Line   int64  // from 1
	Offset int64  // bytes before it
	Raw    []byte // without its newline; valid until the callback that got it returns
	Broken string // why it is no entry, or does not belong where it is: a clause that follows "the line"
	After  bool   // this line or one before it does not belong: no unbroken chain leads here

	// What it says if it is an entry; if not, Kind is empty.
	Entry
	Seq            int64
	Time           time.Time
	PathsTotal     int64 // of Paths, if not all are stored
	CasePathsTotal int64 // of Case.Paths, likewise
	FragmentBytes  int64 // of the entry that names a fragment, or a file that was set aside
	FragmentSHA256 string
	Archived       string // of the last entry of a file: the name that the file got
	Continues      string // of the first entry of a file: the name of the file before
	KeptFrom       int64  // with Continues: the first entry that was not deleted for its age; 0 if none was
	Checkpoint     string // the signed note
}

// Places in the table members.
var (
	memberSession    = place("session")
	memberCall       = place("call")
	memberTrace      = place("trace")
	memberClient     = place("client")
	memberPrincipal  = place("principal")
	memberJob        = place("job")
	memberTool       = place("tool")
	memberCapability = place("capability")
	memberDryRun     = place("dry_run")
	memberRepo       = place("repo")
	memberSecond     = place("second")
	memberStage      = place("stage")
	memberDecision   = place("decision")
	memberCode       = place("code")
)

func place(name string) int {
	return slices.IndexFunc(members, func(m member) bool { return m.name == name })
}

// text returns the text of a member, "" if it has none.
func (l *line) text(place int) string { return unquoted(l.values[place]) }

// unquoted returns what a stored string says.
func unquoted(value []byte) string {
	if len(value) < 2 {
		return ""
	}
	if !slices.Contains(value, '\\') {
		return string(value[1 : len(value)-1])
	}
	var s string
	_ = json.Unmarshal(value, &s) // it was parsed
	return s
}

// stored takes a line apart for whoever shows it.
func (f found) stored() Stored {
	s := Stored{Line: f.number, Offset: f.offset, Raw: f.raw, Broken: f.broken, After: f.after}
	if f.line == nil {
		return s
	}
	s.Seq, s.Time, s.Kind = f.seq, parseTime(f.time), f.kind
	for i, value := range f.values {
		if value != nil && setters[members[i].name] != nil {
			setters[members[i].name](&s, value)
		}
	}
	return s
}

// setters store the value of a member. What does not fit, because Aegis never
// wrote it, is left out.
var setters = map[string]func(s *Stored, value []byte){
	"session":           func(s *Stored, v []byte) { s.Session = unquoted(v) },
	"principal":         func(s *Stored, v []byte) { s.Principal = unquoted(v) },
	"call":              func(s *Stored, v []byte) { s.Call = unquoted(v) },
	"request":           func(s *Stored, v []byte) { s.Request = slices.Clone(v) },
	"trace":             func(s *Stored, v []byte) { s.Trace = unquoted(v) },
	"connection":        func(s *Stored, v []byte) { s.Connection = unquoted(v) },
	"client":            func(s *Stored, v []byte) { s.Client = unquoted(v) },
	"job":               func(s *Stored, v []byte) { s.Job = unquoted(v) },
	"trigger":           func(s *Stored, v []byte) { s.Trigger = unquoted(v) },
	"delivery":          func(s *Stored, v []byte) { s.Delivery = unquoted(v) },
	"run":               func(s *Stored, v []byte) { s.Run = whole(v) },
	"tool":              func(s *Stored, v []byte) { s.Tool = unquoted(v) },
	"capability":        func(s *Stored, v []byte) { s.Capability = unquoted(v) },
	"dry_run":           func(s *Stored, _ []byte) { s.DryRun = true },
	"repo":              func(s *Stored, v []byte) { s.Repo = unquoted(v) },
	"repo_id":           func(s *Stored, v []byte) { s.RepoID = whole(v) },
	"second":            func(s *Stored, v []byte) { s.Second = unquoted(v) },
	"paths":             func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Paths) },
	"paths_total":       func(s *Stored, v []byte) { s.PathsTotal = whole(v) },
	"ref":               func(s *Stored, v []byte) { s.Ref = unquoted(v) },
	"number":            func(s *Stored, v []byte) { s.Number = whole(v) },
	"stage":             func(s *Stored, v []byte) { s.Stage = Stage(unquoted(v)) },
	"decision":          func(s *Stored, v []byte) { s.Decision = Decision(unquoted(v)) },
	"of":                func(s *Stored, v []byte) { s.Case.Of = unquoted(v) },
	"of_paths":          func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Case.Paths) },
	"of_paths_total":    func(s *Stored, v []byte) { s.CasePathsTotal = whole(v) },
	"folder":            func(s *Stored, _ []byte) { s.Case.Folder = true },
	"branch":            func(s *Stored, v []byte) { s.Case.Branch = unquoted(v) },
	"default_branch":    func(s *Stored, v []byte) { s.Case.Default = unquoted(v) },
	"asks":              func(s *Stored, v []byte) { s.Case.Asks = unquoted(v) },
	"lineage":           func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Case.Lineage) },
	"visibility":        func(s *Stored, v []byte) { s.Case.Visibility = unquoted(v) },
	"reaches":           func(s *Stored, v []byte) { s.Case.Reaches = unquoted(v) },
	"marks":             func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Case.Marks) },
	"carries":           func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Case.Carries) },
	"unasked":           func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Case.Unasked) },
	"cut":               func(s *Stored, _ []byte) { s.Case.Cut = true },
	"code":              func(s *Stored, v []byte) { s.Code = unquoted(v) },
	"rule":              func(s *Stored, v []byte) { s.Rule = unquoted(v) },
	"policy_sha256":     func(s *Stored, v []byte) { s.PolicySHA256 = unquoted(v) },
	"floor_sha256":      func(s *Stored, v []byte) { s.FloorSHA256 = unquoted(v) },
	"own_policy_sha256": func(s *Stored, v []byte) { s.OwnPolicySHA256 = unquoted(v) },
	"gitea_status":      func(s *Stored, v []byte) { s.GiteaStatus = int(whole(v)) },
	"redactions":        func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Redactions) },
	"exceptions":        func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Exceptions) },
	"withheld":          func(s *Stored, v []byte) { s.Withheld = int(whole(v)) },
	"written":           func(s *Stored, v []byte) { s.Written = int(whole(v)) },
	"made":              func(s *Stored, v []byte) { _ = json.Unmarshal(v, &s.Made) },
	"rows":              func(s *Stored, v []byte) { s.Rows = int(whole(v)) },
	"bytes":             func(s *Stored, v []byte) { s.Bytes = whole(v) },
	"duration_ms":       func(s *Stored, v []byte) { s.DurationMS, _ = strconv.ParseFloat(string(v), 64) },
	"args_hmac":         func(s *Stored, v []byte) { s.ArgsHMAC = unquoted(v) },
	"shown_sha256":      func(s *Stored, v []byte) { s.ShownSHA256 = unquoted(v) },
	"shown_bytes":       func(s *Stored, v []byte) { s.ShownBytes = int(whole(v)) },
	"reason":            func(s *Stored, v []byte) { s.Reason = unquoted(v) },
	"fragment_bytes":    func(s *Stored, v []byte) { s.FragmentBytes = whole(v) },
	"fragment_sha256":   func(s *Stored, v []byte) { s.FragmentSHA256 = unquoted(v) },
	"archived":          func(s *Stored, v []byte) { s.Archived = unquoted(v) },
	"continues":         func(s *Stored, v []byte) { s.Continues = unquoted(v) },
	"kept_from":         func(s *Stored, v []byte) { s.KeptFrom = whole(v) },
	"checkpoint":        func(s *Stored, v []byte) { s.Checkpoint = unquoted(v) },
}

// whole returns a whole number, 0 for any other.
func whole(value []byte) int64 {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
