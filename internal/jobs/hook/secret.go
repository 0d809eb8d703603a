package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"

	"aegis/internal/canon"
)

// Secret is what the webhooks of a repository, or of all repositories of an owner, are
// signed with. It shows itself in no format.
type Secret struct {
	covers Covers
	value  []byte
}

// Covers is what a secret counts for: one repository, or all of an owner.
type Covers struct {
	owner canon.Owner
	repo  canon.Repo // the zero Repo for all of the owner
}

const (
	// MostSecrets bounds what a body is held against: each takes a look at all of it.
	MostSecrets = 64
	leastSecret = 16 // bytes
)

// ParseCovers reads "owner/name", or "owner/*" for all repositories of an owner.
func ParseCovers(text string) (Covers, error) {
	owner, name, _ := strings.Cut(text, "/")
	if name == "*" {
		o, err := canon.ParseOwner(owner)
		return Covers{owner: o}, err
	}
	repo, err := canon.ParseFullName(text)
	if err != nil {
		return Covers{}, err
	}
	o, err := canon.ParseOwner(repo.Owner())
	return Covers{o, repo}, err
}

// String is what [ParseCovers] reads.
func (c Covers) String() string {
	if c.repo.IsZero() {
		return c.owner.String() + "/*"
	}
	return c.repo.String()
}

// NewSecret makes a secret. One that is short can be guessed, and is an error. What is
// returned then signs nothing, and still stands for what it covers.
func NewSecret(covers Covers, value string) (Secret, error) {
	if covers == (Covers{}) {
		return Secret{}, fmt.Errorf("a secret counts for a repository or an owner")
	}
	if len(value) < leastSecret {
		return Secret{covers: covers}, fmt.Errorf("the secret has fewer than %d characters; a good one is made by: openssl rand -hex 32", leastSecret)
	}
	return Secret{covers, []byte(value)}, nil
}

// String says what the secret counts for.
func (s Secret) String() string { return "hook.Secret{" + s.covers.String() + "}" }

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Secrets are all that a body may be signed with.
type Secrets []Secret

// signers are the secrets that a body is signed with. How long that takes depends on how
// many secrets there are, and not on which is right.
func (all Secrets) signers(body, signature []byte) (found Secrets) {
	for _, s := range all {
		if s.value == nil {
			continue
		}
		mac := hmac.New(sha256.New, s.value)
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), signature) {
			found = append(found, s)
		}
	}
	return found
}

// countsFor reports whether one of some signers may speak for a repository: its own
// secret, or the owner's if it has none of its own. One of its own that signs nothing is
// one, so that whoever spoils a secret file does not hand the repository to the owner's.
func (all Secrets) countsFor(repo canon.Repo, signers Secrets) bool {
	own := false
	for _, s := range all {
		own = own || s.covers.repo == repo
	}
	for _, s := range signers {
		if own && s.covers.repo == repo || !own && s.covers.repo.IsZero() && s.covers.owner.String() == repo.Owner() {
			return true
		}
	}
	return false
}
