package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/sampleforge"
)

// place puts what a page's commands name into its folder, and returns a line with the
// names that they have there.
func (p page) place(t *testing.T, line string) string {
	t.Helper()
	p.write(t, "ci.token", sampleforge.DemoToken()+"\n")
	p.write(t, "ci.yaml", "version: 1\n")
	p.write(t, "jobs.yaml", strings.ReplaceAll(greeting, "FOLDER/bot.token", filepath.Join(p.home, "ci.token")))
	if strings.Contains(line, "cert.pem") {
		p.writeCertificate(t)
	}
	for _, name := range []string{"ci.token", "ci.yaml", "cert.pem", "key.pem", "jobs.yaml", "state.db"} {
		line = regexp.MustCompile(`(/etc/aegis/|/var/lib/aegis/)?\b`+regexp.QuoteMeta(name)).ReplaceAllLiteralString(line, filepath.Join(p.home, name))
	}
	return line
}

func (p page) writeCertificate(t *testing.T) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"aegis.example.org"}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})))
	p.write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

// runServe makes the keys that a page's commands make, starts the server that they
// start, before the sample forge, and calls it with a key that the page has made.
func runServe(t *testing.T, p page, b block) {
	for line := range strings.Lines(b.text) {
		line, _, _ = strings.Cut(line, " #")
		line, file, kept := strings.Cut(line, ">")
		words := strings.Fields(p.place(t, line))
		switch {
		case words[0] == "export":
			if name, _, _ := strings.Cut(words[1], "="); !variables(t)[name] {
				t.Errorf("%s is no variable", name)
			}
		case words[1] == "serve":
			p.mustServeOverHTTP(t, words[2:])
		default:
			out, err := p.command(t, append(words, "--keys", filepath.Join(p.home, "keys.yaml"))...).Output()
			if err != nil {
				t.Errorf("%s: %v", line, err)
			}
			if kept {
				p.write(t, strings.TrimSpace(file), string(out))
			}
		}
	}
}

func (p page) mustServeOverHTTP(t *testing.T, words []string) {
	t.Helper()
	host := ""
	for i, word := range words {
		switch word {
		case "--listen":
			words[i+1] = "127.0.0.1:0"
		case "--host":
			host = words[i+1]
		}
	}
	s := serveIn(t, p.home, newForge(t).URL, nil, append(words, "--keys", filepath.Join(p.home, "keys.yaml"))...)
	s.host = host
	if slices.Contains(words, "--tls-cert") {
		s.url = "https" + strings.TrimPrefix(s.url, "http")
	}
	p.mustAnswer(t, s)
	s.end()
}

// mustAnswer calls a server with the key that the page has made.
func (p page) mustAnswer(t *testing.T, s *server) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.home, "ci.key"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := s.post(strings.TrimSpace(string(key)), "get_me", `{}`, ""); err != nil || !strings.Contains(a, `"result"`) || strings.Contains(a, `"isError":true`) {
		t.Errorf("%v\n%s\n%s", err, a, s.said())
	}
}

// runKeys has the command that reads a file of keys read a page's.
func runKeys(t *testing.T, p page, b block) {
	text, n := p.place(t, b.text), 0
	text = regexp.MustCompile(`'…'`).ReplaceAllStringFunc(text, func(string) string {
		n++
		return fmt.Sprintf("'%064x'", n)
	})
	p.write(t, "shown.yaml", text)
	c := p.command(t, "aegis", "keys", "check", "--keys", filepath.Join(p.home, "shown.yaml"))
	c.Env = append(c.Env, "GITEA_URL=https://git.example.org")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// runHTTPClient calls a server as a client's configuration says, with the key that the
// page has made.
func runHTTPClient(t *testing.T, p page, b block) {
	var configuration struct {
		Servers map[string]struct {
			Type    string            `json:"type"`
			URL     string            `json:"url"`
			Headers map[string]string `json:"headers"`
		} `json:"mcpServers"`
	}
	strictly(t, b.text, &configuration)
	for _, shown := range configuration.Servers {
		at, err := url.Parse(shown.URL)
		if err != nil || shown.Type != "http" || at.Scheme != "https" || shown.Headers["Authorization"] != "Bearer ${AEGIS_KEY}" || len(shown.Headers) != 1 {
			t.Fatalf("%+v", shown)
		}
		s := serveIn(t, p.home, newForge(t).URL, nil, "--keys", filepath.Join(p.home, "keys.yaml"), "--host", at.Host)
		s.url, s.host = strings.TrimSuffix(s.url, "/mcp")+at.Path, at.Host
		p.mustAnswer(t, s)
		s.end()
		return
	}
	t.Error("no server is configured")
}
