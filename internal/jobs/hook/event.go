package hook

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aegis/internal/canon"
	"aegis/internal/operatorfile"

	"golang.org/x/text/unicode/norm"
)

// Event is what is kept of a delivery: what happened, where, and by whom. It has names
// in canonical form, numbers and commit ids, and no text that somebody wrote.
type Event struct {
	Kind       string // one of [Kinds]
	Action     string // one of the kind's actions, "" for a kind that has none
	Repository canon.Repo
	Sender     canon.Owner

	Number int64     // of the issue or pull request, 0 for none
	RunID  int64     // of the workflow run, 0 for none
	Label  string    // the one label that was added, "" if it is not known to be one
	Ref    canon.Ref // the zero Ref for none
	SHA    string    // 40 hex digits, "" for none

	// At is when it happened, by Gitea's clock and under the signature. The zero time
	// says that Gitea does not tell.
	At time.Time
}

// Kind is a kind of event that a job can wait for.
type Kind struct {
	Name    string
	Actions []string // none for a kind without
	Fields  []string // the values that an event of this kind has, by name
}

var issueActions = []string{
	"opened", "closed", "reopened", "edited", "deleted", "assigned", "unassigned", "label_updated", "label_cleared", "milestoned", "demilestoned",
}

// Kinds are the events that a job can wait for. What a stranger can give any name to, as
// the branch that a pull request comes from, is no value of any.
var Kinds = []Kind{
	{"issues", issueActions, []string{"repository", "sender", "action", "number", "label"}},
	{"issue_comment", []string{"created", "edited", "deleted"}, []string{"repository", "sender", "action", "number"}},
	{"pull_request", append(slices.Clone(issueActions), "synchronized", "review_requested", "review_request_removed"),
		[]string{"repository", "sender", "action", "number", "label", "ref", "sha"}},
	{"pull_request_review", []string{"approved", "rejected", "commented"}, []string{"repository", "sender", "action", "number", "ref", "sha"}},
	{"push", nil, []string{"repository", "sender", "ref", "sha"}},
	{"create", []string{"branch", "tag"}, []string{"repository", "sender", "action", "ref", "sha"}},
	{"release", []string{"published", "updated", "deleted"}, []string{"repository", "sender", "action", "ref"}},
	{"status", []string{"pending", "success", "error", "failure", "warning", "skipped"}, []string{"repository", "sender", "action", "sha"}},
	{"workflow_run", []string{"requested", "in_progress", "success", "failure", "cancelled", "skipped"},
		[]string{"repository", "sender", "action", "run_id", "sha"}},
}

// KindOf returns the kind of a name, nil if there is none.
func KindOf(name string) *Kind {
	if i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return &Kinds[i]
	}
	return nil
}

// stored is an event as JSON has it.
type stored struct {
	Kind       string    `json:"kind"`
	Action     string    `json:"action,omitempty"`
	Repository string    `json:"repository"`
	Sender     string    `json:"sender"`
	Number     int64     `json:"number,omitempty"`
	RunID      int64     `json:"run_id,omitempty"`
	Label      string    `json:"label,omitempty"`
	Ref        string    `json:"ref,omitempty"`
	SHA        string    `json:"sha,omitempty"`
	At         time.Time `json:"at,omitzero"`
}

// MarshalJSON encodes an event for the queue. It never fails.
func (e Event) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{
		e.Kind, e.Action, e.Repository.String(), e.Sender.String(), e.Number, e.RunID, e.Label, e.Ref.String(), e.SHA, e.At,
	})
}

// UnmarshalJSON decodes an event, and holds it to the same rules as one that comes in.
func (e *Event) UnmarshalJSON(raw []byte) error {
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	made, err := s.event()
	*e = made
	return err
}

// event makes an event of what was found, in canonical form or not at all. What was not found it
// does not have.
func (s stored) event() (e Event, err error) {
	kind := KindOf(s.Kind)
	if kind == nil || len(kind.Actions) == 0 && s.Action != "" || len(kind.Actions) > 0 && !slices.Contains(kind.Actions, s.Action) {
		return Event{}, errUnsupported
	}
	e = Event{Kind: s.Kind, Action: s.Action, At: s.At.UTC()}
	if s.At.IsZero() {
		e.At = time.Time{}
	}
	if e.Repository, err = canon.ParseFullName(s.Repository); err != nil {
		return Event{}, err
	}
	if e.Sender, err = canon.ParseOwner(s.Sender); err != nil {
		return Event{}, err
	}
	has := func(field string) bool { return slices.Contains(kind.Fields, field) }
	if has("number") {
		e.Number = s.Number
	}
	if has("run_id") {
		e.RunID = s.RunID
	}
	if e.Number < 0 || e.RunID < 0 {
		return Event{}, errors.New("a number is none")
	}
	if has("label") && isLabel(s.Label) {
		e.Label = s.Label
	}
	if has("ref") && s.Ref != "" {
		if e.Ref, err = canon.ParseRef(s.Ref); err != nil {
			return Event{}, err
		}
	}
	if has("sha") && s.SHA != "" {
		if !canon.IsCommitID(s.SHA) {
			return Event{}, errors.New("a commit id is malformed")
		}
		e.SHA = strings.ToLower(s.SHA)
	}
	return e, nil
}

// whole reports whether an event has all values of its kind; which label it was Gitea need not tell.
func (e Event) whole() bool {
	has := func(field string) bool { return slices.Contains(KindOf(e.Kind).Fields, field) }
	return has("number") == (e.Number > 0) && has("run_id") == (e.RunID > 0) && has("ref") != e.Ref.IsZero() && has("sha") == (e.SHA != "")
}

// isLabel reports whether a text can be handed on as a label's name: it looks like what
// it is.
func isLabel(text string) bool {
	return text != "" && len(text) <= 50 && utf8.ValidString(text) && text == strings.TrimSpace(text) &&
		norm.NFC.IsNormalString(text) && !strings.ContainsFunc(text, operatorfile.Unseen)
}
