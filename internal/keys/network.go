package keys

import (
	"errors"
	"net/netip"
	"strings"
)

// ParseNetwork reads where a key may come from: an address, or a network of them as
// in 10.1.0.0/16. A network whose address has bits beyond its length is refused: it
// is not plain which is meant.
func ParseNetwork(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, errors.New("from takes addresses and networks, as in 10.1.0.0/16")
		}
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New("from takes addresses and networks, as in 10.1.0.0/16")
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, errors.New("write a network of IPv4 as such, and not within IPv6")
	case prefix != prefix.Masked():
		return netip.Prefix{}, errors.New("the address of a network has bits beyond its length; 10.1.0.0/16 is one, 10.1.2.3/16 is not")
	}
	return prefix, nil
}
