package forge

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// holding answers GETs below /api/v1/repos/acme/service from a table of paths.
func holding(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, ok := answers[strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v1"), "/repos/acme/service")]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		answering(content)(w, r)
	}
}

const otherID = "89abcdef0123456789abcdef0123456789abcdef"

// A ref becomes the id of a commit, and of nothing else.
func TestI4_RefsBecomeCommits(t *testing.T) {
	t.Parallel()
	c := serving(t, holding(map[string]string{
		"/branches/main":      `{"name":"main","commit":{"id":"` + testID + `"}}`,
		"/branches/feature/x": `{"name":"feature/x","commit":{"id":"` + testID + `"}}`,
		"/branches/MAIN":      `{"name":"main","commit":{"id":"` + testID + `"}}`,
		"/branches/short":     `{"name":"short","commit":{"id":"0123456"}}`,
		"/branches/evil":      `{"name":"evil","commit":{"id":"main:secrets"}}`,
		"/branches/none":      `{"name":"none"}`,

		"/tags/v1":      `{"name":"v1","commit":{"sha":"` + testID + `"}}`,
		"/tags/of-tag":  `{"name":"of-tag","commit":{"sha":"` + otherID + `"}}`,
		"/tags/of-tree": `{"name":"of-tree","commit":{"sha":"` + strings.Repeat("a", 40) + `"}}`,
		"/tags/V1":      `{"name":"v1","commit":{"sha":"` + testID + `"}}`,
		"/tags/evil":    `{"name":"evil","commit":{"sha":"../../../x"}}`,

		"/git/commits/" + testID:                  `{"sha":"` + testID + `"}`,
		"/git/commits/" + otherID:                 `{"sha":"` + testID + `"}`,
		"/git/commits/" + strings.Repeat("b", 40): `{"sha":"main"}`,
	}))
	service := repo(t, "acme/service")
	for name, test := range map[string]struct {
		ask  func() (string, error)
		want Kind // "" for testID
	}{
		"branch":                    {func() (string, error) { return c.BranchCommit(service, "main") }, ""},
		"branch with a slash":       {func() (string, error) { return c.BranchCommit(service, "feature/x") }, ""},
		"branch in another case":    {func() (string, error) { return c.BranchCommit(service, "MAIN") }, NotFound},
		"no branch":                 {func() (string, error) { return c.BranchCommit(service, "dev") }, NotFound},
		"branch at a short id":      {func() (string, error) { return c.BranchCommit(service, "short") }, GiteaError},
		"branch at an expression":   {func() (string, error) { return c.BranchCommit(service, "evil") }, GiteaError},
		"branch at nothing":         {func() (string, error) { return c.BranchCommit(service, "none") }, GiteaError},
		"branch that is a path":     {func() (string, error) { return c.BranchCommit(service, "../raw/x") }, Refused},
		"branch with no name":       {func() (string, error) { return c.BranchCommit(service, "") }, Refused},
		"tag":                       {func() (string, error) { return c.TagCommit(service, "v1") }, ""},
		"tag of a tag":              {func() (string, error) { return c.TagCommit(service, "of-tag") }, ""},
		"tag of a tree":             {func() (string, error) { return c.TagCommit(service, "of-tree") }, NotFound},
		"tag in another case":       {func() (string, error) { return c.TagCommit(service, "V1") }, NotFound},
		"tag at a path":             {func() (string, error) { return c.TagCommit(service, "evil") }, GiteaError},
		"commit":                    {func() (string, error) { return c.CommitID(service, testID) }, ""},
		"commit in upper case":      {func() (string, error) { return c.CommitID(service, strings.ToUpper(testID)) }, ""},
		"id of a tag":               {func() (string, error) { return c.CommitID(service, otherID) }, ""},
		"id of a tree":              {func() (string, error) { return c.CommitID(service, strings.Repeat("a", 40)) }, NotFound},
		"commit that becomes a ref": {func() (string, error) { return c.CommitID(service, strings.Repeat("b", 40)) }, GiteaError},
		"no id":                     {func() (string, error) { return c.CommitID(service, "main") }, GiteaError},
	} {
		got, err := test.ask()
		if test.want == "" && (err != nil || got != testID) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if test.want != "" {
			t.Run(name, func(t *testing.T) { wantKind(t, err, test.want) })
		}
	}
}

