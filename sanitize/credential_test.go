package sanitize

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// own is a credential as Gitea makes them: no rule knows it.
const own = "9f1c3a7be2d84056b7a9c0d1e2f3a4b5c6d7e8f9"

// forms are the ways of writing a credential that must not get through.
func forms(secret string) map[string]string {
	bytes := []byte(secret)
	var percent, escaped, doubly, slashX, entities strings.Builder
	for _, b := range bytes {
		fmt.Fprintf(&percent, "%%%02x", b)
		fmt.Fprintf(&slashX, `\x%02X`, b)
	}
	for _, r := range secret {
		fmt.Fprintf(&escaped, `\u%04x`, r)
		fmt.Fprintf(&doubly, `\\u%04X`, r)
		fmt.Fprintf(&entities, "&#%d;", r)
	}
	quoted, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(quoted))
	all := map[string]string{
		"plain":                 secret,
		"upper case":            strings.ToUpper(secret),
		"reversed":              reversed(secret),
		"hex":                   hex.EncodeToString(bytes),
		"HEX":                   strings.ToUpper(hex.EncodeToString(bytes)),
		"query":                 url.QueryEscape(secret),
		"path":                  url.PathEscape(secret),
		"percent":               percent.String(),
		"JSON":                  string(quoted),
		"JSON twice":            string(twice),
		"escaped":               escaped.String(),
		"escaped twice":         doubly.String(),
		`\x`:                    slashX.String(),
		"entities":              entities.String(),
		"basic authentication":  base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"base64 in lines":       wrapped(base64.StdEncoding.EncodeToString(bytes), 10, "\n"),
		"base64 in lines, JSON": wrapped(base64.StdEncoding.EncodeToString(bytes), 10, `\n`),
		"percent of JSON":       url.QueryEscape(string(quoted)),
		"escaped in part":       secret[:3] + fmt.Sprintf(`\u%04x`, secret[3]) + secret[4:],
	}
	if len(secret) >= 12 { // gitleaks decodes what is at least 16 characters long
		all["base64 of base64"] = base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(bytes)))
		all["base64 of hex"] = base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(bytes)))
		all["hex of base64"] = hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString(bytes)))
	}
	for shift, before := range []string{"", "x", "xy", "xyz"} {
		for after := range 3 {
			text := []byte(before + secret + "abc"[:after])
			all[fmt.Sprintf("base64 %d %d", shift, after)] = base64.StdEncoding.EncodeToString(text)
			all[fmt.Sprintf("base64url %d %d", shift, after)] = base64.RawURLEncoding.EncodeToString(text)
		}
	}
	for _, hidden := range []string{"\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\u2066", "\U000e0041", "\ufe0f", "\u3164", "\u180e", "\x00", "\x1b[1m", "\u2028", "\u2060\u2060", "\x7f"} {
		all["split by "+fmt.Sprintf("%+q", hidden)] = secret[:3] + hidden + secret[3:]
		all["strewn with "+fmt.Sprintf("%+q", hidden)] = wrapped(secret, 1, hidden)
		b := base64.StdEncoding.EncodeToString([]byte("u:" + secret))
		all["base64 split by "+fmt.Sprintf("%+q", hidden)] = b[:6] + hidden + b[6:]
	}
	return all
}

func wrapped(s string, n int, between string) string {
	var parts []string
	runes := []rune(s)
	for len(runes) > n {
		parts = append(parts, string(runes[:n]))
		runes = runes[n:]
	}
	return strings.Join(append(parts, string(runes)), between)
}

