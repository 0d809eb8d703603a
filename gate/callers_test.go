package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// step is one call of a random sequence.
type step struct {
	tool string
	args string
	says bool // what the human answers, if one is asked
}

// steps are calls that mark, ask, write and are refused, in a random order.
func steps(seed uint64, n int) (all []step) {
	random := rand.New(rand.NewPCG(seed, 11))
	repos := []string{"open", "inside", "closed", "circle", "nothing"}
	for range n {
		repo := repos[random.IntN(len(repos))]
		switch random.IntN(4) {
		case 0:
			all = append(all, step{tool: "get_issue", args: fmt.Sprintf(`{"repo":"acme/%s"}`, repo)})
		default:
			text := []string{"hello", "see acme/open#1", "![x](https://elsewhere.example/x.png)"}[random.IntN(3)]
			all = append(all, step{
				tool: "create_comment", says: random.IntN(2) == 0,
				args: fmt.Sprintf(`{"repo":"acme/%s","text":%q,"dry_run":%t}`, repo, text, random.IntN(4) == 0),
			})
		}
	}
	return all
}

// taken is what came of a step: the answer, without what is another each time.
func taken(t *testing.T, d *gatetest.Door, c *caller.Caller, on *caller.Connection, s step) string {
	t.Helper()
	tool := reader().Tool
	if s.tool == "create_comment" {
		tool = writer().Tool
	}
	call := gate.Call{Args: json.RawMessage(s.args), CanAsk: true}
	a := d.Gate.Do(t.Context(), c, on, tool, call)
	said := string(a.Object)
	if a.Ask != nil {
		call.Reply = &gate.Reply{State: a.Ask.State, Approved: s.says}
		said += "\n" + a.Ask.Message + "\n" + string(d.Gate.Do(t.Context(), c, on, tool, call).Object)
	}
	said = strings.ReplaceAll(said, c.Session(), "SESSION")
	return regexp.MustCompile(`\d+h\d+m\d+s`).ReplaceAllString(said, "TIME")
}

// decided are the entries of a caller in the audit log, without what is another each
// time.
func decided(d *gatetest.Door, c *caller.Caller) (all []string) {
	for _, e := range d.Entries() {
		if e["session"] == c.Session() && e["call"] != nil {
			call := strings.TrimPrefix(e["call"].(string), c.Session())
			all = append(all, fmt.Sprint(call, e["kind"], e["stage"], e["decision"], e["code"], e["rule"], e["repo"], e["shown_sha256"] != nil))
		}
	}
	return all
}

const flowing = "flow: {private_to_public: ask}\nlimits: {bytes_per_session: 12000}\nrepositories:\n  \"acme/*\": {write: allow}\n  \"acme/inside\": {approve: [create_comment]}\n"

func openFlowing(t *testing.T) *gatetest.Door {
	t.Helper()
	return gatetest.Open(t, gatetest.Config{
		URL: newForum().proxy(t).URL, Policy: "version: 1\n" + flowing, Write: true,
		Repos: []canon.Repo{repo(t, "acme/open"), repo(t, "acme/closed"), repo(t, "acme/inside"), repo(t, "acme/circle")},
	})
}

// Re-initialising, reconnecting or a second connection never changes a decision: a
// sequence of calls over one connection, and over one connection a call, has the same
// answers, the same entries and the same marks.
func TestI11_AConnectionNeverChangesADecision(t *testing.T) {
	t.Parallel()
	for seed := range seeds(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			sequence := steps(seed, 40)
			one, many := openFlowing(t), openFlowing(t)
			for i, s := range sequence {
				before := taken(t, one, one.Caller, one.Connection, s)
				on := caller.Connect(fmt.Sprint("connection ", i))
				on.Client("a client", fmt.Sprint(i))
				if err := many.Gate.Begin(t.Context(), many.Caller, on); err != nil {
					t.Fatal(err)
				}
				if after := taken(t, many, many.Caller, on, s); after != before {
					t.Fatalf("step %d, %v:\n%s\nover a connection of its own:\n%s", i, s, before, after)
				}
			}
			if before, after := decided(one, one.Caller), decided(many, many.Caller); !slices.Equal(before, after) {
				t.Errorf("%q\nover connections of their own\n%q", before, after)
			}
			for _, to := range []gate.Visibility{gate.Public, gate.Limited} {
				a, _, marked := one.Caller.Marks.Narrowest(to, time.Time{})
				b, _, also := many.Caller.Marks.Narrowest(to, time.Time{})
				if a != b || marked != also {
					t.Errorf("marked with %q, and over connections of their own with %q", a, b)
				}
			}
			if a, b := one.Caller.Sent.Load(), many.Caller.Sent.Load(); a != b {
				t.Errorf("%d bytes were sent, and over connections of their own %d", a, b)
			}
		})
	}
}