// What stands before Gitea and fails does not say that there is no such commit.
func TestWhatAnIDBeginsWithIsMissingOnlyWhereGiteaSaysSo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status        int
		kind, content string
		want          Kind
	}{
		"Gitea has none":         {http.StatusNotFound, jsonType, `{"message":"commit doesn't exist","url":"x","errors":[]}`, NotFound},
		"Gitea finds several":    {http.StatusInternalServerError, jsonType, `{"message":"","url":"x"}`, NotFound},
		"a proxy fails":          {http.StatusBadGateway, "text/html", "<html>", GiteaError},
		"a proxy fails inside":   {http.StatusInternalServerError, "text/html", "<html>", GiteaError},
		"a proxy wants a pause":  {http.StatusTooManyRequests, jsonType, `{"message":"","url":"x"}`, GiteaError},
		"a login comes instead":  {http.StatusOK, "text/html", "<html>", GiteaError},
		"somebody leads astray":  {http.StatusFound, "", "", GiteaError},
		"Gitea is being updated": {http.StatusServiceUnavailable, jsonType, `{"message":"","url":"x"}`, GiteaError},
		"another commit":         {http.StatusOK, jsonType, `{"sha":"` + otherID + `"}`, NotFound},
		"no commit id":           {http.StatusOK, jsonType, `{"sha":"main"}`, GiteaError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.content)
			})
			_, err := client.ShortCommitID(repo(t, "acme/service"), testID[:10])
			wantKind(t, err, c.want)
		})
	}
}

// A branch or a tag named like the commit id is not read in its place.
func TestI4_FilesAreReadFromTheCommit(t *testing.T) {
	t.Parallel()
	const home = "https://gitea.example/acme/service"
	c := serving(t, holding(map[string]string{
		"/contents/a/b.md":  `{"path":"a/b.md","type":"file","html_url":"` + home + `/src/commit/` + testID + `/a/b.md"}`,
		"/contents/u%20%25": `{"path":"u %","type":"file","html_url":"` + home + `/src/commit/` + testID + `/u%20%25"}`,
		"/contents/branch":  `{"path":"branch","type":"file","html_url":"` + home + `/src/branch/` + testID + `/branch"}`,
		"/contents/tag":     `{"path":"tag","type":"file","html_url":"` + home + `/src/tag/` + testID + `/tag"}`,
		"/contents/commit":  `{"path":"commit","type":"file","html_url":"` + home + `/src/commit/` + otherID + `/commit"}`,
		"/contents/path":    `{"path":"secrets","type":"file","html_url":"` + home + `/src/commit/` + testID + `/path"}`,
		"/contents/null":    `null`,
		"/contents/folder":  `[]`,
		"/contents/module":  `{"path":"module","type":"submodule","sha":"` + otherID + `"}`,
		"/contents/same":    `{"path":"same","type":"file","sha":"` + otherID + `","html_url":"` + home + `/src/tag/` + testID + `/same"}`,
		"/contents/swapped": `{"path":"swapped","type":"submodule","sha":"` + testID + `"}`,

		"/git/trees/" + testID: `{"tree":[{"path":"module","type":"commit","sha":"` + otherID + `"},{"path":"swapped","type":"commit","sha":"` + otherID + `"},{"path":"same","type":"blob","sha":"` + otherID + `"}]}`,
	}))
	for path, want := range map[string]Kind{
		"a/b.md": "", "u %": "", "module": "", "folder": "",
		"branch": NotFound, "tag": NotFound, "commit": NotFound, "swapped": GiteaError, "same": "", "none": NotFound,
		"path": GiteaError, "null": GiteaError,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			file, err := c.File(repo(t, "acme/service"), filePathOf(t, path), testID)
			if want != "" {
				wantKind(t, err, want)
				return
			}
			if err != nil || (file == nil) != (path == "folder") {
				t.Errorf("%+v, %v", file, err)
			}
		})
	}
	for _, commit := range []string{"", "main", "HEAD", testID[:10], strings.ToUpper(testID)} {
		_, err := c.File(repo(t, "acme/service"), filePathOf(t, "a/b.md"), commit)
		wantKind(t, err, Refused)
	}
}

