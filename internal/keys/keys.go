// Package keys keeps who may come over HTTP: one file of keys and of what each may do.
//
// The file holds the SHA-256 of each key and never a key, so that reading it lets
// nobody in. Of a key it says until when it counts, from where it may come, with which
// access token it goes to Gitea, what it may write and which policy narrows it. The
// file is read strictly: what is unknown, said twice or malformed is an error, because
// a slip would let somebody in, or let them do more.
//
// [Edit] changes the file as a whole, so that no reader ever finds half of it. A
// [Store] is the file in force: what is taken out of it, or has expired, counts at the
// next look. The package decides nothing but whether a key is known and in force.
package keys

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"aegis/internal/canon"
)

const (
	// Most bounds the keys of a file, maxFile its bytes.
	Most    = 1000
	maxFile = 1 << 20
	// mostSecrets bounds what one key is known by: what it was rotated to and from.
	mostSecrets = 4
	// maxToken bounds the file of an access token, in bytes.
	maxToken = 4 << 10
)

// Hash is the SHA-256 of a key.
type Hash [sha256.Size]byte

// Key is a caller and what it may do. It holds no key.
type Key struct {
	// Name is what people call it, and the principal that policy and the audit log
	// know.
	Name    string
	Secrets []Secret // at least one
	Created time.Time
	Expires time.Time      // the zero time for never
	From    []netip.Prefix // where it may come from; none: from everywhere

	// TokenFile holds its access token for Gitea. Shared says that it goes with the
	// server's instead. With neither it is nobody at Gitea.
	TokenFile string
	Shared    bool

	// Writes are the repositories that it may write to, of those that the server may.
	// WritesAll says that these are all of them, as for keys of MCP_API_KEYS.
	Writes    []canon.Repo
	WritesAll bool

	Policy string // a file that narrows the server's, "" for none

	token     string // of TokenFile
	presented Hash   // by which [Store.Verify] knew it
}

// Secret is what a key is known by: the hash of what is presented, and until when it
// counts; the zero time is for as long as the key does.
type Secret struct {
	Hash  Hash
	Until time.Time
}

// ID names the caller for good: a key of the same name that is rotated, or taken away
// and added again, is the same one, and sheds nothing that is remembered of it.
func (k *Key) ID() string { return "key:" + k.Name }

// Token is the key's own access token for Gitea, "" if it has none.
func (k *Key) Token() string { return k.token }

// Presented is the hash of what was presented to [Store.Verify].
func (k *Key) Presented() Hash { return k.presented }

// String names the key alone.
func (k *Key) String() string { return "keys.Key{" + k.Name + "}" }

// GoString is String.
func (k *Key) GoString() string { return k.String() }

// InForce reports whether the key counts at a time.
func (k *Key) InForce(now time.Time) bool {
	return !over(k.Expires, now) && slices.ContainsFunc(k.Secrets, func(s Secret) bool { return !over(s.Until, now) })
}

// MayComeFrom reports whether the key may be used from an address.
func (k *Key) MayComeFrom(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return len(k.From) == 0 || slices.ContainsFunc(k.From, func(p netip.Prefix) bool { return p.Contains(address) })
}

func over(end, now time.Time) bool { return !end.IsZero() && !now.Before(end) }

// hasName reports whether text can be a key's name: 1 to 64 of a-z, 0-9, '.', '_' and
// '-', of which the first is a letter or a digit.
func hasName(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
		case i > 0 && (b == '.' || b == '_' || b == '-'):
		default:
			return false
		}
	}
	return text != "" && len(text) <= 64
}
