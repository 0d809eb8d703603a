package forge

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL bounds a base address, in bytes.
const maxURL = 2048

// ParseURL makes the base address of a Gitea from what an operator configured:
// https://host[:port][/sub-path], host and scheme in lower case, without a
// trailing slash. Plain http is accepted to a loopback address (localhost,
// 127.0.0.0/8, ::1), or anywhere if insecureHTTP. Credentials, a query, a
// fragment and an unset ${PLACEHOLDER} are refused. Errors say what to change
// and don't quote raw, which may hold a password.
func ParseURL(raw string, insecureHTTP bool) (*url.URL, error) {
	if strings.Contains(raw, "${") {
		return nil, badURL("is a placeholder that was not filled in; set the variable it names")
	}
	if raw == "" || len(raw) > maxURL {
		return nil, badURL("must be the address of a Gitea, like https://gitea.example.com")
	}
	if !isPrintable(raw) || strings.ContainsAny(raw, " \\") {
		return nil, badURL("contains white space, a backslash or characters outside ASCII; write an international host name as xn--…")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, badURL("is not a URL; it should look like https://gitea.example.com")
	}
	if u.User != nil || strings.Contains(u.Host, "@") {
		return nil, badURL("must not contain credentials; put the token into GITEA_TOKEN or GITEA_TOKEN_FILE")
	}
	if strings.ContainsAny(raw, "?#") {
		return nil, badURL("must not have a query or a fragment; leave off everything from the '?' or '#' on")
	}
	if u.Opaque != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, badURL("must begin with https://")
	}
	if err := checkHost(u); err != nil {
		return nil, err
	}
	if u.Scheme == "http" && !insecureHTTP && !isLoopback(u.Hostname()) {
		return nil, badURL("would send the token unencrypted; use https://, or accept that with --insecure-http")
	}
	path := strings.TrimSuffix(u.Path, "/")
	if err := checkSubPath(path, u.RawPath); err != nil {
		return nil, err
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: path}, nil
}

func badURL(problem string) error {
	return errors.New("--gitea-url (GITEA_URL, GITEA_HOST) " + problem)
}

// checkHost accepts DNS names, IPv4 addresses and IPv6 addresses in brackets,
// with or without a port.
func checkHost(u *url.URL) error {
	host, port := u.Hostname(), u.Port()
	if host == "" {
		return badURL("has no host name; it should look like https://gitea.example.com")
	}
	if strings.HasSuffix(u.Host, ":") {
		return badURL("has a ':' without a port")
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return badURL("has a port that is not between 1 and 65535")
		}
	}
	if strings.HasPrefix(u.Host, "[") {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() || ip.Zone() != "" {
			return badURL("has something in brackets that is not an IPv6 address")
		}
		return nil
	}
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return badURL("has a host name with characters that no host name has")
		}
	}
	return nil
}

// isLoopback reports whether host can only be this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// checkSubPath accepts plain segments only, so that the path has one spelling.
func checkSubPath(path, raw string) error {
	if path == "" {
		return nil
	}
	if raw != "" || strings.Contains(path, "%") {
		return badURL("has an escaped character in its path")
	}
	if strings.Contains(path+"/", "/api/v1/") {
		return badURL("has /api/v1 in its path; leave that off, and what follows: it is the address of Gitea's start page")
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || url.PathEscape(segment) != segment {
			return badURL("has a path that is not made of plain names")
		}
	}
	return nil
}
