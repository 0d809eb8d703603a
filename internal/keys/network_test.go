package keys

import (
	"net/netip"
	"testing"
)

func TestWhereAKeyMayComeFrom(t *testing.T) {
	t.Parallel()
	prefix := func(text string) netip.Prefix {
		p, err := ParseNetwork(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	k := Key{From: []netip.Prefix{prefix("10.0.0.0/8"), prefix("::ffff:192.0.2.1"), prefix("2001:db8::/32")}}
	for address, want := range map[string]bool{
		"10.9.8.7": true, "::ffff:10.1.1.1": true, "192.0.2.1": true, "192.0.2.2": false, "2001:db8::1": true, "2001:db8::1%eth0": true, "2001:db9::1": false, "11.0.0.1": false,
	} {
		if got := k.MayComeFrom(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	if k.MayComeFrom(netip.Addr{}) || !(&Key{}).MayComeFrom(netip.MustParseAddr("203.0.113.9")) {
		t.Error("an unknown address, or a key for all")
	}
}
