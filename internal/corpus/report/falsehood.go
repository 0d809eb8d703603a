package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"aegis/internal/corpus"
)

// falsehood prints what is cut from ordinary text.
func (r *reporter) falsehood() error {
	files, err := corpus.Ordinary()
	if err != nil {
		return err
	}
	logs, err := corpus.Logs(r.root)
	if err != nil {
		return err
	}
	r.printf("\n### False redactions\n\n")
	r.ordinary("modules that go.mod requires", append(files, logs...), 4)
	files, err = corpus.Gitea(r.root)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		r.printf("\nGitea's module is not on this machine.\n")
	} else {
		r.ordinary("Gitea", files, 0)
	}
	files, err = corpus.Tracked(r.root)
	if err != nil {
		return err
	}
	r.own(files)
	r.readable()
	return nil
}

func (r *reporter) ordinary(what string, files []corpus.File, every int) {
	f := corpus.MeasureFalse(r.stock, r.scrubber, files, every)
	r.printf("\n%s:\n\n", what)
	r.head("text", "files", "MB", "redactions", "gitleaks too", "redactions/MB", "ours alone/MB", "files withheld")
	var sum corpus.Tally
	slices.SortFunc(f.Tallies, func(a, b corpus.Tally) int { return cmp.Compare(a.Kind, b.Kind) })
	for _, t := range f.Tallies {
		r.tally(t.Kind, t)
		sum.Files += t.Files
		sum.Bytes += t.Bytes
		sum.Cuts += t.Cuts
		sum.Stock += t.Stock
		sum.Withheld += t.Withheld
	}
	r.tally("**all**", sum)
	r.printf("\n")
	r.rules(f.Cuts)
	for _, name := range f.Overlooked {
		r.printf("\ngitleaks finds something in what we left of %s\n", name)
	}
}

func (r *reporter) tally(name string, t corpus.Tally) {
	mb := float64(t.Bytes) / 1e6
	r.row(name, t.Files, fixed(mb), t.Cuts, t.Stock, fixed(float64(t.Cuts)/mb), fixed(float64(t.Cuts-t.Stock)/mb), t.Withheld)
}

// rules prints, by rule, how many lines it cut and some of them.
func (r *reporter) rules(cuts []corpus.Cut) {
	byRule := make(map[string][]corpus.Cut)
	for _, c := range cuts {
		byRule[c.Rule] = append(byRule[c.Rule], c)
	}
	ids := slices.SortedFunc(maps.Keys(byRule), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byRule[b]), len(byRule[a])), cmp.Compare(a, b))
	})
	for _, id := range ids[:min(len(ids), 15)] {
		all := byRule[id]
		stock := 0
		for _, c := range all {
			if c.Stock {
				stock++
			}
		}
		r.printf("- %s: %d lines, %d where gitleaks says so too\n", id, len(all), stock)
		for i := 0; i < len(all); i += max(1, (len(all)+2)/3) {
			r.printf("  - `%s` (%s:%d)\n", all[i].Shown, all[i].File, all[i].Line)
		}
		for i, c := range all { // the ones that nobody else asks for, also those between
			if !c.Stock && i < 200 {
				r.printf("  - ours alone: `%s` (%s:%d)\n", c.Shown, c.File, c.Line)
			}
		}
	}
}

// own prints every redaction in this repository's own files.
func (r *reporter) own(files []corpus.File) {
	f := corpus.MeasureFalse(r.stock, r.scrubber, files, 1)
	r.printf("\nThis repository's own %d files: %d lines are cut.\n\n", len(files), len(f.Cuts))
	for _, c := range f.Cuts {
		r.printf("- %s:%d %s: `%s`\n", c.File, c.Line, c.Rule, c.Shown)
	}
}

func (r *reporter) readable() {
	const n = 300
	cut, stock := corpus.MeasureReadable(r.stock, r.scrubber, n, r.seed)
	r.printf("\nIds and checksums, %d of each form:\n\n", n)
	r.head("form", "cut", "gitleaks cuts")
	for _, f := range corpus.Forms() {
		r.row("`"+f.Name+"`", cut[f.Name], stock[f.Name])
	}
}

func fixed(f float64) string { return fmt.Sprintf("%.2f", f) }
