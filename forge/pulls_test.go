package forge

import (
	"net/http"
	"testing"
)

// What Gitea answers of a pull request is whole, or no answer of Gitea's.
func TestPullRequestRecords(t *testing.T) {
	t.Parallel()
	const sides = `"base":{"ref":"main"},"head":{"ref":"x","repo":null}`
	c := serving(t, holding(map[string]string{
		"/pulls/1": `{"number":1,` + sides + `,"user":null,"labels":null,"assignees":null,"milestone":null,"requested_reviewers":[null]}`,
		"/pulls/2": `{"number":7,` + sides + `}`,
		"/pulls/3": `null`,
		"/pulls/4": `{"number":4}`,
		"/pulls/5": `{"number":5,` + sides + `,"labels":[null]}`,
		"/pulls/6": `{"number":6,` + sides + `,"assignees":[null]}`,
		"/pulls/7": `[]`,

		"/pulls/1/commits":            `[{"sha":"` + testID + `","author":null}]`,
		"/pulls/2/commits":            `[null]`,
		"/pulls/3/commits":            `[{"parents":[null]}]`,
		"/pulls/1/files":              `[{"filename":"a"}]`,
		"/pulls/2/files":              `[null]`,
		"/pulls/1/reviews":            `[]`,
		"/pulls/2/reviews":            `[null]`,
		"/pulls/1/reviews/3/comments": `null`,
		"/pulls/2/reviews/3/comments": `[null]`,
	}))
	service, page := repo(t, "acme/service"), Page{Page: 1, Limit: 30}
	for number, want := range map[int64]Kind{1: "", 2: GiteaError, 3: GiteaError, 4: GiteaError, 5: GiteaError, 6: GiteaError, 7: GiteaError, 8: NotFound} {
		if _, err := c.PullRequest(service, number); want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Errorf("%d: %v", number, err)
		}
	}
	for name, test := range map[string]struct {
		ask  func(number int64) error
		want map[int64]Kind
	}{
		"commits":  {func(n int64) error { _, _, err := c.PullRequestCommits(service, n, page); return err }, map[int64]Kind{1: "", 2: GiteaError, 3: GiteaError, 4: NotFound}},
		"files":    {func(n int64) error { _, _, err := c.PullRequestFiles(service, n, page); return err }, map[int64]Kind{1: "", 2: GiteaError, 3: NotFound}},
		"reviews":  {func(n int64) error { _, _, err := c.Reviews(service, n, page); return err }, map[int64]Kind{1: "", 2: GiteaError, 3: NotFound}},
		"comments": {func(n int64) error { _, err := c.ReviewComments(service, n, 3); return err }, map[int64]Kind{1: "", 2: GiteaError, 3: NotFound}},
	} {
		for number, want := range test.want {
			if err := test.ask(number); want != "" {
				wantKind(t, err, want)
			} else if err != nil {
				t.Errorf("%s of %d: %v", name, number, err)
			}
		}
	}
}

// Gitea counts reviews that it does not show; they don't tell of more.
func TestReviewsDoNotTellOfUnsubmittedOnes(t *testing.T) {
	t.Parallel()
	for total, want := range map[string]bool{"1": false, "2": false, "30": false, "31": true} {
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Total-Count", total)
			answering(`[{"id":1}]`)(w, r)
		})
		if _, more, err := c.Reviews(repo(t, "acme/service"), 1, Page{Page: 1, Limit: 30}); err != nil || more != want {
			t.Errorf("%s in all: more %v, %v", total, more, err)
		}
	}
}
