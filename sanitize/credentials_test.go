package sanitize

import (
	"aegis/sanitize/leaks"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// A token of Gitea's looks like any commit id.
const (
	hex40 = "7c1d09b3e4f58a6270c1d2e3f4a5b6978d9e0f1a"
	long  = "Zx81kPq0vB7nM3sL9tRwY5"
)

var oauth = "gto_" + strings.Repeat("k3vq5mza7w2xn", 4)

func TestCredentialsThatNoRuleIsAbout(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	basic := base64.StdEncoding.EncodeToString([]byte("deploy:" + long))
	for _, row := range []struct{ in, want string }{
		{"https://me:" + long + "@gitea.example/a/b.git", "https://me:[redacted:url-credentials]@gitea.example/a/b.git"},
		{"postgres://app:hunter2!x@db:5432/app?x=y", "postgres://app:[redacted:url-credentials]@db:5432/app?x=y"},
		{"redis://:" + long + "@cache", "redis://:[redacted:url-credentials]@cache"},
		{"amqp://u:pss/w#rd9@mq/v", "amqp://u:[redacted:url-credentials]@mq/v"},
		{"git clone https://" + hex40 + "@gitea.example/a", "git clone https://[redacted:url-credentials]@gitea.example/a"},
		{"https://" + hex40 + ":x-oauth-basic@gitea.example/a", "https://[redacted:url-credentials]@gitea.example/a"},
		{`{"u":"https:\/\/me:` + long + `@h\/a"}`, `{"u":"https:\/\/me:[redacted:url-credentials]@h\/a"}`},
		{"mongodb://u:s3cr3tly@h1:1,h2:2/db", "mongodb://u:[redacted:url-credentials]@h1:1,h2:2/db"},
		{"[here](https://me:abc123!@h/x)", "[here](https://me:[redacted:url-credentials]@h/x)"},
		{"https://me:$3cr3tly@h", "https://me:[redacted:url-credentials]@h"},
		{"https://me:a%40b%3A9zz@h", "https://me:[redacted:url-credentials]@h"},

		{"Authorization: token " + hex40, "Authorization: token [redacted:authorization-header]"},
		{"authorization: Bearer " + long, "authorization: Bearer [redacted:authorization-header]"},
		{"Authorization: Basic " + basic, "Authorization: Basic [redacted:authorization-header]"},
		{"Authorization: Negotiate " + strings.Repeat(long, 60) + "==", "Authorization: Negotiate [redacted:authorization-header]"},
		{`req.Header.Set("Authorization", "token ` + hex40 + `")`, `req.Header.Set("Authorization", "token [redacted:authorization-header]")`},
		{`{"Authorization":"Bearer ` + long + `"}`, `{"Authorization":"Bearer [redacted:authorization-header]"}`},
		{`git -c http.extraHeader="AUTHORIZATION: basic ` + basic + `" fetch`, `git -c http.extraHeader="AUTHORIZATION: basic [redacted:authorization-header]" fetch`},
		{"Proxy-Authorization: Basic " + basic, "Proxy-Authorization: Basic [redacted:authorization-header]"},

		{"tea login add --token " + hex40 + " --name x", "tea login add --token [redacted:gitea-token] --name x"},
		{"GET /api/v1/user?access_token=" + hex40 + "&page=1", "GET /api/v1/user?access_token=[redacted:gitea-token]&page=1"},
		{"GET /api/v1/user?token=" + hex40 + "&page=1", "GET /api/v1/user?token=[redacted:gitea-token]&page=1"},
		{"machine h login me password " + hex40, "machine h login me password [redacted:gitea-token]"},
		{"//gitea.example/api/packages/a/npm/:_authToken=" + hex40 + ";", "//gitea.example/api/packages/a/npm/:_authToken=[redacted:npmrc-auth];"},
		{`- name: GITEA_TOKEN` + "\n  value: " + hex40 + "x", `- name: GITEA_TOKEN` + "\n  value: " + hex40 + "x"},
		{"- name: CI_TOKEN\n  value: " + hex40 + ",", "- name: CI_TOKEN\n  value: [redacted:gitea-token],"},
		{`{"id":1,"sha1":"` + hex40 + `","token_last_eight":"8d9e0f1a"}`, `{"id":1,"sha1":"[redacted:gitea-token]","token_last_eight":"8d9e0f1a"}`},
		{"secret " + oauth + " there", "secret [redacted:gitea-token] there"},
	} {
		got, _ := s.Text(row.in, TextOptions{})
		if got != row.want {
			t.Errorf("Text(%q)\n got %q\nwant %q", row.in, got, row.want)
		}
		for _, encoded := range []string{base64.StdEncoding.EncodeToString([]byte(row.in)), hex.EncodeToString([]byte(row.in))} {
			if row.in == row.want {
				continue
			}
			if got, report := s.Text("x "+encoded, TextOptions{}); strings.Contains(got, encoded) {
				t.Errorf("Text(%q) is %q, %v", encoded, got, report)
			}
		}
		if again, _ := s.Text(got, TextOptions{}); again != got {
			t.Errorf("Text(%q) is %q", got, again)
		}
	}
	// Rules of gitleaks find these as well, mostly: what matters is that they go.
	for _, in := range []string{"GITEA_TOKEN=$", "GITEA_ACCESS_TOKEN: '$'", "gitea_token: $", `"token": "$"`, "export FORGEJO_TOKEN=\"$\"", "password=$", "Authorization=$"} {
		in = strings.ReplaceAll(in, "$", hex40)
		if got, _ := s.Text(in, TextOptions{}); strings.Contains(got, hex40) {
			t.Errorf("Text(%q) = %q", in, got)
		}
	}
}

func TestWhatIsNoCredential(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, text := range []string{
		"commit " + hex40, "sha: " + hex40, `"sha": "` + hex40 + `"`, "ref " + hex40, "token count: 7, head " + hex40, "tokens at " + hex40,
		"tree " + hex40 + "\nparent " + hex40, "the token (" + hex40 + ")", "https://gitea.example/a/b/commit/" + hex40, hex40 + " refs/heads/token",
		"uses: a/b@" + hex40, "GIT_COMMIT=" + hex40, "token_count = 7 # " + hex40, "--commit " + hex40, "password reset in " + hex40,
		"git@gitea.example:a/b.git", "ssh://git@gitea.example:22/a/b.git", "https://user@gitea.example/a", "https://gitea.example:3000/@user/x",
		"https://user:password@example.org", "https://user:<password>@example.org", "https://$USER:$PASSWORD@example.org", "https://{user}:{token}@h", "https://u:${TOKEN}@h",
		"https://u:%s@h", "https://u:***@h", "http://[::1]:8080/@x", "docker://alpine:3.18@sha256:" + hex40, "postgres://postgres:postgres@localhost/db",
		"https://pkg.go.dev/a@v1.2.3", "mail a@b.c about https://x.y", "https://x.y, or a@b.c", `re := "https?://[^:]+:[^@]+@"`,
		"Authorization: Bearer <token>", "Authorization: token $TOKEN", `"Authorization", "Bearer "+token`, "Authorization: Bearer YOUR_ACCESS_TOKEN", "Authorization: Basic base64",
		"authorization is a word, token another", "gto_", "gta_something_else", "gto_" + strings.Repeat("a", 52),
	} {
		if got, report := s.Text(text, TextOptions{}); got != text || report.Redactions != nil {
			t.Errorf("Text(%q) = %q", text, got)
		}
	}
}

func FuzzCredentialsBesideRules(f *testing.F) {
	for _, seed := range []string{"a://b:c@d", "a://b:c/d#e@f", `:\/\/u:p@`, "authorization: basic " + long, "authorization,token " + hex40, "_authToken=" + hex40, oauth, "://@", "x:// :@", hex40 + hex40} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all := append(append(giteaTokens(text), authorizations(leaks.Unlimited(), text)...), credentialsInURLs(text)...)
		for _, found := range all {
			if found.Start >= found.End || found.End > len(text) || found.Start < 0 || strings.Contains(text[found.Start:found.End], "\n") {
				t.Errorf("%q: %+v", text, found)
			}
		}
	})
}
