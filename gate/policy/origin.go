package policy

import "errors"

// Origin is a file that a policy was put together from.
type Origin struct {
	Source string `json:"policy"` // as it was loaded by, or "built-in"
	SHA256 string `json:"sha256"`
	Floor  bool   `json:"floor,omitempty"` // it is one that narrows every other
}

// Origins returns the files that a policy was put together from: its own first, then
// those that it is narrowed by.
func (p *Policy) Origins() (all []Origin) {
	for part := range p.parts {
		all = append(all, Origin{part.source, part.digest, part.floor})
	}
	return all
}

// word is what an origin is in a line of text.
func (o Origin) word() string {
	if o.Floor {
		return "floor"
	}
	return "policy"
}

// floorPrefix is what a floor's rules are told from those of another file of the same
// name by.
const floorPrefix = "floor "

// LoadFloor reads a policy file as [Load] does, to be tried as a floor. Who may change the
// file is not judged as it is of a machine's floor.
func LoadFloor(file string) (*Policy, []Warning, error) {
	return asFloor(Load(file))
}

// asFloor names a floor's rules, and what is wrong with it, after it.
func asFloor(p *Policy, warnings []Warning, err error) (*Policy, []Warning, error) {
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		for _, each := range invalid.Problems {
			each.File = floorPrefix + each.File
		}
	}
	for i := range warnings {
		warnings[i].File = floorPrefix + warnings[i].File
	}
	if err != nil {
		return p, warnings, err
	}
	p.base, p.floor = floorPrefix+p.base, true
	if p.sections.personal {
		warnings = append(warnings, Warning{Problem{File: p.base, Message: "sections for some principals bind nobody who gives the names: " +
			"whoever runs a server names its keys, and whoever writes jobs names them; what is to bind everybody goes into sections for everybody"}})
	}
	return p, warnings, nil
}
