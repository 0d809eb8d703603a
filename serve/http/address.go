package http

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// whence is from where a request came.
type whence struct {
	at   netip.Addr
	sure bool // nobody tells of another address who can't be believed, or understood
}

// cameFrom returns the address that a request came from: the peer's, or what proxies
// that are trusted say of it. Each writes down from whom it has a request, behind what it
// was told, so the header is read from its end, for as long as whoever wrote is trusted.
func (s *Server) cameFrom(r *http.Request) whence {
	told := r.Header.Values(forwardedFor)
	from := behind(addressOf(r.RemoteAddr), s.config.Proxies, told)
	if len(told) == 0 {
		from.sure = len(r.Header.Values("Forwarded"))+len(r.Header.Values("X-Real-Ip")) == 0
	}
	return from
}

// forwardedFor is where proxies write it down.
const forwardedFor = "X-Forwarded-For"

// behind is the last address that no trusted proxy has. What can't be read is nobody's
// word: the peer counts then.
func behind(peer netip.Addr, proxies []netip.Prefix, forwarded []string) whence {
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	if !trusted(peer) || len(forwarded) == 0 {
		return whence{peer, len(forwarded) == 0}
	}
	at := peer
	entries := strings.Split(strings.Join(forwarded, ","), ",")
	for _, entry := range slices.Backward(entries) {
		if at = addressOf(strings.TrimSpace(entry)); !at.IsValid() {
			return whence{peer, false}
		}
		if !trusted(at) {
			break
		}
	}
	return whence{at, true}
}

// addressOf reads an address, with or without a port. An IPv4 address is one in whatever
// form it is written, and a zone says nothing to others.
func addressOf(text string) netip.Addr {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap().WithZone("")
	}
	if host, ok := strings.CutPrefix(text, "["); ok {
		text = strings.TrimSuffix(host, "]")
	}
	at, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return at.Unmap().WithZone("")
}

// networkOf is what counts as one address: of IPv6 whoever has one has 2^64.
func networkOf(at netip.Addr) netip.Prefix {
	bits := at.BitLen()
	if at.Is6() {
		bits = 64
	}
	network, _ := at.Prefix(bits)
	return network
}

// nameOf names a network in the log.
func nameOf(network netip.Prefix) string {
	if network.IsSingleIP() {
		return network.Addr().String()
	}
	return network.String()
}

// addressed refuses a request that was sent to another name than the server's, or by a
// page of another site: somebody's browser may have been talked into it.
func (s *Server) addressed(r *http.Request) *refusal {
	if !s.isOurs(r) {
		return wrongHost
	}
	any := *r
	any.Method = http.MethodPost // a GET opens a stream, which is as much as anything
	if s.crossing.Check(&any) != nil {
		return wrongOrigin
	}
	return nil
}

// isOurs reports whether a request's host is a name of the server's: one that was
// configured, the very address that it came to, or over loopback one of its names. A page
// that had its own name lead here can have none of these.
func (s *Server) isOurs(r *http.Request) bool {
	host := strings.ToLower(strings.TrimSuffix(hostOf(r.Host), "."))
	if slices.Contains(s.config.Hosts, host) {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return false
	}
	at := addressOf(local.String())
	if host == "localhost" {
		return at.IsLoopback()
	}
	named := addressOf(host)
	return named.IsValid() && (named == at || named.IsLoopback() && at.IsLoopback())
}

// hostOf drops the port.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
