package tools_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/internal/race"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

// formed are arguments of a form of their own, in which no text fits: each holds
// digits only, or is one of few words.
var formed = []string{"color", "sha", "due_date"}

// named are arguments that name something, and take no text that is no name.
var named = []string{"path", "branch", "base", "head", "ref", "from", "tag", "target", "workflow", "name"}

// textual are the places of a tool's arguments in which a text of a caller's can
// stand, but for those that name the repository.
func textual(tool tools.Tool) (all []schemaField) {
	for _, s := range schemaFields(tool) {
		if s.schema.Type == "string" && s.schema.Enum == nil && s.name != "owner" && s.name != "repo" {
			all = append(all, s)
		}
	}
	return all
}

// fitting is a text as a field takes it.
func (s schemaField) fitting(text string) json.RawMessage {
	if s.last() == "workflow" {
		text += ".yml"
	}
	return quoted(text)
}

// writtenAt returns what the gate would look through of a call, at a field; ok is
// whether the arguments are taken at all.
func writtenAt(t *testing.T, tool tools.Tool, s schemaField, args string) (found *gate.Written, ok bool) {
	t.Helper()
	prepared, err := tool.Prepare(json.RawMessage(args))
	if err != nil {
		return nil, false
	}
	for _, each := range prepared.Written {
		if each.Field == s.name {
			return &each, true
		}
	}
	return nil, true
}

// Every text among the arguments is looked through, of whatever tool, and in
// lists as well: it goes by the schema.
func TestWrites_EveryTextIsLookedThrough(t *testing.T) {
	t.Parallel()
	for _, tool := range changing() {
		for _, s := range textual(tool) {
			args := sampled(t, tool, s, s.fitting("some-text"))
			found, ok := writtenAt(t, tool, s, args)
			switch {
			case slices.Contains(formed, s.last()):
				if ok {
					t.Errorf("%s takes a text for %s", tool.Name, s.name)
				}
			case !ok:
				t.Errorf("%s does not take a text for %s", tool.Name, s.name)
			case found == nil || !strings.Contains(found.Text, "some-text"):
				t.Errorf("%s does not tell the gate of %s: it would be stored unseen", tool.Name, s.name)
			case s.last() != "body" && s.last() != "description" && found.Kind == gate.Markdown:
				t.Errorf("%s: %s is no Markdown, and backticks protect nothing in it", tool.Name, s.name)
			case (found.Kind == gate.Content) != (s.last() == "content"):
				t.Errorf("%s: %s is looked through as kind %d", tool.Name, s.name, found.Kind)
			}
		}
	}
}

// spellings are the ways in which a secret may be written.
func spellings(secret string) map[string]string {
	reversed := []byte(secret)
	slices.Reverse(reversed)
	return map[string]string{
		"plain":    secret,
		"in words": "the key is " + secret + " indeed",
		"base64":   base64.StdEncoding.EncodeToString([]byte("key=" + secret + strings.Repeat("x", (300-4-len(secret))%3))),
		"hex":      hex.EncodeToString([]byte(secret)),
		"split":    strings.Join(strings.Split(secret, ""), "\u200b"),
		"percent":  "%" + strings.ToUpper(strings.Join(strings.Split(spaced(hex.EncodeToString([]byte(secret))), " "), "%")),
		"reversed": string(reversed),
	}
}

// spaced puts a blank between bytes in hex.
func spaced(digits string) string {
	var bytes []string
	for i := 0; i+1 < len(digits); i += 2 {
		bytes = append(bytes, digits[i:i+2])
	}
	return strings.Join(bytes, " ")
}

// No secret is written, in whatever argument and spelling, and none is told of by
// the refusal.
func TestI3_NoSecretIsWritten(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	secrets := map[string]string{
		"a rule's":        "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
		"the token":       sampleforge.DemoToken(),
		"the operator's":  canary,
		"of forty digits": "0b1c2d3e4f5a69788796a5b4c3d2e1f00f1e2d3c",
	}
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, func(c *gatetest.Config) { c.Secrets = []string{canary, secrets["of forty digits"]} })
			for _, s := range textual(tool) {
				for which, secret := range secrets {
					for how, spelled := range spellings(secret) {
						if which == "a rule's" && how == "reversed" || which != "the token" && (testing.Short() || race.On) && how != "plain" {
							continue // rules know nothing that is reversed
						}
						what := s.name + " with " + which + ", " + how
						args := sampled(t, tool, s, s.fitting(spelled))
						want := gate.SecretInArguments
						if _, ok := writtenAt(t, tool, s, args); !ok {
							want = gate.InvalidArguments
							if !slices.Contains(formed, s.last()) && !slices.Contains(named, s.last()) {
								t.Errorf("%s is no argument: %s", what, args)
							}
						} else if slices.Contains(formed, s.last()) {
							continue // forty digits where a commit's or a file's id stands: what is there is compared with it
						}
						answer := tr.call(args)
						tr.denied(what, answer, want)
						for _, part := range []string{spelled, secret, secret[len(secret)/2:], url.QueryEscape(spelled)} {
							if tr.holds(answer, part) {
								t.Errorf("%s: it is told: %s", what, answer.All)
							}
						}
						if message, _ := answer.Refusal()["message"].(string); want == gate.SecretInArguments && !strings.Contains(message, s.name) {
							t.Errorf("%s: the argument is not named: %s", what, answer.Object)
						}
					}
				}
			}
			for _, secret := range secrets { // in names
				for _, args := range []string{
					`{"` + secret + `":1}`,
					strings.TrimSuffix(samples[tool.Name], "}") + `,"` + secret + `":"x"}`,
				} {
					answer := tr.call(args)
					tr.denied("an argument's name", answer, gate.InvalidArguments)
					if tr.holds(answer, secret) {
						t.Errorf("an argument's name is told: %s", answer.All)
					}
				}
				if _, ok := tool.Schema().Properties["inputs"]; ok {
					inputs := schemaField{"inputs", []any{"inputs"}, tool.Schema().Properties["inputs"], false}
					answer := tr.call(sampled(t, tool, inputs, json.RawMessage(`{"`+secret+`":"x"}`)))
					tr.denied("an input's name", answer, gate.SecretInArguments)
					if tr.holds(answer, secret) {
						t.Errorf("an input's name is told: %s", answer.All)
					}
				}
			}
			for _, s := range schemaFields(tool) {
				if s.name == "owner" || s.name == "repo" {
					answer := tr.call(sampled(t, tool, s, quoted(secrets["the token"])))
					if !answer.IsError || tr.holds(answer, secrets["the token"]) || len(tr.forge.Requests()) > 0 {
						t.Errorf("%s: %s", s.name, answer.Object)
					}
				}
			}
		})
	}
}

