package corpus

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"aegis/sanitize"
)

// A Kind is a kind of secret that people leave in repositories, whether or not
// there is a rule for it.
type Kind struct {
	Name string
	make func(*rand.Rand) (text, secret string)
}

// Kinds returns kinds of secrets that are of no provider, most of them of no rule.
func Kinds() []Kind {
	var all []Kind
	add := func(name, format string, secret func(*rand.Rand) string) {
		all = append(all, Kind{name, func(r *rand.Rand) (string, string) {
			value := secret(r)
			return strings.ReplaceAll(format, "$", value), value
		}})
	}
	giteaToken := func(r *rand.Rand) string { return hex.EncodeToString(octets(r, 20)) }
	password := func(r *rand.Rand) string {
		return strings.NewReplacer("+", "k", "/", "Q", "=", "").Replace(base64.StdEncoding.EncodeToString(octets(r, 12)))
	}
	encoded := func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString(octets(r, 24)) }

	add("Gitea token, in a setting", "GITEA_TOKEN=$\n", giteaToken)
	add("Gitea token, in a header", "Authorization: token $\n", giteaToken)
	add("Gitea token, in a curl command", "curl -H 'Authorization: token $' https://gitea.example/api/v1/user\n", giteaToken)
	add("Gitea token, as a flag", "tea login add --token $ --name work\n", giteaToken)
	add("Gitea token, in a query", "GET /api/v1/user?access_token=$&page=1\n", giteaToken)
	add("Gitea token, in a clone URL", "git clone https://me:$@gitea.example/acme/site.git\n", giteaToken)
	add("bearer token, in a header", "Authorization: Bearer $\n", giteaToken)
	add("basic authentication, in a header", "Authorization: Basic $\n", func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte("deploy:" + password(r)))
	})
	add("password, in a setting", "DB_PASSWORD=$\n", password)
	add("password, in YAML", "database:\n  user: app\n  password: $\n", password)
	add("password, in a URL", "DATABASE_URL=postgres://app:$@db.internal:5432/app\n", password)
	add("password, in .netrc", "machine gitea.example login me password $\n", password)
	add("password, in .pgpass", "db.internal:5432:app:app:$\n", password)
	add("password, in prose", "The password is $ for now.\n", password)
	add("Docker's config.json", `{"auths":{"registry.example":{"auth":"$"}}}`, func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString([]byte("deploy:" + password(r)))
	})
	const manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n"
	const entry = ": bm9uZSBvZiB5b3VyIGJ1c2luZXNz\n"
	add("Kubernetes Secret, first entry", manifest+"  endpoint: $\n", encoded)
	add("Kubernetes Secret, third entry", manifest+"  endpoint"+entry+"  region"+entry+"  other: $\n", encoded)
	add("Kubernetes Secret, sixth entry", manifest+"  endpoint"+entry+"  region"+entry+"  name"+entry+"  zone"+entry+"  port"+entry+"  other: $\n", encoded)
	add("JSON Web Key, private", `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","d":"$"}`, func(r *rand.Rand) string {
		return base64.RawURLEncoding.EncodeToString(octets(r, 32))
	})
	add("PuTTY private key", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n$\n", encoded)
	return all
}

// A KindCount says in how many of some texts gitleaks finds something, and from
// how many we cut the secret.
type KindCount struct {
	Kind               Kind
	Texts, Stock, Cuts int
}

// MeasureKinds scrubs n texts with a secret of each kind.
func MeasureKinds(stock *Stock, scrubber *sanitize.Scrubber, n int, seed uint64) []KindCount {
	var counts []KindCount
	for _, kind := range Kinds() {
		c := KindCount{Kind: kind, Texts: n}
		random := rand.New(rand.NewPCG(seed, hashed(kind.Name)))
		for range n {
			text, secret := kind.make(random)
			text = "Notes\n\n" + text
			for _, f := range stock.Find(text, "notes.yaml") {
				if Shows(f.Match, secret) {
					c.Stock++
					break
				}
			}
			if out, _ := scrubber.Text(text, sanitize.TextOptions{}); !Shows(out, secret) {
				c.Cuts++
			}
		}
		counts = append(counts, c)
	}
	return counts
}
