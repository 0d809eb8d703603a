package forge

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://gitea.example.com":         "https://gitea.example.com",
		"https://gitea.example.com/":        "https://gitea.example.com",
		"HTTPS://Gitea.Example.COM":         "https://gitea.example.com",
		"https://example.com:3000/git/":     "https://example.com:3000/git",
		"https://example.com/a/b-c_d.e~f":   "https://example.com/a/b-c_d.e~f",
		"https://10.0.0.1:8443":             "https://10.0.0.1:8443",
		"https://[2001:db8::1]:8443/git":    "https://[2001:db8::1]:8443/git",
		"http://localhost:3000":             "http://localhost:3000",
		"http://127.0.0.1:3000":             "http://127.0.0.1:3000",
		"http://127.9.9.9":                  "http://127.9.9.9",
		"http://[::1]:3000":                 "http://[::1]:3000",
		"https://xn--bcher-kva.example/git": "https://xn--bcher-kva.example/git",
	} {
		got, err := ParseURL(raw, false)
		if err != nil || got.String() != want {
			t.Errorf("ParseURL(%q) = %v, %v, want %s", raw, got, err, want)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		"":                                     "address of a Gitea",
		"${GITEA_URL}":                         "placeholder",
		"https://${HOST}/":                     "placeholder",
		"https://user:hunter2@gitea.example":   "GITEA_TOKEN",
		"https://hunter2@gitea.example":        "GITEA_TOKEN",
		"https://@gitea.example":               "GITEA_TOKEN",
		"https://user:hunter2%zz@gitea":        "not a URL",
		"https://gitea.example?token=hunter2":  "query",
		"https://gitea.example/?":              "query",
		"https://gitea.example/#hunter2":       "fragment",
		"https://gitea.example/#":              "fragment",
		"gitea.example.com":                    "https://",
		"gitea.example.com:3000":               "https://",
		"localhost:3000":                       "https://",
		"ftp://gitea.example":                  "https://",
		"file:///etc/passwd":                   "https://",
		"https:gitea.example":                  "https://",
		"https://":                             "host",
		"https://:3000":                        "host",
		"https:///path":                        "host",
		"https://gitea.example:":               "port",
		"https://gitea.example:0":              "port",
		"https://gitea.example:65536":          "port",
		"https://gitea.example:http":           "not a URL",
		"https://bücher.example":               "ASCII",
		" https://gitea.example":               "white space",
		"https://gitea.example\n":              "white space",
		"https://gitea.example\\@evil.example": "backslash",
		"https://[fe80::1%25eth0]":             "IPv6",
		"https://[127.0.0.1]":                  "not a URL",
		"https://a,b":                          "host name",
		"https://gitea.example/api/v1":         "/api/v1",
		"https://gitea.example/api/v1/":        "/api/v1",
		"https://gitea.example/a//b":           "plain names",
		"https://gitea.example//":              "plain names",
		"https://gitea.example/../a":           "plain names",
		"https://gitea.example/a%2Fb":          "escaped",
		"https://gitea.example/a%20b":          "",
		"http://gitea.example.com":             "--insecure-http",
		"http://localhost.example.com":         "--insecure-http",
		"http://128.0.0.1":                     "--insecure-http",
		"http://0.0.0.0:3000":                  "--insecure-http",
		"http://127.0.0.1.nip.io":              "--insecure-http",
		"http://0x7f.1":                        "--insecure-http",
		"http://2130706433":                    "--insecure-http",
	} {
		got, err := ParseURL(raw, false)
		if err == nil {
			t.Errorf("ParseURL(%q) = %v, want an error", raw, got)
			continue
		}
		if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "GITEA_URL") {
			t.Errorf("ParseURL(%q): %q does not name GITEA_URL and %q", raw, err, says)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("ParseURL(%q): %q quotes a password", raw, err)
		}
	}
	if _, err := ParseURL("http://gitea.example.com", true); err != nil {
		t.Errorf("http is refused although the operator accepts it: %v", err)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"https://gitea.example.com/git/", "http://[::1]:3000", "https://u:p@h", "https://h/%2e%2e", "http://localhost"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseURL(raw, false)
		if err != nil {
			return
		}
		again, err := ParseURL(u.String(), false)
		if err != nil || *again != *u {
			t.Errorf("%q gave %q, which gives %v, %v", raw, u, again, err)
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/") ||
			(u.Scheme != "https" && !isLoopback(u.Hostname())) {
			t.Errorf("%q gave %q", raw, u)
		}
	})
}
