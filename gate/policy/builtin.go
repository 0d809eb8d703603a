package policy

import "sync"

const builtinName = "built-in"

// builtinSource reads everything the token reads and writes nothing. Files that
// hold credentials are kept back by [builtinPaths], under any policy.
const builtinSource = `version: 1
defaults: {read: allow, write: deny, automation: deny}
`

// builtinPatterns are files that hold credentials.
var builtinPatterns = []string{"**/.env*", "**/*.pem", "**/*.key", "**/id_*", "**/.netrc", "**/.git-credentials"}

// builtinPaths is a section that applies to every repository under every policy
// that does not say "builtin_paths: off". Its rule is named "built-in
// paths.deny", without a line.
var builtinPaths = sync.OnceValue(func() *section {
	sec := &section{index: -1, builtin: true}
	sec.paths.deny.present = true
	for _, pattern := range builtinPatterns {
		g, err := compilePath(pattern)
		if err != nil {
			panic(err)
		}
		sec.paths.deny.entries = append(sec.paths.deny.entries, entry{text: pattern, glob: g})
	}
	return sec
})

var builtin = sync.OnceValue(func() *Policy {
	p, _, err := Parse(builtinName, []byte(builtinSource))
	if err != nil {
		panic(err)
	}
	return p
})

// Builtin returns the policy that holds where no file is given.
func Builtin() *Policy { return builtin() }

// opened returns the built-in patterns that a policy opens and does not deny
// itself, everywhere and in the same words.
func (p *Policy) opened() (patterns []string) {
	if !p.builtinOff {
		return nil
	}
	denied := make(map[string]bool)
	for _, e := range p.global.paths.deny.entries {
		denied[e.text] = true
	}
	for _, pattern := range builtinPatterns {
		if !denied[pattern] {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
