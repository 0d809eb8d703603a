package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

const (
	testToken = "5f0a3c0e9d7b4b21a6c8e1f2d3c4b5a697887766"
	testID    = "0123456789abcdef0123456789abcdef01234567"
	jsonType  = "application/json;charset=utf-8"
)

func repo(t testing.TB, full string) canon.Repo {
	t.Helper()
	r, err := canon.ParseFullName(full)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func filePathOf(t testing.TB, s string) canon.Path {
	t.Helper()
	p, err := canon.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// forgeAt makes a Forge for a test server's address.
func forgeAt(t testing.TB, address string) *Forge {
	t.Helper()
	u, err := ParseURL(address, false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{URL: u, UserAgent: "aegis/test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// serving starts a Gitea that answers with handler, and makes a client for
// acme/service.
// wayTo is the way to a forge of a caller with the test's token.
func wayTo(t testing.TB, f *Forge, writable ...canon.Repo) *Way {
	t.Helper()
	way, err := f.For(testToken, writable)
	if err != nil {
		t.Fatal(err)
	}
	return way
}

type sdk = gitea.Client

// overSDK is a call's client, and the Gitea SDK's over the same transport: the
// questions of a library that was not written for it.
type overSDK struct {
	*Client
	*sdk
}

func withSDK(t testing.TB, c *Client) overSDK {
	t.Helper()
	asks, err := gitea.NewClient(c.transport.forge.base.String(),
		gitea.SetGiteaVersion(""), // otherwise it would ask for the version first
		gitea.SetContext(c.ctx), gitea.SetHTTPClient(c.http))
	if err != nil {
		t.Fatal(err)
	}
	return overSDK{c, asks}
}

func serving(t testing.TB, handler http.HandlerFunc) overSDK {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return granted(t, forgeAt(t, server.URL))
}

// anonymous is a client of a caller without a token.
func anonymous(t testing.TB, f *Forge) overSDK {
	t.Helper()
	way, err := f.For("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return withSDK(t, way.Client(t.Context(), Grant{CallID: "call-1"}))
}

func granted(t testing.TB, f *Forge) overSDK {
	t.Helper()
	return withSDK(t, wayTo(t, f).Client(t.Context(), Grant{CallID: "call-1", Repos: []canon.Repo{repo(t, "acme/service")}, Everywhere: true}))
}

// answering makes a handler that gives every request the same JSON.
func answering(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		fmt.Fprint(w, content)
	}
}

// wantKind returns err as an Error of the kind.
func wantKind(t testing.TB, err error, kind Kind) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v (%T), want an *Error of kind %q", err, err, kind)
	}
	if e.Kind != kind {
		t.Fatalf("error is of kind %q (%v), want %q", e.Kind, e, kind)
	}
	return e
}

func TestNewNamesTheSettingThatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := &url.URL{Scheme: "https", Host: "gitea.example.com"}
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"no URL":                  {Config{}, "URL"},
		"URL with credentials":    {Config{URL: &url.URL{Scheme: "https", Host: "h", User: url.UserPassword("u", "hunter2")}}, "GITEA_URL"},
		"CA file missing":         {Config{URL: address, CAFile: filepath.Join(dir, "none.pem")}, "GITEA_CA_FILE"},
		"CA file without a PEM":   {Config{URL: address, CAFile: empty}, "GITEA_CA_FILE"},
		"user agent with a break": {Config{URL: address, UserAgent: "a\nb"}, "user agent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(test.config)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v does not name %s", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error quotes a secret: %v", err)
			}
		})
	}
}

