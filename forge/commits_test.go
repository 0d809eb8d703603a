package forge

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
)

func commitJSON(id string) string {
	return `{"sha":"` + id + `","commit":{"message":"m"},"files":[{"filename":"a","status":"added"}]}`
}

// A commit is the one that was asked for, and whole.
func TestCommitRecords(t *testing.T) {
	t.Parallel()
	third := strings.Repeat("c", 40)
	answers := map[string]string{}
	for id, record := range map[string]string{
		testID: commitJSON(testID), otherID: commitJSON(testID), third: `null`,
		strings.Repeat("1", 40): `{"sha":"` + strings.Repeat("1", 40) + `"}`,
		strings.Repeat("2", 40): `{"commit":{}}`,
		strings.Repeat("3", 40): `{"sha":"` + strings.Repeat("3", 40) + `","commit":{},"parents":[null]}`,
		strings.Repeat("4", 40): `{"sha":"` + strings.Repeat("4", 40) + `","commit":{},"files":null,"author":null}`,
		strings.Repeat("5", 40): `[]`,
	} {
		answers["/git/commits/"+id] = record
	}
	c := serving(t, holding(answers))
	service := repo(t, "acme/service")
	for id, want := range map[string]Kind{
		testID: "", strings.Repeat("4", 40): "", otherID: GiteaError, third: GiteaError,
		strings.Repeat("1", 40): GiteaError, strings.Repeat("2", 40): GiteaError, strings.Repeat("3", 40): GiteaError, strings.Repeat("5", 40): GiteaError,
		strings.Repeat("9", 40): NotFound, "main": Refused, testID[:6]: Refused, testID[:39]: NotFound, strings.ToUpper(testID): Refused, testID + "~": Refused,
	} {
		commit, err := c.Commit(service, id)
		if want != "" {
			wantKind(t, err, want)
		} else if err != nil || commit.SHA != id {
			t.Errorf("%s: %v, %v", id, commit, err)
		}
	}
	if commit, err := c.Commit(service, testID); err != nil || !slices.Equal(commit.Files, []ChangedFile{{"a", "added"}}) {
		t.Errorf("%+v, %v", commit, err)
	}
	for _, id := range []string{"main", "HEAD", testID + ".patch", "../x"} {
		_, err := c.CommitDiff(service, id)
		wantKind(t, err, Refused)
	}
}

// What is compared are the two commits, whatever is called by their ids.
func TestI4_ComparisonsAreOfCommits(t *testing.T) {
	t.Parallel()
	base, head := testID, otherID
	within := "/compare/" + base + "..." + head
	across := "/compare/" + base + "...zoe%2Fservice:" + head
	one := `{"total_commits":1,"commits":[` + commitJSON(head) + `]}`
	branch := `{"name":"x","commit":{"id":"` + testID + `"}}`
	for name, test := range map[string]struct {
		answers map[string]string
		second  bool
		want    Kind
	}{
		"one commit":                {map[string]string{within: one}, false, ""},
		"no commit":                 {map[string]string{within: `{"commits":[]}`}, false, ""},
		"no list":                   {map[string]string{within: `{}`}, false, ""},
		"nothing":                   {nil, false, NotFound},
		"of a second repository":    {map[string]string{across: one}, true, ""},
		"another head":              {map[string]string{within: `{"commits":[` + commitJSON(base) + `]}`}, false, NotFound},
		"a branch called base":      {map[string]string{within: one, "/branches/" + base: branch}, false, NotFound},
		"a tag called base":         {map[string]string{within: one, "/tags/" + base: branch}, false, NotFound},
		"no commit, a branch head":  {map[string]string{within: `{"commits":[]}`, "/branches/" + head: branch}, false, NotFound},
		"a hole":                    {map[string]string{within: `{"commits":[null]}`}, false, GiteaError},
		"a commit without an id":    {map[string]string{within: `{"commits":[{"commit":{}}]}`}, false, GiteaError},
		"no commits but a sentence": {map[string]string{within: `"no"`}, false, GiteaError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serving(t, holding(test.answers))
			service, other := repo(t, "acme/service"), repo(t, "acme/service")
			if test.second {
				other = repo(t, "zoe/service")
				_, err := c.Compare(service, base, other, head)
				wantKind(t, err, Refused) // before it is granted
				c.Allow(other)
				_, err = c.Compare(service, base, other, head)
				if !errors.Is(err, ErrNotThere) { // before it has the commit
					t.Errorf("%v", err)
				}
				test.answers["/repos/zoe/service/git/commits/"+base] = commitJSON(base)
			}
			commits, err := c.Compare(service, base, other, head)
			if test.want != "" {
				wantKind(t, err, test.want)
			} else if err != nil || len(commits) > 1 {
				t.Errorf("%v, %v", commits, err)
			}
		})
	}
	c := serving(t, holding(nil))
	for _, pair := range [][2]string{{"main", testID}, {testID, "main"}, {testID, ""}, {testID + "~1", testID}, {testID, testID + "..." + testID}} {
		_, err := c.Compare(repo(t, "acme/service"), pair[0], repo(t, "acme/service"), pair[1])
		wantKind(t, err, Refused)
	}
}

