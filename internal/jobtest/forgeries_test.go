package jobtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// seen writes a comment on each issue that is opened.
const seen = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /etc/aegis/hook.secret}
jobs:
  seen:
    on: {webhook: issues, action: [opened], repositories: ["acme/*"]}
    credential_file: /etc/aegis/bot.token
    steps:
      - {call: create_comment, with: {number: "${event.number}", body: Seen.}}
    limits: {runs_per_hour: 600}
`

// allowing is a policy under which jobs may write to some repositories.
func allowing(repos ...string) string {
	text := "version: 1\ndefaults: {read: deny}\nrepositories:\n"
	for _, each := range repos {
		text += "  " + each + ": {principals: [\"job:*\"], read: allow, write: allow, automation: allow}\n"
	}
	return text
}

// bring brings a delivery to the stage, changed as wanted, and returns the status.
func (st *stage) bring(d delivered, change func(*http.Request)) int {
	st.t.Helper()
	r, err := http.NewRequest(http.MethodPost, st.hooks, bytes.NewReader(d.body))
	if err != nil {
		st.t.Fatal(err)
	}
	r.Header = d.header.Clone()
	if change != nil {
		change(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		st.t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || len(said) > 100 {
		st.t.Errorf("%d: %s %v", answer.StatusCode, said, err)
	}
	return answer.StatusCode
}

// resigned is a delivery with another body, signed as Gitea signs it.
func (d delivered) resigned(body []byte) delivered {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	header := d.header.Clone()
	header.Set("X-Gitea-Signature", hex.EncodeToString(mac.Sum(nil)))
	return delivered{header, body}
}

// open opens an issue, and returns its number and how Gitea tells of it.
func (w *workshop) open(from *sink, title string) (int64, delivered) {
	w.t.Helper()
	number := w.post(w.s.World.Writer, "/issues", object{"title": title}).Number
	w.settle()
	all := slices.DeleteFunc(from.take(w.name), func(d delivered) bool { return d.header.Get("X-Gitea-Event") != "issues" })
	if len(all) != 1 {
		w.t.Fatalf("%d deliveries", len(all))
	}
	return number, all[0]
}

// What comes twice, ten times at once, or in another order is done once; what is not Gitea's, or not
// of now, is not done.
func TestDoublesAndForgeries(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w, denied := newWorkshop(t, s, "forgeries", true), newWorkshop(t, s, "forgeries-denied", true)
	into := newSink(t)
	for _, each := range []*workshop{w, denied} {
		if err := s.Deliver(t.Context(), "/repos/"+each.name, giteatest.Hook{Address: into.address, Secret: secret}); err != nil {
			t.Fatal(err)
		}
	}
	st := newStage(t, s, setting{jobs: seen, policy: allowing(w.name), writes: []string{w.name, denied.name}, bot: s.World.Colleague})
	comment := func(number int64) string { return "POST " + at(w.name+"/issues", number) + "/comments 201" }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}

	first, told := w.open(into, "The first")
	for _, c := range []struct {
		what   string
		d      delivered
		change func(*http.Request)
		status int
	}{
		{"a wrong signature", told, header("X-Gitea-Signature", strings.Repeat("0", 64)), 401},
		{"an empty one", told, header("X-Gitea-Signature", ""), 401},
		{"another byte", delivered{told.header, append(slices.Clone(told.body), ' ')}, nil, 401},
		{"a form", told, header("Content-Type", "application/x-www-form-urlencoded"), 415},
		{"2 MB", told.resigned(append(bytes.Repeat([]byte(" "), 2<<20), told.body...)), nil, 413},
		{"an old one", told.resigned(redated(t, told.body, -2*time.Hour)), nil, 400},
		{"one of tomorrow", told.resigned(redated(t, told.body, 24*time.Hour)), nil, 400},
		{"another event", told, header("X-Gitea-Event", "push"), 400},
	} {
		if got := st.bring(c.d, c.change); got != c.status {
			t.Errorf("%s: %d, want %d", c.what, got, c.status)
		}
	}
	if got := []int{st.bring(told, nil), st.bring(told, nil)}; !slices.Equal(got, []int{202, 200}) {
		t.Errorf("twice: %v", got)
	}
	st.await("seen", 1)
	st.expect("one that counts, at last", comment(first))

	second, told := w.open(into, "Ten at once")
	var together sync.WaitGroup
	got := make([]int, 10)
	for i := range got {
		together.Go(func() {
			got[i] = st.bring(told, header("X-Gitea-Delivery", fmt.Sprint(i)+told.header.Get("X-Gitea-Delivery")[1:]))
		})
	}
	together.Wait()
	if slices.Sort(got); !slices.Equal(got, []int{200, 200, 200, 200, 200, 200, 200, 200, 200, 202}) {
		t.Errorf("ten at once: %v", got)
	}
	st.await("seen", 2)
	st.expect("ten at once", comment(second))

	third, earlier := w.open(into, "Earlier")
	fourth, later := w.open(into, "Later")
	if got := []int{st.bring(later, nil), st.bring(earlier, nil)}; !slices.Equal(got, []int{202, 202}) {
		t.Errorf("in another order: %v", got)
	}
	st.await("seen", 4)
	st.expect("in another order", comment(fourth), comment(third))

	_, told = denied.open(into, "Of what is denied")
	if got := st.bring(told, nil); got != 202 {
		t.Errorf("of a repository that policy denies: %d", got)
	}
	ends := st.await("seen", 5)
	st.expect("of a repository that policy denies")
	if last := ends[4]; last["outcome"] != "failed" || last["reason"] != "policy_denied" {
		t.Errorf("%v", last)
	}
}

// redated is a body of an issue that was made at another time.
func redated(t *testing.T, body []byte, by time.Duration) []byte {
	t.Helper()
	_, after, ok := strings.Cut(string(body), `"created_at": "`)
	was, _, _ := strings.Cut(after, `"`)
	if _, err := time.Parse(time.RFC3339, was); !ok || err != nil {
		t.Fatal(was, err)
	}
	return bytes.ReplaceAll(body, []byte(was), []byte(time.Now().UTC().Add(by).Format(time.RFC3339)))
}

// A real hook that has no secret, another one, or sends forms makes nothing run.
func TestHooksThatAreSetWrongly(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "wrong-hooks", true)
	st := newStage(t, s, setting{jobs: seen, policy: allowing(w.name), writes: []string{w.name}, bot: s.World.Colleague})
	for _, h := range []giteatest.Hook{{}, {Secret: "another secret of some length"}, {Secret: secret, Form: true}} {
		h.Address = st.hooks
		if err := s.Deliver(t.Context(), "/repos/"+w.name, h); err != nil {
			t.Fatal(err)
		}
	}
	w.post(s.World.Writer, "/issues", object{"title": "Nobody is told"})
	w.settle()
	w.delivers(st)
	number := w.post(s.World.Writer, "/issues", object{"title": "One is"}).Number
	st.await("seen", 1)
	st.expect("hooks that are set wrongly", "POST "+at(w.name+"/issues", number)+"/comments 201")
}
