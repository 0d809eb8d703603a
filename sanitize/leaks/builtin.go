package leaks

//go:generate go test -run TestOutlinesAreThoseOfTheRules . -write

// builtIn returns the definitions of all rules that are always there: gitleaks'
// as they are; gitleaks' once more with an ending of ours, for a secret ends
// where its alphabet ends, whatever follows; and rules of our own.
func builtIn() []definition {
	all := make([]definition, 0, 2*len(table)+len(ownTable))
	all = append(all, table[:]...)
	for _, d := range table {
		if d.wide != "" {
			d.pattern, d.ours = d.wide, true
			all = append(all, d)
		}
	}
	for _, d := range ownTable {
		d.ours = true
		all = append(all, d)
	}
	for i := range min(len(all), len(outlines)) { // fewer if rules were added and nothing was generated
		all[i].outline = &outlines[i]
	}
	return all
}
