package leaks

// builtIn returns the definitions of all rules that are always there: gitleaks'
// as they are; gitleaks' once more with an ending of ours, for a secret ends
// where its alphabet ends, whatever follows; and rules of our own.
func builtIn() []definition {
	all := append([]definition(nil), table[:]...)
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
	return all
}
