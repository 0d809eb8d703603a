package policy

import (
	"math/rand/v2"
	"testing"
)

// FuzzI7 holds policies that a seed makes to what is true of all: order never matters, a
// deny that is added permits nothing more, of two policies both have to permit, and what
// is explained is what is decided.
func FuzzI7(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed*seed)
	}
	f.Fuzz(func(t *testing.T, one, other uint64) {
		r := rand.New(rand.NewPCG(one, other))
		d := newDraft(r)
		first, second := d.yaml(r), d.yaml(r)
		d.stricter(r)
		stricter, beside := d.yaml(r), newDraft(r).yaml(r)
		p, shuffled, strict, own := parseDraft(t, first), parseDraft(t, second), parseDraft(t, stricter), parseDraft(t, beside)
		both := p.NarrowedBy(own)
		for range 20 {
			q := newQuery(r)
			decided := p.Decide(q)
			switch e := p.Explain(q); {
			case shuffled.Decide(q).Verdict() != decided.Verdict():
				t.Fatalf("%+v: order matters\n%s---\n%s", q, first, second)
			case strict.Decide(q).Allow && !decided.Allow:
				t.Fatalf("%+v: a deny permits\n%s---\n%s", q, first, stricter)
			case both.Decide(q).Allow != (decided.Allow && own.Decide(q).Allow):
				t.Fatalf("%+v: two policies are not both held\n%s---\n%s", q, first, beside)
			case both.Explain(q).Decision != both.Decide(q) || both.Decide(q).Allow != (len(both.Explain(q).Against) == 0):
				t.Fatalf("%+v is explained otherwise of two\n%s---\n%s", q, first, beside)
			case e.Decision != decided || decided.Allow != (len(e.Against) == 0):
				t.Fatalf("%+v is explained otherwise\n%s", q, first)
			}
		}
	})
}
