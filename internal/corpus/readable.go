package corpus

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"aegis/sanitize"
)

// A Form is a way in which something that looks random, and is public, is
// written. It must stay readable.
type Form struct {
	Name string
	make func(*rand.Rand) string
}

// beside begins the names of forms that are read as secrets because of a word
// beside them.
const beside = "beside a word: "

// Forms returns commit ids, checksums and identifiers, the way tools print
// them.
func Forms() []Form {
	all := []Form{
		{"go.sum line", func(r *rand.Rand) string {
			return "github.com/acme/site v1.2.3 h1:" + base64.StdEncoding.EncodeToString(octets(r, 32)) +
				"\ngithub.com/acme/site v1.2.3/go.mod h1:" + base64.StdEncoding.EncodeToString(octets(r, 32))
		}},
		{"npm integrity", func(r *rand.Rand) string {
			return `"resolved": "https://registry.example/keyv/-/keyv-4.5.4.tgz",` + "\n" +
				`"integrity": "sha512-` + base64.StdEncoding.EncodeToString(octets(r, 64)) + `",`
		}},
		{"yarn.lock integrity", func(r *rand.Rand) string {
			return "  resolved \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#" + hex.EncodeToString(octets(r, 20)) +
				"\"\n  integrity sha512-" + base64.StdEncoding.EncodeToString(octets(r, 64))
		}},
		{"subresource integrity", func(r *rand.Rand) string {
			return `<script src="a.js" integrity="sha384-` + base64.StdEncoding.EncodeToString(octets(r, 48)) + `" crossorigin="anonymous"></script>`
		}},
		{"nix hash", func(r *rand.Rand) string {
			return `hash = "sha256-` + base64.StdEncoding.EncodeToString(octets(r, 32)) + `";`
		}},
	}
	written := func(name string, n int, format string) {
		all = append(all, Form{name, func(r *rand.Rand) string {
			return fmt.Sprintf(format, hex.EncodeToString(octets(r, n)))
		}})
	}
	for _, format := range []string{
		"commit %s", "Merge commit '%s' into main", `{"sha":"%s"}`, `"commit_id": "%s",`, "index 83db48f..%s 100644", "  uses: actions/checkout@%s # v4",
		"https://gitea.example/acme/site/commit/%s", "From %s Mon Sep 17 00:00:00 2001", "Subproject commit %s", "  rev: %s", "GIT_COMMIT=%s",
		"This reverts commit %s.", "%s refs/heads/main", "* %s fix the login", "tree %s", `revision = "%s"`,
	} {
		written("commit id: "+fmt.Sprintf(format, "…"), 20, format)
	}
	for _, format := range []string{"%s  aegis_linux_amd64.tar.gz", "FROM alpine@sha256:%s", `checksum = "%s"`, `{file = "a.whl", hash = "sha256:%s"},`, "sha256:%s: Pulling from library/alpine", "ETag: \"%s\""} {
		written("SHA-256: "+fmt.Sprintf(format, "…"), 32, format)
	}
	for _, format := range []string{`"id": "%s"`, "request %s took 12ms", `uuid = "%s"`, "X-Request-Id: %s", "/var/lib/volumes/%s/data"} {
		all = append(all, Form{"UUID: " + fmt.Sprintf(format, "…"), func(r *rand.Rand) string { return fmt.Sprintf(format, uuid(r)) }})
	}
	for _, format := range []string{
		"level=info msg=\"secret rotated\" secret_version=%s", `"SecretVersionId": "%s"`, "token request_id=%s took 12ms", "GET /oauth/token 200 request=%s",
		"auth: session %s ended", "password reset requested, id %s", "secret_id = \"%s\"", "key id: %s", "X-Auth-Request-Id: %s", "api call %s failed",
	} {
		all = append(all, Form{beside + "UUID: " + fmt.Sprintf(format, "…"), func(r *rand.Rand) string { return fmt.Sprintf(format, uuid(r)) }})
	}
	for _, format := range []string{"token refreshed request_id=%s", "secret version %s", "auth trace=%s", "password check took 3ms (req %s)", "\"secretVersion\": \"%s\""} {
		written(beside+fmt.Sprintf(format, "…"), 8, format)
		written(beside+fmt.Sprintf(format, "…")+", long", 16, format)
	}
	for _, name := range []string{"auth", "key", "token", "api-client"} {
		all = append(all, Form{"go.sum line of a module called " + name, func(r *rand.Rand) string {
			return "github.com/acme/" + name + " v1.2.3 h1:" + base64.StdEncoding.EncodeToString(octets(r, 32))
		}})
	}
	// The rule for whatever a setting called key or token holds can't tell; nor can
	// gitleaks.
	for _, format := range []string{"cache key: %s", "auth: rotate the token (%s)", "authored by %s", "api=%s", `"key": "%s"`} {
		written(beside+fmt.Sprintf(format, "…"), 20, format)
	}
	return all
}

func uuid(r *rand.Rand) string {
	b := octets(r, 16)
	return fmt.Sprintf("%x-%x-4%03x-%x-%x", b[:4], b[4:6], int(b[6])<<4&0xfff, b[8:10], b[10:])
}

func octets(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// MeasureReadable returns, by form, of how many of n texts something was cut,
// and of how many gitleaks would cut something.
func MeasureReadable(stock *Stock, scrubber *sanitize.Scrubber, n int, seed uint64) (cut, byStock map[string]int) {
	cut, byStock = make(map[string]int), make(map[string]int)
	for _, form := range Forms() {
		random := rand.New(rand.NewPCG(seed, hashed(form.Name)))
		for range n {
			text := "See below.\n\n" + form.make(random) + "\n\nThat is all.\n"
			if _, report := scrubber.Text(text, sanitize.TextOptions{}); len(report.Redactions) > 0 {
				cut[form.Name]++
			}
			if len(stock.Find(text, "")) > 0 {
				byStock[form.Name]++
			}
		}
	}
	return cut, byStock
}
