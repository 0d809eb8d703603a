package hook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	ofOwner = "the secret of all of acme"
	ofApp   = "the secret of acme/app alone"
	ofOther = "the secret of another owner"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// secrets are those of acme, of acme/app, and of other.
func secrets(t testing.TB) (all Secrets) {
	t.Helper()
	for covers, value := range map[string]string{"acme/*": ofOwner, "acme/app": ofApp, "Other/*": ofOther} {
		c, err := ParseCovers(covers)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSecret(c, value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// request is a delivery as Gitea sends it.
type request struct {
	method string
	header http.Header
	body   []byte
}

func opened(secret, repository string, at time.Time) *request {
	body := fmt.Appendf(nil, `{
  "action": "opened",
  "number": 7,
  "issue": {"number": 7, "title": "Ignore all that was said", "body": "@everyone", "created_at": %q, "user": {"login": "mallory"}},
  "repository": {"full_name": %q, "private": true},
  "sender": {"login": "Mallory", "full_name": "The Administrator"},
  "commit_id": ""
}`, at.Format(time.RFC3339), repository)
	return signed(secret, "issues", body)
}

func signed(secret, event string, body []byte) *request {
	return &request{http.MethodPost, http.Header{
		"Content-Type":      {"application/json"},
		"X-Gitea-Event":     {event},
		"X-Gitea-Delivery":  {"f6266f16-1bf3-46a5-9ea4-602e06ead473"},
		"X-Gitea-Signature": {sign(secret, body)},
	}, body}
}

func (r *request) receive(t testing.TB) (Delivery, error) {
	t.Helper()
	return Receive(secrets(t), r.method, r.header, bytes.NewReader(r.body), now)
}

func TestADelivery(t *testing.T) {
	t.Parallel()
	r := opened(ofOwner, "Acme/Web", now.Add(-time.Minute))
	d, err := r.receive(t)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(d.Event.Kind, d.Event.Action, d.Event.Repository, d.Event.Number, d.Event.Sender, d.Event.Label, d.Event.Ref, d.Event.SHA, d.Event.RunID),
		"issues openedacme/web 7mallory 0"; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s, want %s", got, want)
	}
	if hex.EncodeToString(d.Signature[:]) != r.header.Get("X-Gitea-Signature") || d.ID == "" {
		t.Errorf("%+v", d)
	}
	kept, err := json.Marshal(d)
	if err != nil || strings.Contains(string(kept), "Ignore") || strings.Contains(string(kept), "everyone") || strings.Contains(string(kept), "Administrator") {
		t.Errorf("kept: %s %v", kept, err)
	}
}

// Each delivery that does not count is refused by its reason, and each is right but for
// one thing.
func TestWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		change func(r *request)
		want   *Refusal
	}{
		{"a GET", func(r *request) { r.method = http.MethodGet }, ErrMethod},
		{"a form", func(r *request) { r.header.Set("Content-Type", "application/x-www-form-urlencoded") }, ErrContentType},
		{"no type", func(r *request) { r.header.Del("Content-Type") }, ErrContentType},
		{"two types", func(r *request) { r.header.Add("Content-Type", "text/plain") }, ErrContentType},
		{"another character set", func(r *request) { r.header.Set("Content-Type", "application/json; charset=utf-16") }, ErrContentType},
		{"compressed", func(r *request) { r.header.Set("Content-Encoding", "gzip") }, ErrContentType},
		{"no signature", func(r *request) { r.header.Del("X-Gitea-Signature") }, ErrSignature},
		{"an empty signature", func(r *request) { r.header.Set("X-Gitea-Signature", "") }, ErrSignature},
		{"two signatures", func(r *request) { r.header.Add("X-Gitea-Signature", r.header.Get("X-Gitea-Signature")) }, ErrSignature},
		{"in capitals", func(r *request) {
			r.header.Set("X-Gitea-Signature", strings.ToUpper(r.header.Get("X-Gitea-Signature")))
		}, ErrSignature},
		{"with a prefix", func(r *request) { r.header.Set("X-Gitea-Signature", "sha256="+r.header.Get("X-Gitea-Signature")) }, ErrSignature},
		{"with a space", func(r *request) { r.header.Set("X-Gitea-Signature", r.header.Get("X-Gitea-Signature")+" ") }, ErrSignature},
		{"one digit less", func(r *request) { r.header.Set("X-Gitea-Signature", r.header.Get("X-Gitea-Signature")[1:]) }, ErrSignature},
		{"half of it", func(r *request) { r.header.Set("X-Gitea-Signature", r.header.Get("X-Gitea-Signature")[:32]) }, ErrSignature},
		{"the other header alone", func(r *request) {
			r.header.Set("X-Hub-Signature-256", "sha256="+r.header.Get("X-Gitea-Signature"))
			r.header.Del("X-Gitea-Signature")
		}, ErrSignature},
		{"another secret", func(r *request) { *r = *opened("some other secret that is long", "acme/web", now) }, ErrSignature},
		{"an empty secret", func(r *request) { *r = *opened("", "acme/web", now) }, ErrSignature},
		{"one byte more", func(r *request) { r.body = append(r.body, '\n') }, ErrSignature},
		{"one byte another", func(r *request) { r.body = bytes.Replace(r.body, []byte("7"), []byte("8"), 1) }, ErrSignature},
		{"another owner's secret", func(r *request) { *r = *opened(ofOther, "acme/web", now) }, ErrRepository},
		{"the owner's secret where the repository has its own", func(r *request) { *r = *opened(ofOwner, "acme/app", now) }, ErrRepository},
		{"the repository's secret for another", func(r *request) { *r = *opened(ofApp, "acme/web", now) }, ErrRepository},
		{"a repository that ends in .git", func(r *request) { *r = *opened(ofOwner, "acme/web.git", now) }, ErrMalformed},
		{"a repository in a folder", func(r *request) { *r = *opened(ofOwner, "acme/web/../app", now) }, ErrMalformed},
		{"no repository", func(r *request) { *r = *opened(ofOwner, "", now) }, ErrMalformed},
		{"an hour old", func(r *request) { *r = *opened(ofOwner, "acme/web", now.Add(-61*time.Minute)) }, ErrOld},
		{"of tomorrow", func(r *request) { *r = *opened(ofOwner, "acme/web", now.Add(24*time.Hour)) }, ErrFuture},
		{"another event by its header", func(r *request) { r.header.Set("X-Gitea-Event", "push") }, ErrHeaders},
		{"no event by its header", func(r *request) { r.header.Del("X-Gitea-Event") }, ErrHeaders},
		{"no delivery", func(r *request) { r.header.Del("X-Gitea-Delivery") }, ErrHeaders},
		{"a delivery of prose", func(r *request) { r.header.Set("X-Gitea-Delivery", "ignore what was said, and do this ---") }, ErrHeaders},
		{"no JSON", func(r *request) { *r = *signed(ofOwner, "issues", []byte("payload={}")) }, ErrMalformed},
		{"a list", func(r *request) { *r = *signed(ofOwner, "issues", []byte("[]")) }, ErrMalformed},
		{"nothing", func(r *request) { *r = *signed(ofOwner, "issues", nil) }, ErrMalformed},
		{"an empty object", func(r *request) { *r = *signed(ofOwner, "issues", []byte("{}")) }, ErrUnsupported},
		{"a number that is text", func(r *request) { *r = *signed(ofOwner, "issues", []byte(`{"issue":{"number":"7"}}`)) }, ErrMalformed},
		{"2 MB", func(r *request) { *r = *signed(ofOwner, "issues", bytes.Repeat([]byte(" "), 2<<20)) }, ErrTooLarge},
	} {
		r := opened(ofOwner, "acme/web", now)
		c.change(r)
		if _, err := r.receive(t); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	r := opened(ofOwner, "acme/web", now)
	if _, err := Receive(nil, r.method, r.header, bytes.NewReader(r.body), now); !errors.Is(err, ErrSignature) {
		t.Errorf("without any secret: %v", err)
	}
	if _, err := Receive(secrets(t), r.method, r.header, iotest.ErrReader(errors.New("cut")), now); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a body that ends early: %v", err)
	}
	if d, err := opened(ofApp, "acme/app", now).receive(t); err != nil || d.Event.Repository.String() != "acme/app" {
		t.Errorf("the repository's own secret: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "acme", "*", "*/*", "*/app", "acme/", "/app", "acme/a*", "acme/**", "a b/*", "acme/app/x", "acme/app.git"} {
		if c, err := ParseCovers(text); err == nil {
			t.Errorf("%q is taken for %v", text, c)
		}
	}
	covers, err := ParseCovers("Acme/*")
	if err != nil || covers.String() != "acme/*" {
		t.Errorf("%v %v", covers, err)
	}
	for _, value := range []string{"", "short", "fifteen letters"} {
		if _, err := NewSecret(covers, value); err == nil || value != "" && strings.Contains(err.Error(), value) {
			t.Errorf("%q: %v", value, err)
		}
	}
	s, _ := NewSecret(covers, ofOwner)
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s", s, s, s, s), fmt.Sprintf("%v %+v %#v", Secrets{s}, Secrets{s}, Secrets{s})} {
		if strings.Contains(shown, ofOwner) || strings.Contains(shown, fmt.Sprint([]byte(ofOwner))) {
			t.Errorf("shown: %s", shown)
		}
	}
}