// Two callers never see each other's marks, questions or counts: whatever one does,
// the other gets what it would get alone.
func TestI11_TwoCallersNeverMeet(t *testing.T) {
	t.Parallel()
	for seed := range seeds(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			sequences := [2][]step{steps(seed, 30), steps(seed+100, 30)}
			var alone, together [2][]string
			for i, sequence := range sequences {
				d := openFlowing(t)
				for _, s := range sequence {
					alone[i] = append(alone[i], taken(t, d, d.Caller, d.Connection, s))
				}
			}
			d := openFlowing(t)
			callers := [2]*caller.Caller{d.Another("one"), d.Another("two")}
			var both sync.WaitGroup
			for i, sequence := range sequences {
				both.Go(func() {
					for _, s := range sequence {
						together[i] = append(together[i], taken(t, d, callers[i], caller.Connect(""), s))
					}
				})
			}
			both.Wait()
			if !reflect.DeepEqual(alone, together) {
				t.Errorf("alone:\n%q\ntogether:\n%q", alone, together)
			}
		})
	}
}

// A yes to one caller's question is none to the other's, though both ask the same.
func TestI11_AnswersAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, asking)
	call := gate.Call{Args: json.RawMessage(`{"repo":"acme/open","text":"x"}`), CanAsk: true}
	one, two := d.Another("one"), d.Another("two")
	asked := d.Gate.Do(t.Context(), one, caller.Connect(""), writer().Tool, call)
	d.Gate.Do(t.Context(), two, caller.Connect(""), writer().Tool, call)
	call.Reply = &gate.Reply{State: asked.Ask.State, Approved: true}
	if a := d.Gate.Do(t.Context(), two, caller.Connect(""), writer().Tool, call); a.Code != gate.ApprovalDeclined || f.written.Load() != 0 {
		t.Errorf("%s", a.Object)
	}
	if a := d.Gate.Do(t.Context(), one, caller.Connect("another"), writer().Tool, call); a.IsError || f.written.Load() != 1 {
		t.Errorf("over another connection: %s", a.Object)
	}
}

// Calls are counted for the caller, on however many connections they come.
func TestI11_LimitsAreTheCallers(t *testing.T) {
	t.Parallel()
	d := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nlimits: {calls_per_minute: 3}\n"})
	tool := toy("get_me", gate.Everywhere(), says(record{}))
	for n := range 4 {
		a := d.Gate.Do(t.Context(), d.Caller, caller.Connect(fmt.Sprint(n)), tool.Tool, gate.Call{})
		if (a.Code == gate.RateLimited) != (n == 3) {
			t.Errorf("call %d: %s", n+1, a.Object)
		}
	}
	d.Anew()
	if a := d.Do(t.Context(), tool.Tool, gate.Call{}); a.IsError {
		t.Errorf("another caller: %s", a.Object)
	}
}

