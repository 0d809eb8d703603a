package policy

import "sync"

const builtinName = "built-in"

// builtinSource reads everything the token reads except files that hold
// credentials, and writes nothing.
const builtinSource = `version: 1
defaults: {read: allow, write: deny, automation: deny}
paths:
  deny:
    - "**/.env*"
    - "**/*.pem"
    - "**/*.key"
    - "**/id_*"
    - "**/.netrc"
    - "**/.git-credentials"
`

var builtin = sync.OnceValue(func() *Policy {
	p, _, err := Parse(builtinName, []byte(builtinSource))
	if err != nil {
		panic(err)
	}
	return p
})

// Builtin returns the policy that holds where no file is given. Its rules are
// named "built-in paths.deny", without a line.
func Builtin() *Policy { return builtin() }

// BuiltinSource returns the built-in policy as YAML, to begin a file with.
func BuiltinSource() string { return builtinSource }
