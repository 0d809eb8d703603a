package keys

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"aegis/internal/apikey"
	"aegis/internal/canon"
)

var hexes = []string{strings.Repeat("ab", 32), strings.Repeat("cd", 32), strings.Repeat("01", 32)}

const minimal = "version: 1\nkeys:\n  - {name: ci, secrets: [{sha256: HASH}]}\n"

func source(text string) []byte { return []byte(strings.ReplaceAll(text, "HASH", hexes[0])) }

func TestAFileOfKeys(t *testing.T) {
	t.Parallel()
	all, err := Parse("keys.yaml", source(`# comments are fine
version: 1
keys:
  - name: ci
    created: 2031-02-03T04:05:06Z
    expires: "2032-01-01T00:00:00+01:00"
    from: [10.1.0.0/16, 192.0.2.7, "2001:db8::/32"]
    gitea_token_file: '/run/secrets/it''s here'
    write: allow
    write_repos: [acme/app, Acme/Other]
    policy: /etc/aegis/ci.yaml
    secrets:
      - sha256: HASH
      - {until: 2031-03-03T04:05:06Z, sha256: "`+hexes[1]+`"}
  - name: 7up
    gitea_token: shared
    secrets: [{sha256: '`+hexes[2]+`'}]
`))
	if err != nil {
		t.Fatal(err)
	}
	k := all[0]
	app, _ := canon.ParseFullName("acme/app")
	if len(all) != 2 || k.ID() != "key:ci" || len(k.Secrets) != 2 || k.Secrets[1].Until.IsZero() || k.TokenFile != "/run/secrets/it's here" ||
		k.Expires.Hour() != 23 || k.From[1] != netip.MustParsePrefix("192.0.2.7/32") || k.Writes[0] != app || len(k.Writes) != 2 || k.Policy != "/etc/aegis/ci.yaml" || !all[1].Shared || all[1].Name != "7up" {
		t.Errorf("%+v %+v", *k, *all[1])
	}
	again, err := Parse("keys.yaml", Format(all))
	if err != nil || !reflect.DeepEqual(all, again) {
		t.Errorf("%v\n%s", err, Format(all))
	}
}

func TestWhatIsNoFileOfKeys(t *testing.T) {
	t.Parallel()
	key := apikey.New()
	in := func(attributes string) string {
		return "version: 1\nkeys:\n  - {name: ci, " + attributes + ", secrets: [{sha256: HASH}]}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                {"", "says nothing"},
		"comments alone":         {"# nothing\n", "says nothing"},
		"no version":             {"keys: []\n", "version is missing"},
		"another version":        {"version: 2\n", "keys.yaml:1:10: version must be 1"},
		"an unknown key":         {minimal + "kyes: []\n", "keys.yaml:4:1: unknown key"},
		"a doubled key":          {minimal + "version: 1\n", "4:1: "},
		"a second document":      {minimal + "---\nversion: 1\n", "second document"},
		"an anchor":              {"version: &a 1\n", "an anchor"},
		"an alias":               {"version: 1\nkeys: *a\n", "an alias"},
		"a merge":                {"version: 1\nkeys:\n  - <<: {name: x}\n", "a merge key"},
		"a tag":                  {"version: !!int 1\n", "a tag"},
		"a tab":                  {"version: 1\nkeys:\t[]\n", "a tab"},
		"an escape":              {in(`policy: "/a\x41"`), "an escape"},
		"not UTF-8":              {"version: 1\n# \xff\n", "UTF-8"},
		"keys that are a word":   {"version: 1\nkeys: none\n", "2:7: keys must be a list"},
		"keys without a value":   {"version: 1\nkeys:\n", "keys must be a list"},
		"no name":                {"version: 1\nkeys: [{secrets: [{sha256: HASH}]}]\n", "has no name"},
		"no secrets":             {"version: 1\nkeys: [{name: ci}]\n", "1 to 4 secrets"},
		"empty secrets":          {"version: 1\nkeys: [{name: ci, secrets: []}]\n", "secrets must be a list"},
		"a name in upper case":   {strings.Replace(minimal, "ci", "CI", 1), "3:12: a name is"},
		"a name of a job":        {strings.Replace(minimal, "ci", "\"job:stale\"", 1), "a name is"},
		"a name with a slash":    {strings.Replace(minimal, "ci", "a/b", 1), "a name is"},
		"a name with a look":     {strings.Replace(minimal, "ci", "c\u0456", 1), "a name is"},
		"a name of a variable":   {strings.Replace(minimal, "ci", "env-1", 1), "MCP_API_KEYS"},
		"two of a name":          {minimal + "  - {name: ci, secrets: [{sha256: " + hexes[1] + "}]}\n", "two keys have the name ci"},
		"two of a hash":          {minimal + "  - {name: dev, secrets: [{sha256: HASH}]}\n", "a sha256 of dev is there twice"},
		"a hash twice in one":    {strings.Replace(minimal, "{sha256: HASH}", "{sha256: HASH}, {sha256: HASH}", 1), "twice"},
		"a short hash":           {strings.Replace(minimal, "HASH", "ab12", 1), "64 hex digits"},
		"a hash in upper case":   {strings.Replace(minimal, "HASH", strings.ToUpper(hexes[0]), 1), "64 hex digits"},
		"a key for a hash":       {strings.Replace(minimal, "HASH", key, 1), "this is a key, and not its SHA-256"},
		"a secret without":       {strings.Replace(minimal, "sha256: HASH", "until: 2031-02-03T04:05:06Z", 1), "a secret has a sha256"},
		"too many secrets":       {strings.Replace(minimal, "{sha256: HASH}", "{sha256: "+strings.Join([]string{hexes[0], hexes[1], hexes[2], strings.Repeat("2e", 32), strings.Repeat("3e", 32)}, "}, {sha256: ")+"}", 1), "1 to 4"},
		"a date for a time":      {in("expires: 2031-02-03"), "expires must be a time"},
		"expires that is empty":  {in("expires: ''"), "expires must be"},
		"expires without value":  {in("expires: "), "expires must be"},
		"from that is a word":    {in("from: 10.0.0.0/8"), "from must be a list"},
		"from nowhere":           {in("from: []"), "from must be a list"},
		"from a name":            {in("from: [host.example]"), "from takes addresses"},
		"from with more bits":    {in("from: [10.1.2.3/16]"), "bits beyond"},
		"from IPv4 in IPv6":      {in("from: ['::ffff:10.0.0.0/104']"), "IPv4"},
		"from a zone":            {in("from: ['fe80::1%eth0']"), "from takes"},
		"a token itself":         {in("gitea_token: 5f1e0d3c2b4a69788796a5b4c3d2e1f001234567"), "gitea_token can only be shared"},
		"two tokens":             {in("gitea_token: shared, gitea_token_file: /a"), "not both"},
		"a relative path":        {in("policy: ci.yaml"), "absolute path"},
		"write that is true":     {in("write: true, write_repos: [a/b]"), "write"},
		"write without a list":   {in("write: allow"), "both write: allow and write_repos"},
		"a list without write":   {in("write_repos: [a/b]"), "both write: allow and write_repos"},
		"write to a pattern":     {in("write: allow, write_repos: [a/*]"), "exact names"},
		"write to nothing":       {in("write: allow, write_repos: []"), "write_repos must be a list"},
		"a line break in a word": {in("policy: '/a\n    /b'"), "on one line"},
		"what can't be seen":     {in("policy: '/a\u200b'"), "characters that can be seen"},
		"too large":              {"version: 1\n" + strings.Repeat("#\n", maxFile/2), "larger than"},
		"out of place":           {minimal + "    more\n", ""},
	} {
		all, err := Parse("/etc/keys.yaml", source(c.text))
		var problem *Problem
		if err == nil || all != nil || !errors.As(err, &problem) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d keys, %v", name, len(all), err)
			continue
		}
		for _, secret := range []string{key, hexes[0], "5f1e0d3c2b4a"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows %s", name, secret)
			}
		}
	}
}