// What stands in answers for something that was taken out is not written back.
func TestWrites_NoMarkerIsWrittenBack(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, nil)
			for _, s := range textual(tool) {
				for _, marker := range []string{
					"[redacted:github-pat]", "[REDACTED: own-credential]", "\\[redacted:x\\]", "[U+200B]", "[hidden comment: do as I say]", "[3 zero-width characters]",
					"<<untrusted 0123456789abcdef>>", "<<end 0123456789abcdef>>", "\ufffd",
				} {
					args := sampled(t, tool, s, s.fitting(marker))
					want := gate.RedactionMarker
					if _, ok := writtenAt(t, tool, s, args); !ok {
						want = gate.InvalidArguments
						if !slices.Contains(formed, s.last()) && !slices.Contains(named, s.last()) {
							t.Errorf("%s: %s is no argument", s.name, marker)
						}
					}
					tr.denied(s.name+" with "+marker, tr.call(args), want)
				}
			}
		})
	}
}

// No text leaves an event in a repository that may not be written to.
func TestWrites_ReferencesAreHeldToTheWhitelist(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, nil)
			both := try(t, base, tool, func(c *gatetest.Config) {
				c.Policy += "  \"" + other + "\": {write: allow, automation: allow}\n"
				c.Repos = append(c.Repos, repoOf(t, other))
			})
			unopened := try(t, base, tool, func(c *gatetest.Config) { c.Repos = append(c.Repos, repoOf(t, other)) })
			tried := 0
			for _, door := range []*testRig{tr, both, unopened} {
				door.intervene(door.altered(func(r object) { r["html_url"] = "https://git.example/" + writable }))
			}
			for _, s := range textual(tool) {
				for text, refers := range map[string]bool{ // with little time some of them, each time others
					other + "#1": true, "ACME/Playground#1": true, other + "!1": true, "acme/nothing-there#1": true,
					"see " + other + "#1, please": true, "(" + other + "#1)": true,
					tr.forge.URL + "/" + other + "/issues/1":        true,
					"https://git.example/" + other + "/issues/1":    true, // where Gitea believes to be
					"https://git.example/" + writable + "/issues/1": false,
					writable + "#1": false, "#1": false, "see playground#1": false,
				} {
					if tried++; (testing.Short() || race.On) && tried%4 != 0 {
						continue
					}
					args := sampled(t, tool, s, s.fitting(text))
					found, ok := writtenAt(t, tool, s, args)
					if !ok {
						if !slices.Contains(formed, s.last()) && !slices.Contains(named, s.last()) {
							t.Errorf("%s: %s is no argument", s.name, text)
						}
						tr.denied(s.name+" with "+text, tr.call(args), gate.InvalidArguments)
						continue
					}
					if s.last() == "workflow" || s.last() == "k" {
						continue // .yml comes behind it, and level= before
					}
					answer := tr.call(args)
					if !refers || found.Kind == gate.Content {
						if answer.Code == gate.NotWhitelisted {
							t.Errorf("%s with %s: %s", s.name, text, answer.Object)
						}
						continue
					}
					tr.refused(s.name+" with "+text, answer, gate.NotWhitelisted, 0)
					if message, _ := answer.Refusal()["message"].(string); !strings.Contains(message, s.name) {
						t.Errorf("the argument is not named: %s", answer.Object)
					}
					if strings.Contains(text, "nothing-there") || strings.HasPrefix(text, "http") {
						continue
					}
					if answer := both.call(args); answer.Code == gate.NotWhitelisted || answer.Code == gate.PolicyDenied {
						t.Errorf("%s with %s, which may be written to: %s", s.name, text, answer.Object)
					}
					unopened.denied(s.name+" with "+text+", which is on the whitelist only", unopened.call(args), gate.PolicyDenied)
				}
				if s.last() == "body" {
					args := sampled(t, tool, s, quoted("see `"+other+"#1`"))
					if found, _ := writtenAt(t, tool, s, args); found.Kind == gate.Markdown {
						if answer := tr.call(args); answer.IsError {
							t.Errorf("%s with a reference in backticks: %s", s.name, answer.Object)
						}
					}
				}
			}
		})
	}
}
