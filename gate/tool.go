package gate

import (
	"context"
	"encoding/json"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Call is what a client asked for.
type Call struct {
	// Request is the JSON-RPC id as it was received, nil if there was none.
	Request json.RawMessage
	// Trace is what the client calls what it is doing, the zero Trace if it says nothing.
	Trace canon.Trace
	// Args are the raw arguments, a JSON object; nil stands for {}.
	Args json.RawMessage
	// Progress, if the client wants to know, is told how far a long call is: in
	// fixed words, and in numbers of what policy shows. It may block.
	Progress func(done, total float64, message string)
	// Shell is whether somebody typed the call at a shell: hints speak of flags then.
	Shell bool
	// Standing is whether the caller wants to know which authors of rows may write to the
	// repository.
	Standing bool
	// CanAsk is whether the client can ask its human and bring back the answer.
	CanAsk bool
	// Reply is the answer to the question that an earlier call, equal to this one
	// otherwise, ended with; nil if there is none.
	Reply *Reply
}

// Tool is what the gate must know of a tool to let it run. The zero Tool is
// refused.
type Tool struct {
	Name       string
	Capability policy.Capability
	// Prepare decodes arguments strictly and says what they touch. Its error
	// becomes invalid_arguments; an error's text must not quote values.
	Prepare func(args json.RawMessage) (Prepared, error)
}

// Prepared is a call whose arguments are decoded. Gate and handler share the
// one decoded value: Run is bound to it.
//
// A tool that reads has Run; one that changes something has Plan.
type Prepared struct {
	Target Target
	Run    Handler
	Plan   Planner
	Ahead  Asker // what Run asks first, nil if that is not known
	// Written are all texts among the arguments, for whoever looks for what must
	// not be written.
	Written []Written
	// Settings are all other arguments, for whoever is asked about the call.
	Settings []Setting
	// Number is that of the issue, pull request, comment, release, run or job that the
	// arguments name, for the log; 0 if they name none.
	Number int64
	// DryRun says that the plan is not to be carried out.
	DryRun bool
}

// Handler asks Gitea what the tool is for. It runs after everything was
// decided and reaches Gitea through the visit only. What it returns has not
// been filtered or scrubbed; the gate does both.
type Handler func(ctx context.Context, v *Visit) (*Result, error)

// Asker begins the reads that a handler will ask for before anything else, by a reader
// whose reads only begin. commit is the one that the target's ref may lead to, "" if the
// target has no ref. What the handler does not ask for in the same words is dropped.
type Asker func(ask *forge.Reader, commit string)

// Target is what a call touches. The zero Target is refused: a tool that
// touches no single repository says so with [Everywhere].
type Target struct {
	kind    targetKind
	repo    canon.Repo
	path    canon.Path
	reading pathReading
	ref     canon.Ref
	commit  bool
	names   bool
	nothing bool
	branch  string       // the short name of the branch that a write lands on, "" if none
	writes  []canon.Path // the files that a write changes
}

type targetKind uint8

const (
	unknownTarget targetKind = iota
	everywhere
	oneRepository
)

// pathReading is what a path may turn out to be.
type pathReading uint8

const (
	noPath     pathReading = iota
	filePath               // a file, or nothing
	folderPath             // a folder, or nothing
	anyPath                // either; a folder is only taken for one if Gitea says so
)

// Everywhere is the target of a call that names no repository. Its rows are
// judged one by one.
func Everywhere() Target { return Target{kind: everywhere} }

// OnlyNames says that the call shows names only, and what everybody may know of
// whom it shows them to: that it fails tells nothing.
func (t Target) OnlyNames() Target {
	t.names = true
	return t
}

// Repository is the target of a call that touches one repository.
func Repository(repo canon.Repo) Target { return Target{kind: oneRepository, repo: repo} }

// File adds a file's path to the target.
func (t Target) File(path canon.Path) Target {
	t.path, t.reading = path, filePath
	return t
}

// Folder adds a folder's path to the target.
func (t Target) Folder(path canon.Path) Target {
	t.path, t.reading = path, folderPath
	return t
}

// FileOrFolder adds a path that may be either.
func (t Target) FileOrFolder(path canon.Path) Target {
	t.path, t.reading = path, anyPath
	return t
}

// At makes the gate resolve ref to a commit before the handler runs; the zero
// ref stands for the default branch.
func (t Target) At(ref canon.Ref) Target {
	t.ref, t.commit = ref, true
	return t
}

// OrNothing lets a call through to a repository that has no commit yet: a list of what it
// has is empty, and a first commit can be made. The commit is "" then. A call that reads has
// to have named neither a ref nor a path.
func (t Target) OrNothing() Target {
	t.nothing = true
	return t
}

// OnBranch names the branch, by its short name, that a write lands on.
func (t Target) OnBranch(name string) Target {
	t.branch = name
	return t
}

// Writing adds the files that a write changes.
func (t Target) Writing(paths ...canon.Path) Target {
	t.writes = append(t.writes, paths...)
	return t
}

// paths are all that the target names.
func (t Target) paths() []canon.Path {
	if t.reading != noPath {
		return append([]canon.Path{t.path}, t.writes...)
	}
	return t.writes
}
