package corpus

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"aegis/sanitize"
)

// A Miss is a secret that was not, or not wholly, cut.
type Miss struct {
	Rule, Context, Via string
	Why                string // what is wrong with the output, one clause
	In, Out            string
	Secret             string
	Stock              bool // gitleaks finds it in the input
}

// A Count says of how many texts with a secret gitleaks finds it, and of how
// many of those we left none of it and nothing that gitleaks would find.
type Count struct {
	Texts, Stock, Caught int
	// Beyond counts texts in which gitleaks finds nothing and we still cut it.
	Beyond int
}

func (c *Count) add(other Count) {
	c.Texts += other.Texts
	c.Stock += other.Stock
	c.Caught += other.Caught
	c.Beyond += other.Beyond
}

// Recall is the outcome of measuring samples in contexts.
type Recall struct {
	Contexts []string // in the order they were measured
	Rules    []string
	counts   map[[2]string]Count // by rule and context
	Misses   []Miss
}

// Of returns the count for a rule and a context; "" stands for all of them.
func (r *Recall) Of(rule, context string) Count {
	var sum Count
	for at, c := range r.counts {
		if (rule == "" || rule == at[0]) && (context == "" || context == at[1]) {
			sum.add(c)
		}
	}
	return sum
}

func (r *Recall) note(rule, context string, c Count, misses []Miss) {
	at := [2]string{rule, context}
	sum := r.counts[at]
	sum.add(c)
	r.counts[at] = sum
	r.Misses = append(r.Misses, misses...)
}

// MeasureRecall scrubs every sample in every context: as a file, as a value of
// an answer and as a line of a log. Haystacks are measured as one more context.
func MeasureRecall(stock *Stock, scrubber *sanitize.Scrubber, samples []Sample, contexts []Context, haystacks []Haystack) *Recall {
	r := &Recall{counts: make(map[[2]string]Count)}
	for i, s := range samples {
		if i == 0 || samples[i-1].Rule.ID != s.Rule.ID {
			r.Rules = append(r.Rules, s.Rule.ID)
		}
	}
	for _, c := range contexts {
		r.Contexts = append(r.Contexts, c.Name)
	}
	var mu sync.Mutex
	parallel(len(samples), func(i int) {
		for _, c := range contexts {
			count, misses := measure(stock, scrubber, samples[i], c)
			mu.Lock()
			r.note(samples[i].Rule.ID, c.Name, count, misses)
			mu.Unlock()
		}
	})
	if len(haystacks) == 0 {
		return r
	}
	const name = "100 KB of code"
	r.Contexts = append(r.Contexts, name)
	parallel(len(haystacks), func(i int) {
		counts, misses := measureHaystack(stock, scrubber, haystacks[i], name)
		mu.Lock()
		defer mu.Unlock()
		for j, s := range haystacks[i].Samples {
			r.note(s.Rule.ID, name, counts[j], nil)
		}
		r.Misses = append(r.Misses, misses...)
	})
	return r
}

// parallel runs work for 0 to n-1, in as many goroutines as there are processors.
func parallel(n int, work func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// measure scrubs a sample in the first way of putting it into a context that
// gitleaks sees through, else in the most natural one.
func measure(stock *Stock, scrubber *sanitize.Scrubber, s Sample, c Context) (Count, []Miss) {
	count := Count{Texts: 1}
	texts := c.place(s)
	text := texts[0]
	for _, candidate := range texts {
		if finds(stock, s, candidate) {
			text, count.Stock = candidate, 1
			break
		}
	}
	var misses []Miss
	for _, via := range ways {
		out, visible := via.scrub(scrubber, text)
		if why := judge(stock, s, out, visible); why != "" {
			misses = append(misses, Miss{s.Rule.ID, c.Name, via.name, why, text, out, s.Secret, count.Stock == 1})
		}
	}
	switch {
	case len(misses) > 0 && count.Stock == 0:
		return count, nil // nor does gitleaks find it
	case len(misses) == 0 && count.Stock == 0:
		count.Beyond = 1
	case len(misses) == 0:
		count.Caught = 1
	}
	return count, misses
}

// finds reports whether gitleaks finds the sample's secret wherever it is.
func finds(stock *Stock, s Sample, text string) bool {
	found := 0
	for _, secret := range stock.Secrets(s.Rule, text) {
		if secret == s.Reported {
			found++
		}
	}
	return found > 0 && found >= strings.Count(text, s.Secret)
}

// judge says what is wrong with an output: that gitleaks finds something in it,
// or that it shows the secret; "" if nothing is.
func judge(stock *Stock, s Sample, out, visible string) string {
	if found := stock.Find(out, ""); len(found) > 0 {
		return fmt.Sprintf("gitleaks finds %s in the output", found[0].RuleID)
	}
	if s.Rule.Path != "" && len(stock.Secrets(s.Rule, out)) > 0 {
		return "gitleaks, given a path, finds it in the output"
	}
	if Shows(visible, s.Secret) {
		return "more than half of the secret is in the output"
	}
	return ""
}

// Shows reports whether more than half of a secret stands in text in one piece.
func Shows(text, secret string) bool {
	n := min(len(secret), max(minSecret, len(secret)/2+1))
	for i := 0; i+n <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+n]) {
			return true
		}
	}
	return false
}

// ways are the doors of the scrubber. Each returns what is emitted, and what of
// it is read.
var ways = []struct {
	name  string
	scrub func(s *sanitize.Scrubber, text string) (out, visible string)
}{
	{"Text", func(s *sanitize.Scrubber, text string) (string, string) {
		out, _ := s.Text(text, sanitize.TextOptions{})
		return out, out
	}},
	{"JSON", func(s *sanitize.Scrubber, text string) (string, string) {
		type record struct {
			Number int    `json:"number"`
			Title  string `json:"title"`
			Body   string `json:"body"`
		}
		out, _, err := s.JSON(record{7, "settings", text})
		if err != nil {
			return "", ""
		}
		var back record
		if err := json.Unmarshal(out, &back); err != nil {
			return string(out), text // no JSON: as bad as unscrubbed
		}
		return string(out), back.Body
	}},
	{"Line", func(s *sanitize.Scrubber, text string) (string, string) {
		out := s.Line(text)
		return out, out
	}},
}

func measureHaystack(stock *Stock, scrubber *sanitize.Scrubber, h Haystack, name string) ([]Count, []Miss) {
	path := ""
	if len(h.Samples) == 1 {
		path = h.Samples[0].Rule.Path
	}
	found := stock.Find(h.Text, path)
	out, _ := scrubber.Text(h.Text, sanitize.TextOptions{})
	var misses []Miss
	if left := stock.Find(out, path); len(left) > 0 {
		misses = append(misses, Miss{left[0].RuleID, name, "Text", "gitleaks finds it in the output", h.Text, left[0].Match, left[0].Secret, true})
	}
	counts := make([]Count, len(h.Samples))
	for i, s := range h.Samples {
		counts[i].Texts = 1
		for _, f := range found {
			if f.RuleID == s.Rule.ID && f.Secret == s.Reported {
				counts[i].Stock = 1
			}
		}
		shown := Shows(out, s.Secret)
		switch {
		case shown && counts[i].Stock == 1:
			misses = append(misses, Miss{s.Rule.ID, name, "Text", "more than half of the secret is in the output", s.Text, out, s.Secret, true})
		case !shown && counts[i].Stock == 0:
			counts[i].Beyond = 1
		case !shown:
			counts[i].Caught = 1
		}
	}
	return counts, misses
}
