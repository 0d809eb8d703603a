package corpus

import (
	"math/rand/v2"
	"sync"

	"aegis/sanitize"
)

// A GroupCount says in how many texts of a group gitleaks finds the secret, and from
// how many we cut it.
type GroupCount struct {
	Group              Group
	Texts, Stock, Cuts int
	Missed             map[string]int       // by case
	Sample             map[string][2]string // of a case that was missed: a text and what came of it
}

// MeasureGroups scrubs texts of every case, one for each seed. With stock nil
// gitleaks is not asked.
func MeasureGroups(stock *Stock, scrubber *sanitize.Scrubber, seeds int) []GroupCount {
	var counts []GroupCount
	for _, group := range Groups() {
		c := GroupCount{Group: group, Missed: make(map[string]int), Sample: make(map[string][2]string)}
		var mu sync.Mutex
		parallel(len(group.Cases), func(i int) {
			one := group.Cases[i]
			for seed := range seeds {
				text, secret := one.make(rand.New(rand.NewPCG(uint64(seed), hashed(group.Name+one.Name))))
				found := stock != nil && stockShows(stock, text, secret)
				out, _ := scrubber.Text(text, sanitize.TextOptions{})
				mu.Lock()
				c.Texts++
				if found {
					c.Stock++
				}
				if Shows(out, secret) {
					c.Missed[one.Name]++
					c.Sample[one.Name] = [2]string{text, out}
				} else {
					c.Cuts++
				}
				mu.Unlock()
			}
		})
		counts = append(counts, c)
	}
	return counts
}

// stockShows reports whether gitleaks finds the secret in a text.
func stockShows(stock *Stock, text, secret string) bool {
	for _, f := range stock.Find(text, "notes.yaml") {
		if Shows(f.Secret, secret) || Shows(f.Match, secret) {
			return true
		}
	}
	return false
}