func TestAssignees(t *testing.T) {
	t.Parallel()
	c := serving(t, holding(map[string]string{"/assignees": `[{"login":"Ann"},null,{},{"login":"bob"}]`}))
	logins, err := c.Assignees(repo(t, "acme/service"))
	if err != nil || !slices.Equal(logins, []string{"Ann", "bob"}) {
		t.Errorf("%v, %v", logins, err)
	}
}

// Addresses are escaped: no segment and no value becomes another part of an address.
func TestAddressesAreEscaped(t *testing.T) {
	t.Parallel()
	var asked string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.RequestURI
		answering(`{}`)(w, r)
	})
	header, err := c.getJSON(nil, url.Values{"ref": {testID}}, "repos", "acme", "service", "contents", "a b", "?x=1#y&z")
	if err != nil || header == nil {
		t.Fatal(err)
	}
	if want := "/api/v1/repos/acme/service/contents/a%20b/%3Fx=1%23y&z?ref=" + testID; asked != want {
		t.Errorf("asked for %s, want %s", asked, want)
	}
	for _, segments := range [][]string{
		{"repos", "acme", "service/../other"}, {"repos", "acme", ".."}, {"repos", "acme", ""}, {"repos/acme/service"},
		{"repos", "acme", "service", "contents", "a/b"}, {"user?sudo=x"}, {"user#"}, {"", "user"}, {},
	} {
		_, err := c.getJSON(nil, nil, segments...)
		wantKind(t, err, Refused)
	}
	for key, value := range map[string]string{"sudo": "admin", "page": "1&sudo=admin", "limit": "51", "page#": "1"} {
		_, err := c.getJSON(nil, url.Values{key: {value}}, "user", "repos")
		wantKind(t, err, Refused)
	}
}

func TestHasMore(t *testing.T) {
	t.Parallel()
	const next, last = `<http://h/x?page=2>; rel="next",<http://h/x?page=9>; rel="last"`, `<http://h/x?page=1>; rel="prev"`
	for name, test := range map[string]struct {
		header            map[string]string
		page, limit, rows int
		want              bool
	}{
		"a link onward":                  {map[string]string{"Link": next}, 1, 30, 30, true},
		"a link back alone":              {map[string]string{"Link": last}, 2, 30, 3, false},
		"a link beats a total":           {map[string]string{"Link": next, "X-Total-Count": "1"}, 1, 30, 20, true},
		"says so":                        {map[string]string{"X-HasMore": "true"}, 1, 30, 30, true},
		"says no":                        {map[string]string{"X-HasMore": "false", "X-Total-Count": "99"}, 1, 30, 30, false},
		"a larger total":                 {map[string]string{"X-Total-Count": "31"}, 1, 30, 30, true},
		"the whole total":                {map[string]string{"X-Total-Count": "30"}, 1, 30, 30, false},
		"second page of two":             {map[string]string{"X-Total-Count": "45"}, 2, 30, 15, false},
		"fewer than asked for, but more": {map[string]string{"X-Total-Count": "45"}, 1, 50, 20, true},
		"beyond the end":                 {map[string]string{"X-Total-Count": "45"}, 9, 30, 0, false},
		"nothing said":                   {nil, 1, 30, 30, false},
		"nonsense":                       {map[string]string{"X-Total-Count": "many"}, 1, 30, 30, false},
	} {
		header := http.Header{}
		for key, value := range maps.All(test.header) {
			header.Set(key, value)
		}
		if got := HasMore(header, test.page, test.limit, test.rows); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
