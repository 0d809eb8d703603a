package gate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
)

const denyHR = `version: 1
repositories:
  "acme/hr-*":
    read: deny
    reason: people data stays out
`

func TestI6_ForksOfDeniedRepositories(t *testing.T) {
	t.Parallel()
	denied := repository("acme/hr-people", record{"private": true, "description": "canary"})
	plain := repository("acme/base")
	for name, c := range map[string]struct {
		fork   record
		more   record // other records
		policy string
		code   gate.Code // "" for allowed
	}{
		"of an allowed one":          {fork: forkOf(plain), policy: denyHR},
		"of a denied one":            {fork: forkOf(denied), policy: denyHR, code: gate.PolicyDenied},
		"of nobody knows what":       {fork: record{"fork": true}, policy: denyHR, code: gate.PolicyDenied},
		"without hidden ones":        {fork: record{"fork": true}, policy: "version: 1\n"},
		"separate":                   {fork: forkOf(denied), policy: denyHR + "  \"acme/app\":\n    forks: separate\n"},
		"of a fork of a denied one":  {fork: forkOf(repository("acme/middle", record{"fork": true})), more: record{"/repos/acme/middle": repository("acme/middle", forkOf(denied))}, policy: denyHR, code: gate.PolicyDenied},
		"of a fork of an allowed":    {fork: forkOf(repository("acme/middle", record{"fork": true})), more: record{"/repos/acme/middle": repository("acme/middle", forkOf(plain))}, policy: denyHR},
		"of a fork nobody may see":   {fork: forkOf(repository("acme/middle", record{"fork": true})), policy: denyHR, code: gate.PolicyDenied},
		"of itself, round and round": {fork: forkOf(repository("acme/app", record{"fork": true})), policy: denyHR, code: gate.PolicyDenied},
		"of an unnameable one":       {fork: forkOf(repository("ac me/x")), policy: denyHR, code: gate.PolicyDenied},
		"of one with a middle apart": {fork: forkOf(repository("acme/middle", record{"fork": true})), more: record{"/repos/acme/middle": repository("acme/middle", forkOf(denied))}, policy: denyHR + "  \"acme/middle\":\n    forks: separate\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := record{"/repos/acme/app": repository("acme/app", c.fork)}
			for path, value := range c.more {
				records[path] = value
			}
			door := gatetest.Open(t, gatetest.Config{URL: newFake(records).proxy(t).URL, Policy: c.policy})
			answer := door.Ask("get_repository", inApp)
			if answer.Code != c.code {
				t.Fatalf("want %q, got %s", c.code, answer.Object)
			}
			if strings.Contains(answer.All, "canary") || strings.Contains(answer.All, "hr-people") || strings.Contains(answer.All, "people data") {
				t.Errorf("the hidden parent shows: %s", answer.All)
			}
		})
	}
}

func TestI4_MovedNamesNothingHidden(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
		}
	}
	for name, c := range map[string]struct {
		location string
		hint     string
	}{ // to elsewhere than a repository nothing has moved
		"to a visible name":            {"/api/v1/repos/acme/Shown", "Ask for acme/shown."},
		"to a denied name":             {"/api/v1/repos/acme/hr-people", "present name"},
		"to one the token can't see":   {"/api/v1/repos/acme/secret-plan", "present name"},
		"to another host":              {"https://evil.example/api/v1/repos/acme/shown", "GITEA_URL"},
		"to a fork of a denied one":    {"/api/v1/repos/acme/copy", "present name"},
		"to no repository":             {"/login", "GITEA_URL"},
		"to a name with an old rule's": {"/api/v1/repos/acme/hr-people?x=acme/shown", "present name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			door := gatetest.Open(t, gatetest.Config{Policy: denyHR, URL: newFake(record{
				"/repos/acme/app":   redirect(c.location),
				"/repos/acme/shown": repository("acme/shown"),
				"/repos/acme/copy":  repository("acme/copy", forkOf(repository("acme/hr-people"))),
			}).proxy(t).URL})
			answer := door.Ask("get_repository", inApp)
			code := gate.Moved
			if c.hint == "GITEA_URL" {
				code = gate.GiteaError
			}
			refusal := want(t, answer, code)
			if hint, _ := refusal["hint"].(string); !strings.Contains(hint, c.hint) {
				t.Errorf("hint %q", hint)
			}
			for _, hidden := range []string{"hr-people", "secret-plan", "evil.example/", "copy"} {
				if strings.Contains(answer.All, hidden) {
					t.Errorf("%s shows in %s", hidden, answer.All)
				}
			}
		})
	}
}

// A Gitea that answers another repository than asked for, without a redirect.
func TestI4_AnotherNameInTheAnswerIsMoved(t *testing.T) {
	t.Parallel()
	door := gatetest.Open(t, gatetest.Config{Policy: denyHR, URL: newFake(record{
		"/repos/acme/app": repository("acme/hr-people"),
	}).proxy(t).URL})
	answer := door.Ask("get_repository", inApp)
	want(t, answer, gate.Moved)
	if strings.Contains(answer.All, "hr-people") {
		t.Errorf("the other name shows: %s", answer.All)
	}
}

func TestI4_OwnerAndRepositoryAreFolded(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: denyHR})
	want(t, door.Ask("get_repository", `{"owner":"ACME","repo":"Hr-PeoPle"}`), gate.PolicyDenied)
	untouched(t, forge)
	if answer := door.Ask("get_repository", `{"owner":"ACME","repo":"App"}`); answer.IsError {
		t.Fatal(string(answer.Object))
	}
	if sent := forge.Requests()[0].Path; sent != "/api/v1/repos/acme/app" {
		t.Errorf("sent %s", sent)
	}
}

func TestABranchWinsOverATag(t *testing.T) {
	t.Parallel()
	tagged := strings.Repeat("b", 40)
	records := record{
		"/repos/acme/app/branches/v1":           record{"name": "v1", "commit": record{"id": commit}},
		"/repos/acme/app/tags/v1":               record{"name": "v1", "commit": record{"sha": tagged}},
		"/repos/acme/app/tags/v2":               record{"name": "v2", "commit": record{"sha": tagged}},
		"/repos/acme/app/git/commits/" + tagged: record{"sha": tagged},
	}
	list := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]record{{"sha": r.URL.Query().Get("sha"), "commit": record{"message": "x"}}})
	})
	records["/repos/acme/app/commits"] = list
	records["/repos/acme/app/git/refs"] = []record{{"ref": "refs/tags/v2", "object": record{"sha": tagged}}}
	door := gatetest.Open(t, gatetest.Config{URL: newFake(records).proxy(t).URL})
	for ref, want := range map[string]string{
		"": commit, "main": commit, "v1": commit, "refs/heads/v1": commit, "refs/tags/v1": tagged, "v2": tagged, strings.ToUpper(tagged): tagged,
	} {
		args := record{"owner": "acme", "repo": "app"}
		if ref != "" {
			args["ref"] = ref
		}
		answer := door.Ask("list_commits", args)
		if answer.Fields["commit"] != want || answer.Items()[0]["sha"] != want {
			t.Errorf("%q was read as %s", ref, answer.Object)
		}
	}
	for _, ref := range []string{"nope", "refs/heads/v2", "refs/tags/main", strings.Repeat("c", 40)} {
		answer := door.Ask("list_commits", record{"owner": "acme", "repo": "app", "ref": ref})
		want(t, answer, gate.NotFound)
	}
}