// Each caller asks Gitea with its own credential, nobody is shown anybody's, and a
// credential that came late is known from its caller's first call on.
func TestI3_CredentialsOfAllCallersAreCut(t *testing.T) {
	t.Parallel()
	credentials := []string{"5f1e0d3c2b4a69788796a5b4c3d2e1f001234567", "77aa0d3c2b4a69788796a5b4c3d2e1f001234567"}
	says := strings.Join(credentials, " and ")
	forge := newFake(nil).proxy(t)
	d := gatetest.Open(t, gatetest.Config{URL: forge.URL, Token: credentials[0]})
	tool := toy("get_me", gate.Everywhere(), func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
		_, err := v.Gitea().Me()
		return &gate.Result{Fields: record{"title": says}}, err
	})
	late := caller.New(caller.Config{ID: "late", Principal: "late", Credential: credentials[1]})
	for i, c := range []*caller.Caller{late, d.Caller} {
		a := d.Gate.Do(t.Context(), c, caller.Connect(""), tool.Tool, gate.Call{Request: json.RawMessage(strconv.Quote(says))})
		for _, credential := range credentials {
			if strings.Contains(string(a.Object), credential) {
				t.Errorf("%s is shown %s", c.Principal(), credential)
			}
		}
		if sent := forge.Requests()[i].Header.Get("Authorization"); sent != "token "+c.Credential() {
			t.Errorf("call %d was sent with %q", i, sent)
		}
	}
	if log, err := os.ReadFile(d.Log); err != nil || strings.Contains(string(log), credentials[1]) {
		t.Errorf("the log shows a credential, %v", err)
	}
	broken := caller.New(caller.Config{ID: "broken", Credential: "a b"})
	if a := d.Gate.Do(t.Context(), broken, caller.Connect(""), tool.Tool, gate.Call{}); a.Code != gate.Internal {
		t.Errorf("%s", a.Object)
	}
}

// The write whitelist is the caller's.
func TestI8_TheWhitelistIsTheCallers(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "")
	narrow := caller.New(caller.Config{ID: "narrow", Writable: []canon.Repo{repo(t, "acme/closed")}})
	for name, want := range map[string]gate.Code{"open": gate.NotWhitelisted, "closed": ""} {
		args := json.RawMessage(fmt.Sprintf(`{"repo":"acme/%s","text":"x"}`, name))
		if a := d.Gate.Do(t.Context(), narrow, caller.Connect(""), writer().Tool, gate.Call{Args: args}); a.Code != want {
			t.Errorf("%s: %s", name, a.Object)
		}
	}
	if d.Gate.Offers(caller.New(caller.Config{}))("create_comment", policy.Write) || !d.Gate.Offers(narrow)("create_comment", policy.Write) {
		t.Error("tools are offered by another's whitelist")
	}
}

// A caller that floods the door makes another wait for one call at most.
func TestI11_AFloodStarvesNobody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := toy("get_me", gate.Everywhere(), func(ctx context.Context, _ *gate.Visit) (*gate.Result, error) {
		<-release
		return &gate.Result{Fields: record{}}, nil
	})
	quick := toy("list_repositories", gate.Everywhere(), says(record{}))
	d := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{slow}, Concurrency: 2, PerCaller: 2})
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() { d.Do(t.Context(), slow.Tool, gate.Call{}) })
	}
	release <- struct{}{} // so that all places are taken from here on
	answered := make(chan gate.Answer, 1)
	go func() {
		answered <- d.Gate.Do(t.Context(), d.Another("patient"), caller.Connect(""), quick.Tool, gate.Call{})
	}()
	for ended := 0; ; ended++ {
		select {
		case a := <-answered:
			if a.IsError || ended > 3 { // it may have come a moment later
				t.Errorf("after %d calls of the other: %s", ended, a.Object)
			}
			close(release)
			all.Wait()
			return
		case <-time.After(50 * time.Millisecond):
			release <- struct{}{}
		}
	}
}

// The kill switch is looked at before a slot is waited for.
func TestTheKillSwitchWaitsForNoSlot(t *testing.T) {
	t.Parallel()
	stop := filepath.Join(t.TempDir(), "STOP")
	release, runs := make(chan struct{}), make(chan struct{})
	slow := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		close(runs)
		<-release
		return &gate.Result{Fields: record{}}, nil
	})
	d := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Kill: stop, Tools: []tools.Tool{slow}, Concurrency: 1})
	done := make(chan struct{})
	go func() { defer close(done); d.Do(t.Context(), slow.Tool, gate.Call{}) }()
	<-runs
	if err := os.WriteFile(stop, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, d.Ask("get_me", `{}`), gate.Killed)
	close(release)
	<-done
}

// seeds is how many random sequences are tried: fewer where there is little time.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 4
	}
	return n
}
