package forge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
)

// unreachable makes an Error of what kept a request from being answered. The
// reason is one of ours: the standard library's texts quote addresses of
// proxies, bytes of answers and certificates.
func (f *Forge) unreachable(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return &Error{Kind: Unreachable, Message: "Gitea at " + f.base.Host + " can't be reached: " + reasonOf(err) + "."}
}

func reasonOf(err error) string {
	var (
		dns       *net.DNSError
		operation *net.OpError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		unchecked *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		network   net.Error
	)
	viaProxy := errors.As(err, &operation) && (operation.Op == "proxyconnect" || operation.Op == "socks connect")
	switch {
	case viaProxy:
		return "the proxy (HTTP_PROXY, HTTPS_PROXY) does not answer"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "its host name is unknown"
	case errors.As(err, &dns):
		return "its host name can't be looked up"
	case errors.As(err, &authority):
		return "its certificate is signed by an unknown authority; name the authority's certificate with --ca-file (GITEA_CA_FILE)"
	case errors.As(err, &hostname):
		return "its certificate is for another host name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet"
	case errors.As(err, &invalid), errors.As(err, &unchecked):
		return "its certificate is not valid; if your organisation signs its own, name the authority's with --ca-file (GITEA_CA_FILE)"
	case errors.As(err, &record):
		return "it does not speak TLS; is GITEA_URL (--gitea-url) to begin with http://?"
	case errors.As(err, &alert):
		return "TLS could not be agreed on"
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		return "the connection was refused"
	case isErrno(err, syscall.ECONNRESET, 10054), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	case isErrno(err, syscall.ENETUNREACH, 10051), isErrno(err, syscall.EHOSTUNREACH, 10065):
		return "there is no route to it"
	case errors.As(err, &network) && network.Timeout():
		return "connecting took too long"
	}
	return "the connection failed, or what came back is not HTTP"
}

// isErrno reports whether err is a system error, which Windows numbers another
// way than it names.
func isErrno(err error, unix syscall.Errno, windows syscall.Errno) bool {
	return errors.Is(err, unix) || (runtime.GOOS == "windows" && errors.Is(err, windows))
}
