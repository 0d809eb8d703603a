package gate

import (
	"context"
	"encoding/json"
	"reflect"

	"aegis/forge"
)

// Planner says what a call is about to change. It asks Gitea only to read, and
// sends nothing: the gate does, after it has decided on the plan.
type Planner func(ctx context.Context, v *Visit) (*Plan, error)

// Plan is a change that is ready to be made: what will be sent, what that does,
// and what it rests on.
type Plan struct {
	// Steps are the requests, each of which is sent once, in order, and only if
	// the one before was carried out. Most plans have one.
	Steps []Step
	// Effect is a struct whose JSON members say what the change does, beyond the arguments
	// themselves: what they were resolved to. It is the answer of a dry run and part of
	// what a human is shown. It holds no text that is stored, since a plan's answer does
	// not count as a reading.
	Effect any
	// From are repositories whose content the change carries into the target: the
	// one that a pull request comes from.
	From []*Resolved
	// Brings is a commit that gets a branch or a tag of its own by this, "" if none does.
	// What it changes is judged as a commit of files would be.
	Brings string
	// Narrow names stored text that fewer people see than the target, and that the
	// change shows to all of those: "the draft of a release". "" if there is none.
	Narrow string
	// Changes finds what a human has to be shown of what is stored: what is replaced,
	// removed or comes to be seen by more. It is only called if one is asked, and may be
	// nil.
	Changes func() ([]Change, error)
	// Rests is what the plan rests on. All of it is read again, and compared, right
	// before each request is sent.
	Rests []Basis
	// Look names what shows whether the change was made, if its answer is lost:
	// "the comments on #7".
	Look string
	// Undone, if there is one, looks whether the change was not made, for when Gitea answered
	// that it failed inside; and Why says what may be the reason. Gitea fails that way on some of what
	// it does not allow.
	Undone func() (bool, error)
	Why    string
	// Answer makes the call's answer of what Gitea answered to the steps, in
	// their order. A step that Gitea has no answer to has nil.
	Answer func(answers []json.RawMessage) (any, error)
}

// Change is a stored text that a call changes, for a human to see.
type Change struct {
	// Field is the written text that replaces it, "files[0].content", or what of the
	// call removes or publishes it.
	Field string
	What  string // happens to it, if no text replaces it: "deleted"
	Path  string // of the file whose content it is, "" if it is none
	// Before and After are the contents. What is no text is said by size and hash.
	Before, After string
	// Published says that After is stored, and comes to be seen by more as it is.
	Published bool
}

// Step is one request of a plan.
type Step struct {
	forge.Write
	// What names the part of the change that this is, if the plan has several:
	// "the labels".
	What string
	// Rests is what this one rests on, besides what the plan does.
	Rests []Basis
}

// Basis is something that was read for a plan, and has to be what it was when the
// request is sent.
type Basis struct {
	was     any
	read    func() (any, error)
	changed *Refusal
}

// RestsOn makes a basis of a value, which is compared by [reflect.DeepEqual] with
// what read returns. If it is another by then the call is refused with changed, or
// if that is nil, with a conflict in general words. So it is with an error of read.
func RestsOn[T any](was T, read func() (T, error), changed *Refusal) Basis {
	return Basis{was, func() (any, error) { return read() }, changed}
}

// StillSo makes a basis of something that was found to be so: check fails if it is
// not.
func StillSo(check func() error) Basis {
	return RestsOn(true, func() (bool, error) { err := check(); return err == nil, err }, nil)
}

// holds reads the basis again.
func (b Basis) holds() error {
	now, err := b.read()
	switch {
	case err != nil:
		return err
	case reflect.DeepEqual(now, b.was):
		return nil
	case b.changed != nil:
		return b.changed
	}
	return Refuse(Conflict, "It was changed while this call was under way; nothing was written.").
		WithHint("Read it again and decide anew.")
}

// Written is a text among a call's arguments that the call would store.
type Written struct {
	Field string // "files[3].content"
	Text  string
	Kind  TextKind
	Path  string // of the file whose content it is, "" if it is none
	Names bool   // it is a path: it says where something is written, and not what
}

// TextKind is how Gitea takes a text.
type TextKind uint8

const (
	// Plain is a name, a title or a commit message: what refers to an issue in
	// it is taken for a reference, wherever it stands.
	Plain TextKind = iota
	// Markdown is a body: what stands in code is no reference.
	Markdown
	// Content is a file's or a wiki page's: nothing in it is a reference.
	Content
)
