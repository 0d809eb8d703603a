package forge

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Way is one caller's way to a [Forge]: as whom it asks, and what it may write to.
// It is safe for concurrent use.
type Way struct {
	forge      *Forge
	credential string
	writable   []canon.Repo
}

// For makes a caller's way. It is cheap and contacts nobody.
//
// The credential is an access token, "" for none: printable ASCII, at most 4,096
// bytes. The writable are the repositories that the caller may write to at all.
// Without one nothing but GET and HEAD leaves: there are to be none unless write
// mode is on. Errors never quote the credential.
func (f *Forge) For(credential string, writable []canon.Repo) (*Way, error) {
	if err := checkToken(credential); err != nil {
		return nil, err
	}
	return &Way{forge: f, credential: credential, writable: slices.Clone(writable)}, nil
}

// Anonymous reports whether there is no credential: Gitea shows what is public.
func (w *Way) Anonymous() bool { return w.credential == "" }

// String names the address alone: a Way holds the credential.
func (w Way) String() string { return "forge.Way{" + w.forge.base.String() + "}" }

// GoString is String.
func (w Way) GoString() string { return w.String() }

// Client makes a client for the one call that g and ctx belong to. It is cheap
// and sends nothing. It is to be closed when its answers are of no use any more.
// When ctx ends, everything that the client still does ends with it, and nothing
// more is sent.
func (w *Way) Client(ctx context.Context, g Grant) *Client {
	t := newTransport(ctx, w, g)
	httpClient := &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{&Reader{ctx: ctx, http: httpClient, transport: t, ahead: new(ahead)}}
}

func checkToken(token string) error {
	const setting = "GITEA_TOKEN (or the file named by GITEA_TOKEN_FILE): "
	switch {
	case strings.HasPrefix(token, "${"):
		return errors.New(setting + "the value is a placeholder that was not filled in; set the variable or leave it out")
	case len(token) > 4096:
		return errors.New(setting + "the token is longer than 4096 bytes")
	case strings.ContainsAny(token, " \t\r\n"):
		return errors.New(setting + "the token contains white space; give the token alone, on one line")
	case !isPrintable(token):
		return errors.New(setting + "the token contains characters that no token has; copy it again")
	}
	return nil
}
