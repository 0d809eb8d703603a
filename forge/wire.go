package forge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"aegis/internal/metrics"
	"aegis/internal/operatorfile"
)

// Bounds on connecting. How long an answer may take is the call's to say.
const (
	dialTimeout    = 10 * time.Second
	tlsTimeout     = 10 * time.Second
	idleTimeout    = 30 * time.Second
	maxIdle        = 192      // connections that are kept: 64 calls at once, each with three requests at once
	maxHeaderBytes = 64 << 10 // of an answer, interim ones (1xx) included
	maxCAFile      = 4 << 20
)

// newWire makes the connection pool shared by all clients of a Forge. Proxies
// are taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
func newWire(caFile string) (*http.Transport, error) {
	roots, err := loadRoots(caFile)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                  proxyOf,
		OnProxyConnectResponse: proxyAnswered,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tlsTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		ForceAttemptHTTP2:      true,
	}, nil
}

// send sends a request over the wire, and has it counted.
func (f *Forge) send(out *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := f.wire.RoundTrip(out)
	status := metrics.NoAnswer
	switch {
	case err == nil:
		status = resp.StatusCode
		f.signs.note(resp, time.Now())
	case errors.Is(out.Context().Err(), context.Canceled):
		status = metrics.GivenUp
	}
	f.observer.GiteaAnswered(out.Method, status, time.Since(began))
	return resp, err
}

// loadRoots reads certificate authorities from a PEM file; nil means the
// system's.
func loadRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	const setting = "--ca-file (GITEA_CA_FILE) "
	read, err := operatorfile.Read(file, maxCAFile)
	if err != nil {
		return nil, fmt.Errorf(setting+"can't be read: %s: %w", file, err)
	}
	content, err := operatorfile.Decode(read.Raw)
	if err != nil {
		return nil, fmt.Errorf(setting+"is not read: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(content)) {
		return nil, errors.New(setting + "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
	}
	return roots, nil
}

// proxyOf is http.ProxyFromEnvironment with errors of ours. It ignores a
// variable that is no address.
func proxyOf(req *http.Request) (*url.URL, error) {
	proxy, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, &Error{Kind: Unreachable, Message: "HTTP_PROXY is not used where REQUEST_METHOD is set, as it is for CGI programs."}
	}
	return proxy, nil
}

// proxyAnswered turns a proxy's refusal to connect into an error of ours; it
// would be the proxy's own words otherwise.
func proxyAnswered(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &Error{Kind: Unreachable, Message: "The proxy (HTTPS_PROXY) wants credentials."}
	}
	return &Error{Kind: Unreachable, Message: "The proxy (HTTPS_PROXY) does not connect to Gitea."}
}
