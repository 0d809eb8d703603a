// Package sampleforge serves a small forge from recorded data, in the shapes
// of a real Gitea 1.26, so that Aegis can be tried without one.
//
// What goes in is a folder of JSON files that were recorded from Gitea (see
// data.go for their layout); what comes out is an HTTP server on loopback
// that answers what Aegis asks: repositories, files at any of their commits,
// commits, trees, branches, tags, issues, users. Lists are paged and filtered
// as Gitea does it, within what is recorded; a renamed repository answers a
// redirect; what is not there answers Gitea's 404. It demands [Forge.Token],
// takes only GET and HEAD, and keeps no state: nothing can be changed.
package sampleforge

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"time"
)

// token is what a request must bring. It opens nothing but this server; in
// halves, so that no scanner takes it for a leak.
const token = "5a3b1e00d3e0" + "ac7e00f0000005a3b1e0feed0000"

// key is the access key that one of the sample files holds, made up and in
// halves for the same reason. The data have keyPlace where it belongs.
const (
	key      = "AKIA" + "Q3EGWTZ7V2KXN5BD"
	keyPlace = "@@the-planted-key-@@"
)

// Forge is a running sample forge.
type Forge struct {
	url    string
	data   *data
	server *http.Server
	done   chan struct{} // closed once server has ended
}

// Start loads data and serves it on a free port of 127.0.0.1 until Close. It
// answers when Start returns. An error is about the data or about listening.
func Start(files fs.FS) (*Forge, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &Forge{url: "http://" + listener.Addr().String(), done: make(chan struct{})}
	if f.data, err = load(files, f.url); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	f.server = &http.Server{
		Handler:           f.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	go func() {
		defer close(f.done)
		_ = f.server.Serve(listener) // always ErrServerClosed in the end
	}()
	return f, nil
}

// URL is the forge's base address, http://127.0.0.1:port.
func (f *Forge) URL() string { return f.url }

// Token is the access token that the forge demands, the same in every run. Its
// user may read every sample repository.
func (f *Forge) Token() string { return token }

// DemoToken is [Forge.Token], for those who check that it is never seen.
func DemoToken() string { return token }

// PlantedKey is an access key that config/deploy.env of acme/service holds. It
// is made up, and must never be seen in an answer of Aegis.
func PlantedKey() string { return key }

// Close stops the server; requests under way get a second to finish.
func (f *Forge) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := f.server.Shutdown(ctx)
	if err != nil {
		err = f.server.Close()
	}
	<-f.done
	return err
}