// A credential that is none is refused without being quoted.
func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1")
	for name, credential := range map[string]string{
		"token with a newline":     "hunter2\n",
		"token with two lines":     "hunter2\r\nX-Evil: 1",
		"token outside ASCII":      "hunter2é",
		"token that is a variable": "${GITEA_hunter2}",
		"endless token":            strings.Repeat("hunter2", 1000),
	} {
		_, err := f.For(credential, nil)
		if err == nil || !strings.Contains(err.Error(), "GITEA_TOKEN") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is printed by accident, in a log line or a panic, holds no token, and
// neither does an answer's request.
func TestI3_TheTokenIsNotPrinted(t *testing.T) {
	t.Parallel()
	c := serving(t, answering(`{"id":1,"full_name":"acme/service"}`))
	_, resp, err := c.GetRepo("acme", "service")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{c.transport.forge, c.transport.way, *c.transport.way, c.Client, resp.Request.Header, resp.Header, resp.Request} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if strings.Contains(fmt.Sprintf(verb, v), testToken) {
				t.Errorf("%s of %T prints the token", verb, v)
			}
		}
	}
	if found := reflect.ValueOf(c.sdk).Elem().FieldByName("accessToken"); found.String() != "" {
		t.Error("the SDK knows the token")
	}
}

// Whatever a tool sets on the SDK's client, the transport sends only its own
// headers.
func TestHeadersAreTheTransportsOwn(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 1)
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Set-Cookie", "session=1")
		fmt.Fprint(w, `{}`)
	})
	c.SetSudo("admin")
	c.SetOTP("123456")
	c.SetBasicAuth("admin", "password")
	c.SetUserAgent("curl")
	for range 2 { // a cookie would come back the second time
		_, resp, err := c.GetMyUserInfo()
		if err != nil {
			t.Fatal(err)
		}
		if resp.Header.Get("Set-Cookie") != "" {
			t.Error("a cookie got through")
		}
		want := http.Header{
			"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Authorization": {"token " + testToken},
			"User-Agent": {"aegis/test"}, "X-Request-Id": {"call-1"},
		}
		if got := <-headers; !reflect.DeepEqual(got, want) {
			t.Errorf("sent headers %v, want %v", got, want)
		}
	}
}

func TestAnonymousSendsNoAuthorization(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, sent := r.Header["Authorization"]; sent {
			t.Error("Authorization was sent")
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	u, _ := ParseURL(server.URL, false)
	f, err := New(Config{URL: u})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, _, err = anonymous(t, f).GetMyUserInfo()
	if e := wantKind(t, err, Unauthorized); !strings.Contains(e.Message, "only with a token") {
		t.Errorf("message %q does not say that a token is missing", e.Message)
	}
}

// Zero values deny, and a grant is for one call.
func TestGrant(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(answering(`{"id":1,"full_name":"acme/service"}`))
	defer server.Close()
	f := forgeAt(t, server.URL)
	service, other := repo(t, "acme/service"), repo(t, "acme/other")

	for _, id := range []string{"", "a b", "a\r\nX-Evil: 1", strings.Repeat("a", 65)} {
		_, err := wayTo(t, f).Client(t.Context(), Grant{CallID: id, Repos: []canon.Repo{service}}).Repository(service)
		wantKind(t, err, Refused)
	}
	c := wayTo(t, f).Client(t.Context(), Grant{CallID: "call", Repos: []canon.Repo{service, {}}})
	if _, err := c.Repository(service); err != nil {
		t.Fatal(err)
	}
	_, err := c.Repository(other)
	wantKind(t, err, Refused)
	_, err = c.Repository(canon.Repo{})
	wantKind(t, err, Refused)
	c.Allow(canon.Repo{})
	c.Allow(other)
	if _, err := c.Repository(other); err != nil {
		t.Errorf("a repository that was allowed later is refused: %v", err)
	}
	_, err = wayTo(t, f).Client(t.Context(), Grant{CallID: "call"}).Repository(other)
	wantKind(t, err, Refused)
}

func TestACancelledCallSendsNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request left after its call had ended")
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	c := withSDK(t, wayTo(t, forgeAt(t, server.URL)).Client(ctx, Grant{CallID: "call"}))
	cancel()
	_, _, err := c.GetMyUserInfo()
	wantKind(t, err, Canceled)
	c.SetContext(context.Background()) // a tool can't outlive its call either
	_, _, err = c.GetMyUserInfo()
	wantKind(t, err, Canceled)
}
