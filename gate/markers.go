package gate

import (
	"regexp"
	"sync"
)

// Marker matches what stands for a secret, and what looks like it, in a line. It is
// no text of what it stands in: a word that is found in it would tell of the secret in
// its place.
var Marker = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[redacted:[^\]\n]*\]|\[withheld[^\]\n]*\]`) })
