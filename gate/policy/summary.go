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

// Summary returns the policy's summary. Sections that do not apply to who asks are
// not counted.
func (p *Policy) Summary() Summary {
	s := Summary{Source: p.base, SHA256: p.digest, ReadByDefault: true, Limits: p.Limits()}
	builtin := false
	for part := range p.parts {
		s.ReadByDefault = s.ReadByDefault && part.defaults[Read].says == allows
		s.PathRules += pathRules(&part.global)
		builtin = builtin || !part.builtinOff
		addressed := part.addressedOf(part.sections.all)
		s.Sections += len(addressed)
		for _, sec := range addressed {
			s.PathRules += pathRules(sec)
			switch sec.opinions[Read].says {
			case denies:
				s.ReadDenied++
			case allows:
				s.ReadAllowed++
			}
		}
	}
	if builtin {
		s.PathRules += pathRules(builtinPaths())
	}
	return s
}

func pathRules(sec *section) int {
	return len(sec.paths.allow.entries) + len(sec.paths.deny.entries)
}
