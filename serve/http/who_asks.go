package http

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/auth"
)

// asksKey is the context's key of what is known of who asks: a [*auth.TokenInfo].
type asksKey struct{}

// withWhoAsks lets the library hand on what is known of who asks, in the one place that a
// handler finds and no client can write to. The library fills it by a key only. So each
// request comes here with a word in the place of one: its key was verified before.
func withWhoAsks(library http.Handler) http.Handler {
	known := func(ctx context.Context, _ string, _ *http.Request) (*auth.TokenInfo, error) {
		asks, _ := ctx.Value(asksKey{}).(*auth.TokenInfo)
		return asks, nil // nil is an error there
	}
	return auth.RequireBearerToken(known, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})(library)
}
