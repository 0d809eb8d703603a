package attack_test

import (
	"strings"
	"testing"
	"unicode"

	"aegis/internal/gatetest"
)

func TestDeniedRepositoriesAreNotListed(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed("/repos/search?limit=50", "acme/hr-people")
	s.exposed("/repos/search?q=hr-", "acme/hr-people")
	s.exposed("/orgs/acme/repos", "acme/hr-people")
	s.hides("hr-people", "hr-moved", "people-two")
	for _, a := range []args{{}, {"owner": "acme"}, {"owner": "ACME", "limit": 50}, {"limit": 3}} {
		answer := s.shown("list_repositories", a)
		if a["owner"] != nil && answer.Fields["withheld"] == nil {
			t.Errorf("%v withholds uncounted", a)
		}
	}
	// Under a query the count would say that there is something.
	none := plain(s.shown("list_repositories", args{"query": "no-such-word-anywhere"}))
	for _, query := range []string{"hr-", "HR-PEOPLE", "hr-people", "people", "moved", "acme/hr-people", "hr_people", "hr-%", "%people%"} {
		answer := s.shown("list_repositories", args{"query": query})
		if query == "moved" {
			continue // neworg/moved is to be seen
		}
		if got := plain(answer); got != none {
			t.Errorf("%q tells of something: %s, not %s", query, got, none)
		}
	}
}

// Gitea searches what is scrubbed from answers. Each guess that it answers
// otherwise than a wrong one is a character of the secret.
func TestAQueryIsNoOracle(t *testing.T) {
	t.Parallel()
	s := open(t)
	token := s.world.Reader.Token
	s.exposed(apiA+"/issues?type=issues&q="+token[:12], "Login fails")
	s.exposed("/repos/search?includeDesc=true&q="+token[:12], "acme/teller")
	wrong := func(right string) string { return strings.Map(rotate, right[:1]) + strings.Map(rotate, right[1:]) }

	for _, secret := range []struct{ before, text string }{
		{"", token}, {"Login fails with ", token}, {"Ask with ", token}, {"with ", token},
		{"", s.world.Plant.AWS}, {"aws_access_key_id = ", s.world.Plant.AWS},
	} {
		for _, n := range []int{3, 4, 12, len(secret.text)} {
			for _, limit := range []int{1, 50} {
				for _, ask := range []func(string) gatetest.Answer{
					func(q string) gatetest.Answer {
						return s.shown("list_issues", in(serviceA, "query", q, "limit", limit, "state", "all"))
					},
					func(q string) gatetest.Answer {
						return s.shown("list_repositories", args{"query": q, "limit": limit})
					},
				} {
					right := plain(ask(secret.before + secret.text[:n]))
					if got := plain(ask(secret.before + wrong(secret.text[:n]))); got != right {
						t.Errorf("%d characters behind %q: right answers %s, wrong %s", n, secret.before, right, got)
					}
				}
			}
		}
	}
	// What Gitea searches as one text is seen and hidden text side by side: each
	// word of the query is to be seen somewhere, the row is there only if they
	// meet at the secret's edge. AKIA… begins with A.
	shown := strings.ToLower("Deploy fails\naws_access_key_id = ")
	answers := map[string][]string{}
	for letter := 'a'; letter <= 'z'; letter++ {
		if strings.ContainsRune(shown, letter) {
			answer := plain(s.shown("list_issues", in(serviceA, "query", "_key_id = "+string(letter), "state", "all")))
			answers[answer] = append(answers[answer], string(letter))
		}
	}
	if len(answers) != 1 {
		t.Errorf("the letter behind the text that is shown can be guessed: %v", answers)
	}
	// Gitea does not escape what LIKE takes for a wildcard.
	for _, query := range []string{"%", "_", "AKIA%", "A_IA", "%%%", s.token[:4] + "%", strings.Repeat("_", 20), "= %"} {
		if rows := s.shown("list_issues", in(serviceA, "query", query, "state", "all")).Items(); len(rows) > 1 || len(rows) == 1 && query != "_" {
			t.Errorf("%q finds %v", query, rows)
		}
	}
	// The words of a redaction are not what Gitea found.
	for _, word := range []string{"c", "e", "own-credential", "redacted"} {
		for _, row := range s.shown("list_issues", in(serviceA, "query", word, "state", "all", "limit", 50)).Items() {
			if int64(row["number"].(float64)) == s.world.Issues.TokenTitle {
				t.Errorf("%q, which is in the token or in what stands for it, finds %v", word, row)
			}
		}
	}
}

func TestAQueryFindsWhatIsShown(t *testing.T) {
	t.Parallel()
	s := open(t)
	for query, want := range map[string]int{"does not start": 1, "START service": 1, "Ordinary issue 12": 1, "fails": 2, "no-such-word": 0} {
		if rows := s.shown("list_issues", in(serviceA, "query", query, "state", "all", "limit", 50)).Items(); len(rows) != want {
			t.Errorf("%q finds %d issues: %v", query, len(rows), rows)
		}
	}
	for query, want := range map[string]string{"service-a": serviceA, "acme service-a": serviceA, "acme/service-a": serviceA, "Public-Site": "acme/public-site"} {
		if answer := s.shown("list_repositories", args{"query": query, "limit": 50}); !strings.Contains(answer.All, `"`+want+`"`) {
			t.Errorf("%q finds %s", query, answer.Object)
		}
	}
	// A comment is no part of what a row stands for.
	s.exposed(apiA+"/issues?type=issues&q=can+reproduce", "does not start")
	if rows := s.shown("list_issues", in(serviceA, "query", "can reproduce")).Items(); len(rows) != 0 {
		t.Errorf("a comment's words find %v", rows)
	}
}

// plain is an answer without its call's id.
func plain(a gatetest.Answer) string { return strings.ReplaceAll(a.All, a.Call, "CALL") }

// rotate makes another letter or digit of each.
func rotate(r rune) rune {
	switch {
	case unicode.IsDigit(r):
		return '0' + (r-'0'+3)%10
	case 'a' <= r && r <= 'z':
		return 'a' + (r-'a'+3)%26
	case 'A' <= r && r <= 'Z':
		return 'A' + (r-'A'+3)%26
	}
	return r
}