// noTrace fails the test if output holds the secret after any of the decodings
// that a reader has at hand.
func noTrace(t *testing.T, secret, what, output string) {
	t.Helper()
	look := func(how, text string) {
		folded := strings.ToLower(strings.Map(func(r rune) rune {
			if invisible(r) || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, text))
		for _, s := range []string{secret, reversed(secret)} {
			if strings.Contains(folded, strings.ToLower(s)) {
				t.Errorf("%s holds the credential, %s: %q", what, how, output)
			}
		}
	}
	readings := map[string]string{"as it is": output}
	if s, err := url.QueryUnescape(output); err == nil {
		readings["URL-decoded"] = s
	}
	var s string
	if json.Unmarshal([]byte(`"`+output+`"`), &s) == nil {
		readings["JSON-decoded"] = s
	}
	// Base64 and hex begin anywhere.
	for _, run := range strings.FieldsFunc(output, func(r rune) bool { return r > 0x7f || !isBase64(byte(r)) }) {
		for shift := range min(4, len(run)) {
			part := run[shift:]
			part = part[:len(part)/4*4]
			for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
				if b, err := encoding.DecodeString(part); err == nil {
					readings[fmt.Sprintf("%s of %s", name, part)] = string(b)
				}
			}
			if b, err := hex.DecodeString(part); err == nil {
				readings["hex of "+part] = string(b)
			}
		}
	}
	for how, text := range readings {
		look(how, text)
	}
}

func TestI3_OwnCredentialsNeverAppear(t *testing.T) {
	t.Parallel()
	secrets := []string{own, `pa"ss\wörd/+&% 1`, "hunter", "correct horse battery", "MixedCase_AND-123"}
	s := scrubber(t, secrets...)
	for _, secret := range secrets {
		for name, form := range forms(secret) {
			t.Run(secret+"/"+name, func(t *testing.T) {
				t.Parallel()
				for _, around := range []struct{ before, after string }{{"", ""}, {"see ", " there"}, {"x=", "&y=1"}, {"line\n", "\nline"}, {"(", ")"}} {
					input := around.before + form + around.after
					text, report := s.Text(input, TextOptions{})
					if report.Redactions[ownCredential] == 0 {
						t.Errorf("Text(%q) = %q cuts nothing", input, text)
					}
					noTrace(t, secret, "Text", text)
					noTrace(t, secret, "Line", s.Line(input))
					answer, report, err := s.JSON(map[string]string{"body": input, "title": "x"})
					if err != nil || report.Redactions[ownCredential] == 0 {
						t.Errorf("JSON(%q) = %s, %v", input, answer, err)
					}
					noTrace(t, secret, "JSON", string(answer))
				}
			})
		}
	}
}

func TestCredentialsAreNotSeenEverywhere(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own, "hunter2-secret")
	for _, text := range []string{
		"hunter2 is a secret", "9f1c3a7be2d84056b7a9c0d1e2f3a4b5c6d7e8f8", "hunter2%2Dsecre", "%", `\`, `\u`, "&", "&#;", "&#x110000;", `\x`, "%4",
		strings.Repeat("hunter2-secre", 20),
	} {
		if got, report := s.Text(text, TextOptions{}); got != text || report.Redactions != nil {
			t.Errorf("Text(%q) = %q", text, got)
		}
	}
}

func TestNewRefusesShortSecrets(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "zq", "zq!yx"} {
		if s, err := New(Config{Secrets: []string{own, secret}}); err == nil || s != nil {
			t.Errorf("New took %q", secret)
		} else if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
	if _, err := New(Config{Secrets: []string{"123456"}}); err != nil {
		t.Error(err)
	}
}

func TestScrubberNotMadeByNewWithholds(t *testing.T) {
	t.Parallel()
	for _, s := range []*Scrubber{nil, {}} {
		if text, report := s.Text("some\ntext", TextOptions{}); strings.Contains(text, "some") || report.Withheld != 1 {
			t.Errorf("Text = %q", text)
		}
		if line := s.Line("some text"); strings.Contains(line, "some") {
			t.Errorf("Line = %q", line)
		}
		if answer, _, err := s.JSON(map[string]string{"a": "b"}); err == nil {
			t.Errorf("JSON = %s", answer)
		}
	}
}
