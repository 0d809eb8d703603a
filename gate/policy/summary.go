package policy

// Summary is what a caller may be told of a policy without having asked for anything.
// It says how much there is, and no name and no pattern of what is hidden.
type Summary struct {
	Source        string // the file's name without its folder, or "built-in"
	SHA256        string // in hex
	ReadByDefault bool   // whether a repository that no section is about may be read
	Sections      int    // about repositories
	ReadDenied    int    // of those, how many deny reading
	ReadAllowed   int    // and how many allow it
	PathRules     int    // patterns that say which paths are shown
	Limits        Limits
}

// Summary returns the policy's summary.
func (p *Policy) Summary() Summary {
	s := Summary{
		Source: p.base, SHA256: p.digest, ReadByDefault: p.defaults[Read].says == allows,
		Sections: len(p.sections.all), PathRules: pathRules(&p.global), Limits: p.limits,
	}
	if !p.builtinOff {
		s.PathRules += pathRules(builtinPaths())
	}
	for _, sec := range p.sections.all {
		s.PathRules += pathRules(sec)
		switch sec.opinions[Read].says {
		case denies:
			s.ReadDenied++
		case allows:
			s.ReadAllowed++
		}
	}
	return s
}

func pathRules(sec *section) int {
	return len(sec.paths.allow.entries) + len(sec.paths.deny.entries)
}
