package http

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestTheAddressBehindProxies(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{prefix("10.0.0.0/8"), prefix("fd00::/8")}
	for _, row := range []struct{ peer, forwarded, want string }{
		{"203.0.113.7:1", "", "203.0.113.7"},
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"}, // who says so is not trusted
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "192.0.2.1, 198.51.100.1", "198.51.100.1"}, // the first was made up
		{"10.0.0.1:1", "192.0.2.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:1", "10.0.0.9, 10.0.0.2", "10.0.0.9"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "somewhere", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1, somewhere, 10.0.0.2", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1:4711", "198.51.100.1"},
		{"10.0.0.1:1", "[2001:db8::1]:4711", "2001:db8::1"},
		{"10.0.0.1:1", "2001:db8::1%eth0", "2001:db8::1"},
		{"10.0.0.1:1", "::ffff:198.51.100.1", "198.51.100.1"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
		{"[fd00::1]:1", "198.51.100.1", "198.51.100.1"},
	} {
		if got := behind(addressOf(row.peer), proxies, []string{row.forwarded}).at.String(); got != row.want {
			t.Errorf("%s, %q: %s, not %s", row.peer, row.forwarded, got, row.want)
		}
	}
	for text, want := range map[string]string{"198.51.100.1": "198.51.100.1", "2001:db8:1:2:3::4": "2001:db8:1:2::/64"} {
		if got := nameOf(networkOf(netip.MustParseAddr(text))); got != want {
			t.Errorf("%s is of %s, not of %s", text, got, want)
		}
	}
}

// Whatever is forwarded, the address is the peer's, or one that only trusted proxies have
// written behind.
func FuzzBehind(f *testing.F) {
	f.Add("198.51.100.1, 10.0.0.2")
	f.Add("[2001:db8::1]:1,,")
	proxies := []netip.Prefix{prefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, forwarded string) {
		if got := behind(netip.MustParseAddr("203.0.113.7"), proxies, []string{forwarded}).at; got.String() != "203.0.113.7" {
			t.Fatalf("a stranger's %q counts: %s", forwarded, got)
		}
		if got := behind(netip.MustParseAddr("10.0.0.1"), proxies, []string{forwarded + ", 198.51.100.1"}).at; got.String() != "198.51.100.1" {
			t.Fatalf("what stands before counts: %s", got)
		}
		if got := behind(netip.MustParseAddr("10.0.0.1"), proxies, []string{forwarded}).at; !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Fatalf("%q: %s", forwarded, got)
		}
	})
}

// A request has to be for a name of the server's, and from no other site's page.
func TestHostsAndOrigins(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Hosts = []string{"aegis.example.org"} }})
	port := s.url[strings.LastIndex(s.url, ":"):]
	key := []string{"Authorization", "Bearer " + keyOf("alice")}
	for host, ours := range map[string]bool{
		"": true, "localhost": true, "LOCALHOST:1": true, "127.0.0.1": true, "127.0.0.1:9": true, "[::1]:80": true, "aegis.example.org": true, "Aegis.Example.Org:443": true, "aegis.example.org.": true,
		"evil.example": false, "localhost.evil.example": false, "aegis.example.org.evil.example": false, "192.0.2.1": false, "0.0.0.0": false, "127.0.0.1.nip.io": false, "2130706433": false,
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			header := key
			if host != "" {
				header = append([]string{"Host", host}, key...)
			}
			response, body := s.request(method, s.url, hello, header...)
			if refused := response.StatusCode == http.StatusForbidden; refused == ours {
				t.Errorf("%s of %q: %d %s", method, host, response.StatusCode, body)
			}
		}
	}
	for _, row := range []struct {
		header []string
		ours   bool
	}{
		{[]string{"Origin", "http://127.0.0.1" + strings.TrimSuffix(port, Path)}, true},
		{[]string{"Origin", "https://evil.example"}, false},
		{[]string{"Origin", "null"}, false},
		{[]string{"Sec-Fetch-Site", "cross-site"}, false},
		{[]string{"Sec-Fetch-Site", "same-site"}, false},
		{[]string{"Sec-Fetch-Site", "same-origin"}, true},
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
			response, body := s.request(method, s.url, hello, append(row.header, key...)...)
			if refused := response.StatusCode == http.StatusForbidden; refused == row.ours {
				t.Errorf("%s with %v: %d %s", method, row.header, response.StatusCode, body)
			}
		}
	}
}

