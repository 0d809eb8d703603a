package gate_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// floor is a machine's floor, which may not be there yet. Only root has one to test with.
func floor(t *testing.T, source string) (file string, put func(source string)) {
	t.Helper()
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("only root has files that an administrator has")
	}
	file = filepath.Join(t.TempDir(), "aegis", "policy.yaml")
	put = func(source string) {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if source != "" {
		put(source)
	}
	return file, put
}

// on is a door of the forum's whose policy stands on a floor.
func (f *forum) on(t *testing.T, floor, policy string, more ...tools.Tool) *gatetest.Door {
	t.Helper()
	if more == nil {
		more = []tools.Tool{writer(), anyTool(t, "get_me")}
	}
	return gatetest.Open(t, gatetest.Config{
		URL: f.proxy(t).URL, Policy: policy, Floor: floor, Write: true, Tools: append(more, reader()),
		Repos: []canon.Repo{repo(t, "acme/open"), repo(t, "acme/closed"), repo(t, "acme/inside"), repo(t, "acme/circle")},
	})
}

// What the floor denies no policy opens: not the door's, and not a caller's own.
func TestI7_TheFloorOnlyNarrows(t *testing.T) {
	t.Parallel()
	file, _ := floor(t, `version: 1
flow: {private_to_public: allow}
repositories:
  "acme/*": {write: allow}
  "acme/closed": {read: deny}
  "acme/inside": {write: deny}
  "acme/circle": {approve: [create_comment]}
`)
	const opens = "version: 1\nflow: {private_to_public: allow}\nrepositories: {\"acme/*\": {write: allow, read: allow}}\n"
	d := newForum().on(t, file, opens)
	own, _ := owner(t, d, "ci", opens)
	for _, who := range []string{"the door's", "a caller's own"} {
		if who != "the door's" {
			d.Caller = own
		}
		for _, c := range []struct {
			repo        string
			read, write gate.Code
			rule        string
		}{
			{"acme/closed", gate.PolicyDenied, gate.PolicyDenied, "floor policy.yaml:5 read"},
			{"acme/inside", "", gate.PolicyDenied, "floor policy.yaml:6 write"},
			{"acme/circle", "", gate.ApprovalUnavailable, "floor policy.yaml:7 approve"},
			{"acme/open", "", "", ""},
		} {
			read := d.Ask("get_issue", map[string]any{"repo": c.repo})
			wrote := d.Ask("create_comment", map[string]any{"repo": c.repo, "text": "x", "dry_run": c.write == ""})
			if read.Code != c.read || wrote.Code != c.write || c.rule != "" && wrote.Refusal()["rule"] != c.rule {
				t.Errorf("%s, %s: %s, %s", who, c.repo, read.Object, wrote.Object)
			}
		}
	}
	hashes := make(map[any]bool)
	for _, e := range d.Entries() {
		if e["kind"] != "session_end" {
			hashes[e["floor_sha256"]] = true
		}
	}
	if len(hashes) != 1 || hashes[nil] {
		t.Errorf("%v", hashes)
	}
}

// A floor that does not load denies everything to everybody, and heals.
func TestABrokenFloorDeniesAll(t *testing.T) {
	t.Parallel()
	file, put := floor(t, "version: 2\n")
	d := newForum().on(t, file, "")
	own, _ := owner(t, d, "ci", "version: 1\n")
	ask := func() gatetest.Answer { return d.Ask("get_issue", map[string]any{"repo": "acme/open"}) }
	denied := func(when string) {
		t.Helper()
		was := d.Caller
		for _, who := range []string{"the process", "a caller"} {
			if a := ask(); a.Code != gate.PolicyDenied || a.Refusal()["rule"] != "the managed floor does not load" {
				t.Errorf("%s, %s: %s", when, who, a.Object)
			}
			if a := d.Ask("get_me", nil); a.Code != gate.PolicyDenied {
				t.Errorf("%s, %s: %s", when, who, a.Object)
			}
			if d.Gate.Offers(d.Caller)("get_issue", policy.Read) {
				t.Errorf("%s, %s: a tool is offered", when, who)
			}
			d.Caller = own
		}
		d.Caller = was
	}
	denied("at the start")
	put("version: 1\n")
	if a := ask(); a.IsError {
		t.Fatalf("%s", a.Object)
	}
	put("version: 1\nrepositories: {acme/open: {read: deny}}\n")
	if a := ask(); a.Refusal()["rule"] != "floor policy.yaml:2 read" {
		t.Errorf("%s", a.Object)
	}
	put("version: 7\n")
	denied("after a change")
	put("version: 1\nrepositories: {acme/open: {read: deny}}\n")
	if a := ask(); a.Refusal()["rule"] != "floor policy.yaml:2 read" {
		t.Errorf("it heals: %s", a.Object)
	}
	if err := os.Chmod(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	put("version: 1 # anybody could\n")
	denied("anybody may write to its folder")
	if err := os.RemoveAll(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	if a := ask(); a.Refusal()["rule"] != "floor policy.yaml:2 read" {
		t.Errorf("gone, and in force still: %s", a.Object)
	}
	const broken, loaded = "floor_not_loaded everybody is denied everything", "loaded"
	if got, want := entries(d, "policy"), []string{broken, loaded, loaded, broken, loaded, broken, "floor_not_loaded the policy in force stays"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, want := range []string{"everybody is denied everything until the managed floor loads", "the managed floor does not load"} {
		if !strings.Contains(d.Stderr.String(), want) {
			t.Errorf("stderr does not say %q", want)
		}
	}
}

// A floor that comes while a call is under way stops its write.
func TestAFloorThatComesStopsTheWrite(t *testing.T) {
	t.Parallel()
	const allows = "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n"
	file, put := floor(t, "")
	f := newForum()
	d := f.on(t, file, allows, writer(func(*gate.Plan) { put(allows) }))
	if a := write(d, "acme/open", "x"); a.Code != gate.Conflict || f.written.Load() != 0 {
		t.Errorf("%s, %d written", a.Object, f.written.Load())
	}
}

// For random pairs: what is allowed on a floor is allowed without it, and by a process
// that has the floor for its policy.
func TestI7_NothingIsAllowedThatEitherDenies(t *testing.T) {
	t.Parallel()
	tried := map[string]int{}
	for seed := range seeds(40) {
		random := rand.New(rand.NewPCG(seed, 29))
		source, below := randomPolicy(random), randomPolicy(random)
		file, _ := floor(t, below)
		f := newForum()
		ask := func(d *gatetest.Door, tool, repo string) bool {
			return !d.Ask(tool, map[string]any{"repo": repo, "text": "x", "dry_run": true}).IsError
		}
		both, alone, lone := f.on(t, file, source), f.on(t, "", source), f.on(t, "", below)
		for _, tool := range []string{"get_issue", "create_comment"} {
			for _, repo := range []string{"acme/open", "acme/closed"} {
				got, policy, floor := ask(both, tool, repo), ask(alone, tool, repo), ask(lone, tool, repo)
				if got && !(policy && floor) {
					t.Errorf("%s in %s: %v, the policy %v, the floor %v\n%s\n%s", tool, repo, got, policy, floor, source, below)
				}
				tried[tool]++
			}
		}
	}
	if tried["get_issue"] == 0 {
		t.Error("no pair is valid")
	}
}
