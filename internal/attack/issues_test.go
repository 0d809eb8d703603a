package attack_test

import (
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
)

// What is denied as list_pull_requests is not to be had as list_issues.
func TestPullRequestsAreNoIssues(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed(apiA+"/issues?state=all&q=Add+x", `"pull_request":{`)
	refusal := s.refused(gate.NotFound, "get_issue", in(serviceA, "number", s.world.Issues.PullRequest))
	if hint, _ := refusal["hint"].(string); !strings.Contains(hint, "get_pull_request") {
		t.Errorf("hint %q", hint)
	}
	s.refused(gate.NotFound, "get_issue", in(serviceA, "number", 99999))
	s.hides("Add x", "It adds x")
	s.shown("list_issues", in(serviceA, "state", "all", "limit", 50))
	s.shown("list_issues", in(serviceA, "state", "all", "query", "Add x"))
	for _, r := range s.proxy.Requests() {
		if strings.HasSuffix(r.Path, "/issues") && !strings.Contains("&"+r.Query+"&", "&type=issues&") {
			t.Errorf("asked for all types: %s", r.Query)
		}
	}

	// A server that ignores the type.
	s = open(t, func(s *scene, c *gatetest.Config) {
		before(rewriting(s.server, func(r *http.Request) {
			r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "type=issues", "type=all")
		}, func(_ *http.Request, _ http.Header, content []byte) []byte { return content }))(s, c)
	})
	s.hides("Add x")
	for _, a := range []args{{}, {"query": "Add"}, {"query": "x"}, {"limit": 1}} {
		for name, value := range in(serviceA, "state", "all") {
			a[name] = value
		}
		s.shown("list_issues", a)
	}
}

// Gitea takes a filter by a name that it does not know for no filter.
func TestFiltersByUnknownNames(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, query := range []string{"labels=no-such-label", "milestones=no-such-milestone"} {
		s.exposed(apiA+"/issues?type=issues&state=all&"+query, "Ordinary issue")
	}
	for name, values := range map[string][]any{
		"labels":    {[]string{"no-such-label"}, []string{"bug", "no-such-label"}, []string{""}, []string{"%"}, []string{"bug "}, []string{"1"}},
		"milestone": {"no-such-milestone", "%", "0", "-1", "v"},
	} {
		for _, value := range values {
			if rows := s.ask("list_issues", in(serviceA, "state", "all", name, value)).Items(); len(rows) != 0 {
				t.Errorf("%s %q has %d issues", name, value, len(rows))
			}
		}
	}
	for _, assignee := range []string{"no-such-user", "0", "%", "keeper "} {
		if rows := s.ask("list_issues", in(serviceA, "state", "all", "assignee", assignee)).Items(); len(rows) != 0 {
			t.Errorf("assignee %q has %d issues", assignee, len(rows))
		}
	}
	for name, c := range map[string]struct {
		value any
		want  int
	}{
		"labels": {[]string{"BUG"}, 1}, "milestone": {"V1", 1}, "assignee": {"WRITER", 2},
	} {
		if rows := s.shown("list_issues", in(serviceA, "state", "all", name, c.value)).Items(); len(rows) != c.want {
			t.Errorf("%s %v has %d issues", name, c.value, len(rows))
		}
	}
	if rows := s.shown("list_issues", in(serviceA, "state", "all", "labels", []string{"bug", "help"})).Items(); len(rows) != 1 {
		t.Errorf("two labels have %d issues", len(rows))
	}
	for name, value := range map[string]any{"state": "nonsense", "labels": []string{"bug,nope"}, "type": "pulls", "sort": "x", "limit": 0, "page": 0} {
		s.refused(gate.InvalidArguments, "list_issues", in(serviceA, name, value))
	}
}

func TestI10_EveryIssueOnOnePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	is := s.world.Issues
	for _, c := range []struct {
		state string
		want  int
	}{{"open", is.OpenIssues}, {"closed", is.ClosedIssues}, {"all", is.OpenIssues + is.ClosedIssues}} {
		seen := map[any]bool{}
		for page := 1; page < 20; page++ {
			answer := s.shown("list_issues", in(serviceA, "state", c.state, "limit", 7, "page", page))
			for _, row := range answer.Items() {
				seen[row["number"]] = true
			}
			if answer.Fields["has_more"] != true {
				break
			}
		}
		if len(seen) != c.want {
			t.Errorf("%s: %d of %d", c.state, len(seen), c.want)
		}
	}
}
