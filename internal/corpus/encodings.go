package corpus

import (
	"encoding/hex"
	"math/rand/v2"
	"sync"

	"aegis/sanitize"
)

// Representative returns the ids of the rules that disguises are measured with:
// what people leak most, and one of each kind of expression.
func Representative() []string {
	return []string{
		"age-secret-key", "anthropic-api-key", "aws-access-token", "curl-auth-header", "datadog-access-token", "digitalocean-pat",
		"gcp-api-key", "generic-api-key", "github-fine-grained-pat", "github-pat", "gitlab-pat", "huggingface-access-token", "jwt",
		"npm-access-token", "openai-api-key", "private-key", "pypi-upload-token", "sendgrid-api-token", "shopify-access-token",
		"slack-bot-token", "stripe-access-token", "vault-service-token",
	}
}

// ownCredential returns what a Gitea token looks like: 40 hex digits, the same
// ones each time.
func ownCredential() string {
	random := rand.New(rand.NewPCG(7, 7))
	var b [20]byte
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return hex.EncodeToString(b[:])
}

// OwnSample returns a credential that no rule knows, and a text with it.
func OwnSample() Sample {
	return Sample{Text: "it is " + ownCredential() + " for now", Secret: ownCredential()}
}

// A DisguiseCount is what became of disguised secrets. Of each, all or more than
// half of it can still be read, or not.
type DisguiseCount struct {
	Disguise Disguise
	// Rules counts secrets of rules, Stock those of them that gitleaks finds.
	Rules, Stock, Hidden int
	Own, OwnHidden       int
	Misses               []Miss
}

// MeasureDisguises scrubs each sample, and an own credential, in each disguise:
// as a file and as a value of an answer.
func MeasureDisguises(stock *Stock, samples []Sample) ([]DisguiseCount, error) {
	own := OwnSample()
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{own.Secret}})
	if err != nil {
		return nil, err
	}
	disguises := Disguises()
	counts := make([]DisguiseCount, len(disguises))
	var mu sync.Mutex
	parallel(len(disguises)*(len(samples)+1), func(i int) {
		d, n := disguises[i/(len(samples)+1)], i%(len(samples)+1)
		s := own
		if n > 0 {
			s = samples[n-1]
		}
		text := "Before you start, read this:\n\n" + d.Apply(s) + "\n\nThen start it.\n"
		known := stockSees(stock, s, text)
		misses := disguised(stock, scrubber, s, d, text)
		for i := range misses {
			misses[i].Stock = known
		}
		mu.Lock()
		defer mu.Unlock()
		c := &counts[i/(len(samples)+1)]
		c.Disguise = d
		c.Misses = append(c.Misses, misses...)
		if n == 0 {
			c.Own++
			if len(misses) == 0 {
				c.OwnHidden++
			}
			return
		}
		c.Rules++
		if len(misses) == 0 {
			c.Hidden++
		}
		if known {
			c.Stock++
		}
	})
	return counts, nil
}

func stockSees(stock *Stock, s Sample, text string) bool {
	for _, f := range stock.Find(text, s.Rule.Path) {
		if f.RuleID == s.Rule.ID || Shows(f.Secret, s.Secret) {
			return true
		}
	}
	return false
}

func disguised(stock *Stock, scrubber *sanitize.Scrubber, s Sample, d Disguise, text string) []Miss {
	var misses []Miss
	for _, via := range ways[:2] {
		out, visible := via.scrub(scrubber, text)
		why := ""
		if found := stock.Find(out, ""); len(found) > 0 {
			why = "gitleaks finds " + found[0].RuleID + " in the output"
		} else if Shows(d.Read(visible), s.Secret) || Shows(visible, s.Secret) {
			why = "more than half of the secret can be read from the output"
		}
		if why != "" {
			misses = append(misses, Miss{Rule: s.Rule.ID, Context: d.Name, Via: via.name, Why: why, In: text, Out: out, Secret: s.Secret})
		}
	}
	return misses
}