// Failures are counted by what they are; a flood of one sort takes no room of the other.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 100_000 {
		f.note(prefix(fmt.Sprintf("10.%d.%d.%d/32", i>>16, i>>8&255, i&255)), unknownKey, "")
	}
	f.note(prefix("203.0.113.7/32"), formerKey, "ci")
	f.note(prefix("203.0.113.7/32"), formerKey, "ci")
	all := f.take()
	if len(all) > 2*maxRecorded+1 || len(f.take()) != 0 {
		t.Errorf("%d entries", len(all))
	}
	told := fmt.Sprint(all)
	for _, each := range []string{"{203.0.113.7 ", "key no longer in force (ci): 2", "from more addresses: 99980"} {
		if !strings.Contains(told, each) {
			t.Errorf("%s lacks %s", told, each)
		}
	}
}

// However many networks there are, so many are counted apart, and the rest together.
func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBuckets(5, 3600e9)
	waits := 0
	for i := range 2 * maxBuckets {
		if b.take(prefix(fmt.Sprintf("2001:db8:%x:%x::/64", i>>16, i&0xffff))) > 0 {
			waits++
		}
	}
	if len(b.of) > maxBuckets || waits < maxBuckets-10 {
		t.Errorf("%d networks, %d have to wait", len(b.of), waits)
	}
}

// A key that is for some addresses lets nobody in whose address nobody is trusted to tell: a
// proxy that the server was not told of, or that says what can't be read, may be among them.
func TestI12_AKeyForSomeAddressesNeedsToKnowThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies []netip.Prefix
		header  []string
		in      bool
	}{
		"from there":                       {nil, nil, true},
		"a proxy that nobody knows of":     {nil, []string{"X-Forwarded-For", "198.51.100.1"}, false},
		"one that says so in other words":  {nil, []string{"Forwarded", "for=198.51.100.1"}, false},
		"one that says so in a third way":  {nil, []string{"X-Real-Ip", "198.51.100.1"}, false},
		"a trusted one":                    {[]netip.Prefix{prefix("127.0.0.0/8")}, []string{"X-Forwarded-For", "198.51.100.1"}, false},
		"a trusted one of one from there":  {[]netip.Prefix{prefix("127.0.0.1/32")}, []string{"X-Forwarded-For", "127.0.0.2"}, true},
		"a trusted one that can't be read": {[]netip.Prefix{prefix("127.0.0.0/8")}, []string{"X-Forwarded-For", "unix:"}, false},
		"a trusted one itself":             {[]netip.Prefix{prefix("127.0.0.0/8")}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, stage{config: func(config *Config) { config.Proxies = c.proxies }})
			here := s.hold("here")
			here.From = []netip.Prefix{prefix("127.0.0.0/8")}
			s.keys.put(keyOf("here"), here)
			response, body := s.request(http.MethodPost, s.url, hello, append(c.header, "Authorization", "Bearer "+keyOf("here"))...)
			if in := response.StatusCode == http.StatusOK; in != c.in {
				t.Errorf("%d %s", response.StatusCode, body)
			}
			if response, body = s.request(http.MethodPost, s.url, hello, append(c.header, "Authorization", "Bearer "+keyOf("alice"))...); response.StatusCode != http.StatusOK {
				t.Errorf("who may come from everywhere: %d %s", response.StatusCode, body)
			}
		})
	}
}

// Who holds a key that is over, and has many addresses, hides with it no failures of another
// key: those are told by the key's name.
func TestAFloodHidesNoStolenKey(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 1000 {
		f.note(prefix(fmt.Sprintf("2001:db8:0:%x::/64", i)), formerKey, "own")
	}
	f.note(prefix("203.0.113.7/32"), foreignUser, "stolen")
	all := f.take()
	told := fmt.Sprint(all)
	if len(all) > 2*maxRecorded+1 || !strings.Contains(told, foreignUser+" (stolen): 1") || !strings.Contains(told, formerKey+" (own): 980") {
		t.Errorf("%d entries: %s", len(all), told)
	}
}
