package audit

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Kind says what an entry records.
type Kind string

// The kinds of entries, a closed list: a line with another kind is no entry.
// Recovery, rotate, restart and checkpoint entries are written by the log about itself.
const (
	KindSessionStart Kind = "session_start"
	KindDecision     Kind = "decision"
	KindOutcome      Kind = "outcome"
	KindSessionEnd   Kind = "session_end"
	KindPolicy       Kind = "policy"
	KindAuthFailure  Kind = "auth_failure" // requests without a key in force, counted together
	KindRecovery     Kind = "recovery"
	KindRotate       Kind = "rotate"
	KindRestart      Kind = "restart"
	KindCheckpoint   Kind = "checkpoint"
)

var kinds = []Kind{KindSessionStart, KindDecision, KindOutcome, KindSessionEnd, KindPolicy, KindAuthFailure, KindRecovery, KindRotate, KindRestart, KindCheckpoint}

// Stage says on what a decision was made.
type Stage string

// A static decision is made on the arguments alone, before Gitea is contacted;
// a resolved one on what Gitea says they name, right before a write.
const (
	StageStatic   Stage = "static"
	StageResolved Stage = "resolved"
)

// Decision is what was decided about a call.
type Decision string

// The decisions. The zero Decision is none, and no decision entry may carry it.
const (
	Allow Decision = "allow"
	Deny  Decision = "deny"
	Ask   Decision = "ask"
)

const (
	// MaxLine bounds a line of the log, in bytes without its newline. A longer
	// one is never written and never taken for an entry.
	MaxLine = 64 << 10
	// MaxListed bounds what the lists of paths of an entry take, in bytes of its
	// line: room for a hundred paths of 500 bytes. What does not fit is left out,
	// and paths_total or of_paths_total says how many there were.
	MaxListed = 50 << 10
)

// Entry is what a caller has to say. Version, sequence number, time and hashes
// are the log's to set. Zero members are left out of the line, except Session.
// It never carries argument or answer bodies.
type Entry struct {
	Kind       Kind
	Session    string
	Principal  string
	Call       string          // the call's id
	Request    json.RawMessage // the JSON-RPC id as received: a number or a string
	Trace      string          // the client's traceparent, "" for none
	Client     string
	Connection string // on which the call came, "" for a caller's only one
	Job        string // whose run the call is part of, "" for what is no job's
	Trigger    string // what made the run: "webhook", "schedule" or "hand"
	Delivery   string // Gitea's id of the webhook's delivery, a UUID
	Run        int64  // the run's number, 0 for what is no job's
	Tool       string
	Capability string
	DryRun     bool   // the call asked what would happen, and nothing was to be sent
	Repo       string // owner/name
	RepoID     int64
	Second     string   // owner/name of the call's other repository, such as the one a pull request comes from
	Paths      []string // as many are stored as fit into MaxListed
	Ref        string
	Number     int64 // of the issue, pull request, comment, release, run or job that the call names, 0 if it names none
	Stage      Stage
	Decision   Decision
	Case       Case   // what was decided on, beyond the members before
	Code       string // the refusal's code
	Rule       string // the rule that decided

	PolicySHA256    string // hex, of the policy that decided
	FloorSHA256     string // hex, of the machine's floor, which narrowed that one; "" if there is none
	OwnPolicySHA256 string // hex, of the caller's own policy, which narrowed that one; "" if it has none

	GiteaStatus int              // HTTP status
	Redactions  map[string]int   // findings that were cut, by rule
	Exceptions  map[string]int   // findings that were not, by the fingerprint that allows it
	Withheld    int              // items held back
	Written     int              // writing requests of this call that Gitea acknowledged
	Made        []string         // what Gitea holds of them now: "issue 12", "commit " and 40 hex digits
	Rows        int              // of a list, that the answer shows
	Bytes       int64            // length of the answer
	DurationMS  float64          // milliseconds; stored to the microsecond
	ArgsHMAC    string           // from Log.ArgsHMAC
	ShownSHA256 string           // hex, of what a human was shown when asked
	ShownBytes  int              // its length
	Reason      string           // one sentence, for kinds that need one
	fragment    *fragmentSummary // recovery and restart only

	archived, continues string // rotate and restart only: names of files, see rotate.go
	keptFrom            int64  // likewise: the first entry that was not deleted for its age
	checkpoint          string // checkpoint only: the signed note
}

// Case is what else it takes to decide again what an entry says was decided.
type Case struct {
	Of      string   // the repository that it was about with what was known of it, if that is not what repo and repo_id say
	Paths   []string // that it was about, if those are not the entry's; stored as far as there is room left
	Folder  bool     // the paths are folders to be listed
	Branch  string   // that it lands on
	Default string   // whether that is the default branch: "yes", "no" or "later"
	Asks    string   // what was asked, if not whether the tool may run
	Lineage []string // what the repository was forked from, the nearest first

	Visibility string   // who sees the repository that is written to, if it was asked what may flow there
	Reaches    string   // what else a write reaches that more people see, and who sees that
	Marks      []string // what the caller was shown
	Carries    []string // what the change carries along besides
	Unasked    []string // what nobody asked about, because no rule wanted to know

	Cut bool // something of the case was cut, or made visible: it is not what was decided on
}

// fragmentSummary names bytes of the log that are no entry.
type fragmentSummary struct {
	bytes  int64
	sha256 string // hex
}

// check refuses an entry that does not say what its kind must say. Nothing is
// recorded by leaving something out.
func (e *Entry) check() error {
	switch e.Kind {
	case KindSessionStart, KindOutcome, KindSessionEnd, KindPolicy, KindAuthFailure:
	case KindDecision:
		if e.Decision == "" || e.Stage == "" || e.Call == "" {
			return errors.New("a decision entry needs decision, stage and call")
		}
	case KindRecovery, KindRotate, KindRestart, KindCheckpoint:
		return fmt.Errorf("entries of kind %s are the log's own", e.Kind)
	default:
		return errors.New("the entry has no known kind")
	}
	if e.Session == "" {
		return errors.New("the entry names no session")
	}
	switch e.Stage {
	case "", StageStatic, StageResolved:
	default:
		return errors.New("the entry has an unknown stage")
	}
	switch e.Decision {
	case "", Allow, Deny, Ask:
	default:
		return errors.New("the entry has an unknown decision")
	}
	return nil
}