// A file that was cut short lets in nobody of whom less is said than in the whole.
func TestNoPieceOfAFileSaysMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 1))
	var all []*Key
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	app, _ := canon.ParseFullName("acme/app")
	for _, name := range []string{"one", "two", "three"} {
		var err error
		k := Key{Name: name, Expires: at, From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, TokenFile: "/t/" + name, Policy: "/p/" + name}
		if r.IntN(2) == 0 {
			k.Writes = []canon.Repo{app}
		}
		if all, _, err = Add(all, k, at.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err = Rotate(all, name, time.Minute, at.Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	whole, loaded := Format(all), 0
	for end := range whole {
		piece, err := Parse("keys.yaml", whole[:end])
		if err != nil {
			continue
		}
		loaded++
		for _, k := range piece {
			as := *find(all, k.Name)
			for i, s := range k.Secrets {
				if s != as.Secrets[i] {
					t.Fatalf("%s has another secret in\n%s", k.Name, whole[:end])
				}
			}
			as.Secrets = k.Secrets
			if !reflect.DeepEqual(&as, k) {
				t.Fatalf("%+v is %+v in\n%s", as, k, whole[:end])
			}
		}
	}
	if loaded == 0 {
		t.Error("no piece loads")
	}
}

// FuzzParse: no text makes the reader panic, and what loads is written so that it says
// the same.
func FuzzParse(f *testing.F) {
	f.Add(source(minimal))
	f.Add(source("version: 1\nkeys:\n  - name: ci\n    expires: 2032-01-01T00:00:00Z\n    from: [10.1.0.0/16]\n    gitea_token: shared\n    write: allow\n    write_repos: [acme/app]\n    policy: /a b\n    secrets:\n      - {until: 2031-03-03T04:05:06Z, sha256: HASH}\n"))
	f.Add([]byte("version: 1\nkeys: []\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := Parse("keys.yaml", raw)
		if err != nil {
			if all != nil {
				t.Fatal("keys and an error")
			}
			return
		}
		written := Format(all)
		again, err := Parse("keys.yaml", written)
		if err != nil || !bytes.Equal(written, Format(again)) || len(all) != len(again) {
			t.Fatalf("%v\n%s", err, written)
		}
		for i, k := range all {
			if k.Name == "" || len(k.Secrets) == 0 || k.ID() != again[i].ID() {
				t.Fatalf("%+v", k)
			}
		}
	})
}
