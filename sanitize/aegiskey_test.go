package sanitize

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"aegis/internal/apikey"
)

func TestI3_AegisKeysAreCutWhereverTheyStand(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		key := apikey.New()
		if !looksRandom(key[len(apikey.Prefix) : len(apikey.Prefix)+apikey.Secret]) {
			continue // one of a hundred or so has no digit, and is found whole only
		}
		quoted, _ := json.Marshal(map[string]string{"a": "x" + key})
		for name, text := range map[string]string{
			"alone":              key,
			"in a sentence":      "use " + key + ". It works",
			"in a word":          "my" + key + "is",
			"behind a name":      "MCP_API_KEYS=" + key + "," + key,
			"in a header":        "Authorization: Bearer " + key,
			"in a URL":           "https://gate.example/mcp?key=" + key + "&x=1",
			"in a path":          "/mcp/" + key + "/x",
			"in JSON":            string(quoted),
			"in JSON in JSON":    `"{\"a\":\"` + key + `\"}"`,
			"doubled":            key + key,
			"with a tail":        key + "xyz",
			"with underscores":   "_" + key + "_",
			"without its end":    key[:apikey.Length-1],
			"without its sum":    key[:apikey.Length-6] + " ",
			"with a wrong sum":   key[:apikey.Length-6] + "000000",
			"percent-encoded":    url.QueryEscape("x=" + strings.ReplaceAll(key, "_", "%5F")),
			"in base64":          base64.StdEncoding.EncodeToString([]byte("the key is " + key)),
			"split by no width":  key[:20] + "\u200b" + key[20:],
			"split by a hyphen":  key[:20] + "\u00ad" + key[20:],
			"in fullwidth":       strings.ReplaceAll(key, "_", "\uff3f"),
			"in HTML":            strings.ReplaceAll(key, "_", "&#95;"),
			"escaped":            strings.ReplaceAll(key, "_", `\u005f`),
			"in colours":         key[:9] + "\x1b[31m" + key[9:],
			"in a diff":          "+key: " + key + "\n-key: " + key + "\n",
			"behind a Gitea one": "gto_" + key,
		} {
			clean, _ := s.Text(text, TextOptions{})
			secret := key[len(apikey.Prefix):]
			for at := 0; at+12 <= len(secret); at++ {
				if strings.Contains(clean, secret[at:at+12]) {
					t.Errorf("%s: %s shows %s", name, clean, secret[at:at+12])
					break
				}
			}
			if name != "in base64" && !strings.Contains(clean, "[redacted:") {
				t.Errorf("%s: %q is %q", name, text, clean)
			}
			if line := s.Line(text); strings.Contains(line, secret[:12]) {
				t.Errorf("%s in a line: %s", name, line)
			}
		}
	}
}

func TestWhatIsNoAegisKeyStays(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"aegis_", "aegis_session", "aegis_audit_append_failures_total", "aegis_anIdentifierThatIsRatherLongAndNoKeyAtAllIsItNot",
		"aegis_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a key is aegis_ and 39 characters", "aegis_0000000000000000000000000000000000000000",
	} {
		if clean, _ := s.Text(text, TextOptions{}); clean != text {
			t.Errorf("%q is %q", text, clean)
		}
	}
}
