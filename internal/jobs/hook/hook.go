// Package hook judges what is delivered as a webhook of Gitea's, and takes out of it what a
// job may know.
//
// A delivery counts if its bytes are signed with the secret of the repository that they
// are about. Nothing is parsed before. Of what is signed a few values are kept, in canonical form: no
// title, no body, no branch that a stranger named. The headers are not signed, so none
// of them says what has happened; they must agree with it.
//
// A delivery that Gitea dates is refused when it is old. One that came before is known by its
// signature: that is for whoever stores deliveries.
package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// MaxBody bounds a delivery, in bytes.
	MaxBody = 1 << 20
	// MaxAge is how old an event may be that Gitea dates, MaxAhead how far its clock may
	// be ahead of ours.
	MaxAge   = time.Hour
	MaxAhead = 5 * time.Minute
)

// Signature is what a delivery is known by: the HMAC of its bytes.
type Signature [sha256.Size]byte

// Delivery is one that counts.
type Delivery struct {
	ID        string // Gitea's, for people to find it by; it is not signed
	Signature Signature
	Event     Event
}

// Refusal is why a delivery does not count. Status is what HTTP answers, and Code what
// is recorded. Whoever sends is told nothing but the status.
type Refusal struct {
	Status int
	Code   string
}

func (r *Refusal) Error() string { return r.Code }

// The reasons for which a delivery does not count.
var (
	ErrMethod      = &Refusal{http.StatusMethodNotAllowed, "method"}
	ErrContentType = &Refusal{http.StatusUnsupportedMediaType, "content_type"}
	ErrTooLarge    = &Refusal{http.StatusRequestEntityTooLarge, "too_large"}
	ErrUnreadable  = &Refusal{http.StatusBadRequest, "unreadable"}
	ErrSignature   = &Refusal{http.StatusUnauthorized, "signature"}  // none, malformed, or of no secret
	ErrRepository  = &Refusal{http.StatusUnauthorized, "repository"} // signed with another repository's secret
	ErrMalformed   = &Refusal{http.StatusBadRequest, "malformed"}    // signed, and not what Gitea sends
	ErrHeaders     = &Refusal{http.StatusBadRequest, "headers"}      // they say another thing than the body
	ErrOld         = &Refusal{http.StatusBadRequest, "old"}
	ErrFuture      = &Refusal{http.StatusBadRequest, "future"}
	// ErrUnsupported is of what no job can wait for. Gitea is told that all is well.
	ErrUnsupported = &Refusal{http.StatusNoContent, "unsupported"}
)

// Receive reads a delivery and judges it. Its error is a [*Refusal].
func Receive(secrets Secrets, method string, header http.Header, body io.Reader, now time.Time) (Delivery, error) {
	if method != http.MethodPost {
		return Delivery{}, ErrMethod
	}
	if !isJSON(header) {
		return Delivery{}, ErrContentType
	}
	signature, ok := signatureOf(header)
	if !ok || len(secrets) == 0 {
		return Delivery{}, ErrSignature
	}
	raw, err := io.ReadAll(io.LimitReader(body, MaxBody+1))
	switch {
	case err != nil:
		return Delivery{}, ErrUnreadable
	case len(raw) > MaxBody:
		return Delivery{}, ErrTooLarge
	}
	signers := secrets.signers(raw, signature[:])
	if len(signers) == 0 {
		return Delivery{}, ErrSignature
	}
	event, names, err := extract(raw)
	switch {
	case errors.Is(err, errUnsupported):
		return Delivery{}, ErrUnsupported
	case err != nil:
		return Delivery{}, ErrMalformed
	case !secrets.countsFor(event.Repository, signers):
		return Delivery{}, ErrRepository
	}
	id, ok := delivery(header)
	if called, one := only(header, "X-Gitea-Event"); !ok || !one || !slices.Contains(names, called) {
		return Delivery{}, ErrHeaders
	}
	switch age := now.Sub(event.At); {
	case event.At.IsZero():
	case age > MaxAge:
		return Delivery{}, ErrOld
	case age < -MaxAhead:
		return Delivery{}, ErrFuture
	}
	return Delivery{id, signature, event}, nil
}

// only returns the value of a header that is there once.
func only(header http.Header, name string) (string, bool) {
	values := header.Values(name)
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

func isJSON(header http.Header) bool {
	given, ok := only(header, "Content-Type")
	if !ok || len(header.Values("Content-Encoding")) > 0 {
		return false
	}
	kind, parameters, err := mime.ParseMediaType(given)
	charset, more := parameters["charset"], len(parameters)
	return err == nil && kind == "application/json" && (more == 0 || more == 1 && strings.EqualFold(charset, "utf-8"))
}

// signatureOf reads 64 hex digits in lower case, as Gitea writes them.
func signatureOf(header http.Header) (s Signature, ok bool) {
	text, ok := only(header, "X-Gitea-Signature")
	if !ok || len(text) != hex.EncodedLen(len(s)) || strings.Trim(text, "0123456789abcdef") != "" {
		return s, false
	}
	_, err := hex.Decode(s[:], []byte(text))
	return s, err == nil
}

// delivery reads Gitea's id of a delivery, a UUID.
func delivery(header http.Header) (string, bool) {
	id, ok := only(header, "X-Gitea-Delivery")
	if !ok || len(id) != 36 || strings.Trim(id, "0123456789abcdef-") != "" || strings.Count(id, "-") != 4 {
		return "", false
	}
	return id, true
}