// Statuses of another commit are none of the one asked for.
func TestReportsAreOfTheCommit(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]Kind{
		`{"sha":"` + testID + `","statuses":[{"context":"a"}]}`: "",
		`{"sha":"` + testID + `","statuses":null}`:              "",
		`{"sha":"` + otherID + `","statuses":[]}`:               NotFound,
		`{"sha":"` + testID + `","statuses":[null]}`:            GiteaError,
		`null`: NotFound,
	} {
		_, _, err := serving(t, holding(map[string]string{"/commits/" + testID + "/status": record})).Statuses(repo(t, "acme/service"), testID, Page{1, 50})
		if want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Error(record, err)
		}
	}
}

// Lists have no holes.
func TestRowsHaveNoHoles(t *testing.T) {
	t.Parallel()
	service := repo(t, "acme/service")
	owner, err := canon.ParseOwner("acme")
	if err != nil {
		t.Fatal(err)
	}
	page := Page{Page: 1, Limit: 50}
	for name, ask := range map[string]func(*Client) (int, error){
		"branches":      func(c *Client) (int, error) { rows, _, err := c.Branches(service, page); return len(rows), err },
		"tags":          func(c *Client) (int, error) { rows, _, err := c.Tags(service, page); return len(rows), err },
		"organisations": func(c *Client) (int, error) { rows, _, err := c.Organizations(page); return len(rows), err },
		"labels": func(c *Client) (int, error) {
			rows, _, _, err := c.Labels(service, page)
			return (len(rows) + 1) / 2, err
		},
		"milestones": func(c *Client) (int, error) {
			rows, _, err := c.Milestones(service, page, "all")
			return len(rows), err
		},
		"comments":      func(c *Client) (int, error) { rows, err := c.Comments(service, 3); return len(rows), err },
		"releases":      func(c *Client) (int, error) { rows, _, err := c.Releases(service, page); return len(rows), err },
		"notifications": func(c *Client) (int, error) { rows, _, err := c.Notifications(page); return len(rows), err },
		"packages":      func(c *Client) (int, error) { rows, _, err := c.Packages(page, owner, "x"); return len(rows), err },
		"issues": func(c *Client) (int, error) {
			rows, _, err := c.SearchIssues(page, Everywhere{Query: "x", State: "all", Owner: owner, Type: "pulls"})
			return len(rows), err
		},
	} {
		for content, want := range map[string]Kind{`[{}]`: "", `[]`: "", `null`: "", `[null]`: GiteaError, `[{},null]`: GiteaError, `{}`: GiteaError, `"x"`: GiteaError, `[1]`: GiteaError} {
			rows, err := ask(serving(t, answering(content)).Client)
			if want != "" {
				wantKind(t, err, want)
			} else if err != nil || rows != strings.Count(content, "{") {
				t.Errorf("%s of %s: %d rows, %v", name, content, rows, err)
			}
		}
	}
	for content, want := range map[string]Kind{`{"ok":true,"data":[{}]}`: "", `{"ok":true}`: "", `{"ok":true,"data":[null]}`: GiteaError, `{"ok":false,"data":[]}`: GiteaError, `[]`: GiteaError} {
		if _, _, err := serving(t, answering(content)).Users(page, "x"); want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Error(content, err)
		}
	}
	_, _, err = serving(t, answering(`[{"labels":[null]}]`)).SearchIssues(page, Everywhere{State: "open"})
	wantKind(t, err, GiteaError)
}

// A release is its tag's, in the tag's own spelling.
func TestReleaseRecords(t *testing.T) {
	t.Parallel()
	c := serving(t, holding(map[string]string{
		"/releases/latest":      `{"id":1,"tag_name":"v2"}`,
		"/releases/tags/v1":     `{"id":2,"tag_name":"v1"}`,
		"/releases/tags/V1":     `{"id":2,"tag_name":"v1"}`,
		"/releases/tags/a%2Fb":  `{"id":3,"tag_name":"a/b"}`,
		"/releases/tags/null":   `null`,
		"/releases/tags/hole":   `{"id":4,"tag_name":"hole","assets":[null]}`,
		"/releases/tags/latest": `{"id":5,"tag_name":"latest"}`,
	}))
	service := repo(t, "acme/service")
	for tag, want := range map[string]Kind{"v1": "", "a/b": "", "latest": "", "V1": NotFound, "none": NotFound, "null": GiteaError, "hole": GiteaError, "../latest": Refused, "": Refused, "a..b": Refused} {
		release, err := c.Release(service, tag)
		if want != "" {
			wantKind(t, err, want)
		} else if err != nil || release.TagName != tag {
			t.Errorf("%s: %v, %v", tag, release, err)
		}
	}
	if release, err := c.LatestRelease(service); err != nil || release.TagName != "v2" {
		t.Errorf("%v, %v", release, err)
	}
	_, err := serving(t, holding(nil)).LatestRelease(service)
	wantKind(t, err, NotFound)
}
