package forge

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/canon"
)

// The list as its readers expect it. "=" stands for testID.
func TestEgress(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	only := repo(t, "acme/service")
	shadow := repo(t, "issues/search")
	for request, want := range map[string]bool{
		"GET /version":                     true,
		"HEAD /user":                       true,
		"GET /user":                        true,
		"GET /user/repos":                  true,
		"GET /user/repos?page=1&limit=50":  true,
		"GET /users/acme/repos?page=2":     true,
		"GET /orgs/acme/repos":             true,
		"GET /repos/search?q=a+b&uid=3":    true,
		"GET /repos/acme/service":          true,
		"HEAD /repos/acme/service":         true,
		"GET /repos/acme/service/labels":   true,
		"GET /repos/acme/service/issues/7": true,

		"GET /orgs/acme/labels":                                          true,
		"GET /orgs/acme/labels?page=1&limit=50":                          true,
		"GET /orgs/acme/labels?sort=name":                                false,
		"GET /orgs/acme/labels/1":                                        false,
		"GET /orgs/Acme/labels":                                          false,
		"GET /orgs/other/labels":                                         false,
		"GET /repos/acme/service/releases/tags/v1.0":                     true,
		"GET /repos/acme/service/releases/tags/release%2F1":              true,
		"GET /repos/acme/service/releases/tags/release/1":                false,
		"GET /repos/acme/service/releases/tags/a%2F..%2Fb":               false,
		"GET /repos/acme/service/releases/tags/..":                       false,
		"GET /repos/acme/service/milestones?state=all&name=v1":           true,
		"GET /repos/acme/service/assignees":                              true,
		"GET /repos/acme/service/branches/main":                          true,
		"GET /repos/acme/service/branches/feature/x":                     true,
		"GET /repos/acme/service/branches/feature%2Fx":                   true,
		"GET /repos/acme/service/tags/v1.0":                              true,
		"GET /repos/acme/service/git/commits/=":                          true,
		"GET /repos/acme/service/git/commits/=?stat=false":               true,
		"GET /repos/acme/service/git/trees/=?recursive=1":                true,
		"GET /repos/acme/service/contents?ref==":                         false,
		"GET /repos/acme/service/contents/a/b%20c.md?ref==":              true,
		"GET /repos/acme/service/contents/100%25.md?ref==":               true,
		"GET /repos/acme/service/contents/%C3%BC?ref==":                  true,
		"GET /repos/acme/service/commits?sha==&path=%3A%28literal%29a/b": true,
		"GET /repos/acme/service/commits?sha==&path=a/b":                 false,
		"GET /repos/acme/service/commits?sha==&path=%3A%28icase%29a/b":   false,
		"GET /repos/acme/service/commits?sha==&path=%3A%21a":             false,
		"GET /repos/acme/service/issues?type=issues&state=all":           true,

		// pull requests, wikis and actions
		"GET /repos/acme/service/pulls?state=all&page=1&limit=50":         true,
		"GET /repos/acme/service/pulls?state=merged":                      false,
		"GET /repos/acme/service/pulls/7":                                 true,
		"GET /repos/acme/service/pulls/9007199254740991":                  true,
		"GET /repos/acme/service/pulls/9007199254740992":                  false,
		"GET /repos/acme/service/pulls/+7":                                false,
		"GET /repos/acme/service/pulls/07":                                false,
		"GET /repos/acme/service/pulls/7.diff":                            true,
		"GET /repos/acme/service/pulls/7.patch":                           false,
		"GET /repos/acme/service/pulls/7.diff?binary=true":                false,
		"GET /repos/acme/service/pulls/main/feature":                      false,
		"GET /repos/acme/service/pulls/7/commits?files=false":             true,
		"GET /repos/acme/service/pulls/7/files?page=2":                    true,
		"GET /repos/acme/service/pulls/7/files?skip-to=a":                 false,
		"GET /repos/acme/service/pulls/7/merge":                           false,
		"GET /repos/acme/service/pulls/7/reviews":                         true,
		"GET /repos/acme/service/pulls/7/reviews/3/comments":              true,
		"GET /repos/acme/service/pulls/7/reviews/3":                       false,
		"GET /repos/acme/other/pulls/7":                                   false,
		"GET /repos/acme/service/wiki/pages?page=1":                       true,
		"GET /repos/acme/service/wiki/page/Home":                          true,
		"GET /repos/acme/service/wiki/page/A%20b%2525+c":                  true,
		"GET /repos/acme/service/wiki/page/a%2Fb":                         false,
		"GET /repos/acme/service/wiki/page/a/b":                           false,
		"GET /repos/acme/service/wiki/page/..":                            false,
		"GET /repos/acme/service/wiki/page/":                              false,
		"GET /repos/acme/service/wiki/revisions/Home":                     false,
		"GET /repos/acme/service/actions/runs?status=success&branch=main": true,
		"GET /repos/acme/service/actions/runs?status=Success":             false,
		"GET /repos/acme/service/actions/runs/3":                          true,
		"GET /repos/acme/service/actions/runs/3/jobs?limit=50":            true,
		"GET /repos/acme/service/actions/runs/3/artifacts":                false,
		"GET /repos/acme/service/actions/jobs/3/logs":                     true,
		"GET /repos/acme/service/actions/jobs/3/logs?x=1":                 false,
		"GET /repos/acme/service/actions/jobs/3":                          true,
		"GET /repos/acme/service/actions/secrets":                         false,
		"GET /repos/acme/service/actions/variables":                       false,
		"GET /repos/acme/service/actions/runners/registration-token":      false,

		// methods
		"POST /repos/acme/service/issues?type=issues": false,
		"DELETE /repos/acme/service":                  false,
		"PATCH /repos/acme/service":                   false,
		"PUT /user":                                   false,
		"get /user":                                   false,
		"OPTIONS /user":                               false,
		"TRACE /user":                                 false,
		"CONNECT /user":                               false,

		// repositories that were not granted, or in another spelling
		"GET /repos/acme/other":              false,
		"GET /repos/Acme/service":            false,
		"GET /repos/acme/Service":            false,
		"GET /repos/%61cme/service":          false,
		"GET /repos/acme%2Fservice":          false,
		"GET /repos/acme/service.git":        false,
		"GET /repos/acme/service/":           false,
		"GET /repos//acme/service":           false,
		"GET /repos/acme/./service":          false,
		"GET /repos/x/../acme/service":       false,
		"GET /repos/x/%2E%2E/acme/service":   false,
		"GET /repos/acme/service%00":         false,
		"GET /repos/acme/service%20":         false,
		"GET /repos/acme/service;a=b":        false,
		"GET /repos/acme\\service":           false,
		"GET /repos/acme/service/../other":   false,
		"GET /repos/acme/service%2F..%2Fx":   false,
		"GET /repos/acme/service/..%2Fother": false,
		"GET /repos/issues/search":           true, // all issues, and no repository of that name
		"GET /repos/issues/search/labels":    false,

		// doors around path rules and refs
		"GET /repos/acme/service/raw/a":                                   false,
		"GET /repos/acme/service/raw/a?ref==":                             false,
		"GET /repos/acme/service/media/a":                                 false,
		"GET /repos/acme/service/archive/=.zip":                           false,
		"GET /repos/acme/service/git/blobs/=":                             false,
		"GET /repos/acme/service/git/trees/main":                          false,
		"GET /repos/acme/service/git/trees/main:secrets":                  false,
		"GET /repos/acme/service/git/trees/=:secrets":                     false,
		"GET /repos/acme/service/git/trees/0123456":                       false,
		"GET /repos/acme/service/git/trees/" + strings.ToUpper(testID):    false,
		"GET /repos/acme/service/git/commits/HEAD":                        false,
		"GET /repos/acme/service/git/commits/=.diff":                      true,
		"GET /repos/acme/service/git/commits/=~1":                         false,
		"GET /repos/acme/service/contents":                                false,
		"GET /repos/acme/service/contents/a":                              false,
		"GET /repos/acme/service/contents/a?ref=main":                     false,
		"GET /repos/acme/service/contents/a?ref=":                         false,
		"GET /repos/acme/service/contents/a?ref==&ref==":                  false,
		"GET /repos/acme/service/contents/a?ref==&token=x":                false,
		"GET /repos/acme/service/contents/a?ref==&ref%21==":               false,
		"GET /repos/acme/service/contents/a?ref%21==":                     false,
		"GET /repos/acme/service/contents/a%2Fb?ref==":                    false,
		"GET /repos/acme/service/contents/a%5Cb?ref==":                    false,
		"GET /repos/acme/service/contents/a%252Fb?ref==":                  false,
		"GET /repos/acme/service/contents/a%252e%252e/b?ref==":            false,
		"GET /repos/acme/service/contents/../raw/a?ref==":                 false,
		"GET /repos/acme/service/contents/%2e%2e/raw/a?ref==":             false,
		"GET /repos/acme/service/contents/.git/config?ref==":              false,
		"GET /repos/acme/service/contents/a/?ref==":                       false,
		"GET /repos/acme/service/contents//a?ref==":                       false,
		"GET /repos/acme/service/contents/a%00?ref==":                     false,
		"GET /repos/acme/service/contents/a%0D%0AHost:%20evil?ref==":      false,
		"GET /repos/acme/service/contents/%FF?ref==":                      false,
		"GET /repos/acme/service/contents/u%CC%88?ref==":                  false, // not NFC
		"GET /repos/acme/service/commits":                                 false,
		"GET /repos/acme/service/commits?sha=main":                        false,
		"GET /repos/acme/service/commits?sha==&path=../x":                 false,
		"GET /repos/acme/service/commits?sha==&path=":                     false,
		"GET /repos/acme/service/commits?sha==&not=main":                  false,
		"GET /repos/acme/service/commits?sha==&not=refs/heads/main":       true,
		"GET /repos/acme/service/commits?sha==&not=refs/tags/v1.0":        true,
		"GET /repos/acme/service/commits?sha==&not=refs/pull/1/head":      false,
		"GET /repos/acme/service/commits?sha==&not=--all":                 false,
		"GET /repos/acme/service/commits?sha==&not=refs/heads/-a~1":       false,
		"GET /repos/acme/service/git/refs":                                true,
		"GET /repos/acme/service/git/refs/heads":                          false,
		"GET /repos/acme/service/git/refs?page=2":                         false,
		"GET /repos/acme/service/actions/jobs/7":                          true,
		"GET /repos/acme/service/branches":                                true,
		"GET /repos/acme/service/branches/":                               false,
		"GET /repos/acme/service/branches/..":                             false,
		"GET /repos/acme/service/branches/a%2F..%2Fb":                     false,
		"GET /repos/acme/service/branches/a~1":                            false,
		"GET /repos/acme/service/branches/HEAD":                           false,
		"GET /repos/acme/service/branches/main?sudo=admin":                false,
		"GET /repos/acme/service/tags/a.lock":                             false,
		"GET /repos/acme/service/issues":                                  false, // would contain pull requests
		"GET /repos/acme/service/issues?type=pulls":                       false,
		"GET /repos/acme/service/issues?type=issues&type=pulls":           false,
		"GET /repos/acme/service/issues?type=issues&state=x":              false,
		"GET /repos/acme/service/issues?type=issues&assigned_by=a%00":     false,
		"GET /repos/acme/service/issues?type=issues&since=x":              false,
		"GET /repos/acme/service/issues?type=issues&limit=51":             false,
		"GET /repos/acme/service/issues?type=issues;state=open":           false,
		"GET /repos/acme/service/issues?type=issues&q=%0A":                false,
		"GET /repos/acme/service/issues?type=issues&q=%FF":                false,
		"GET /repos/acme/service/issues?type=issues&q=%zz":                false,
		"GET /repos/acme/service/issues?type=issues&page=-1":              false,
		"GET /repos/acme/service/issues?type=issues&page=+1":              false,
		"GET /repos/acme/service/issues?type=issues&page=99999999999":     false,
		"GET /repos/acme/service/issues/0":                                false,
		"GET /repos/acme/service/issues/01":                               false,
		"GET /repos/acme/service/issues/comments":                         false,
		"GET /repos/acme/service/issues/7/timeline":                       false,
		"GET /repos/acme/service/keys":                                    false,
		"GET /repos/acme/service/hooks":                                   false,
		"GET /repos/search?q=a&token=x":                                   false,
		"GET /repos/search?q=" + strings.Repeat("a", 1025):                false,
		"GET /repos/issues/search?q=a":                                    true,
		"GET /users/acme/tokens":                                          false,
		"GET /users/Acme/repos":                                           false,
		"GET /users/..%2f..%2fadmin/repos":                                false,
		"GET /user?access_token=x":                                        false,
		"GET /user/":                                                      false,
		"GET /admin/users":                                                false,
		"GET /":                                                           false,
		"GET ":                                                            false,
		"GET /../../user":                                                 false,
		"GET /user#/../admin":                                             false,
		"GET /repos/acme/service/contents/a%3Fref=main%26?ref==&limit=30": false,
	} {
		method, address, _ := strings.Cut(strings.ReplaceAll(request, "==", "="+testID), " ")
		address = strings.ReplaceAll(address, "/=", "/"+testID)
		req, err := http.NewRequest(method, "http://localhost:1/git/api/v1"+address, nil)
		if err != nil {
			if want {
				t.Error(err)
			}
			continue
		}
		_, refusal := f.admit(req, reading(only, shadow))
		if (refusal == nil) != want {
			t.Errorf("%s: refusal %v, want admitted: %v", request, refusal, want)
		}
		if refusal != nil && refusal.Kind != Refused {
			t.Errorf("%s: kind %q", request, refusal.Kind)
		}
	}
}

// The address of a request must be the configured one in each of its parts.
func TestEgressIsForOneHost(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	for name, change := range map[string]func(*http.Request){
		"scheme":      func(r *http.Request) { r.URL.Scheme = "https" },
		"host":        func(r *http.Request) { r.URL.Host = "evil.example" },
		"port":        func(r *http.Request) { r.URL.Host = "localhost:2" },
		"Host header": func(r *http.Request) { r.Host = "evil.example" },
		"user":        func(r *http.Request) { r.URL.User = url.User("u") },
		"opaque":      func(r *http.Request) { r.URL.Opaque = "//evil.example/git/api/v1/user" },
		"sub-path":    func(r *http.Request) { r.URL.Path = "/api/v1/user" },
		"not the API": func(r *http.Request) { r.URL.Path = "/git/user" },
		"raw path":    func(r *http.Request) { r.URL.RawPath = "/git/api/v1/admin" },
		"fragment":    func(r *http.Request) { r.URL.Fragment = "x" },
		"body":        func(r *http.Request) { r.Body = http.MaxBytesReader(nil, nil, 1) },
		"no address":  func(r *http.Request) { r.URL = nil },
		"line break":  func(r *http.Request) { r.URL.RawQuery = "page=1\r\nX: 1" },
	} {
		req, err := http.NewRequest("GET", "http://localhost:1/git/api/v1/user", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, refusal := f.admit(req, scope{}); refusal != nil {
			t.Fatal(refusal)
		}
		change(req)
		if sent, refusal := f.admit(req, scope{}); refusal == nil && sent.address.String() != "http://localhost:1/git/api/v1/user" {
			t.Errorf("%s: %s is admitted", name, sent.address)
		} else if refusal == nil && name != "raw path" { // which is no encoding of the path, and ignored
			t.Errorf("%s: admitted", name)
		}
	}
}

// listed is the list once more, written without the matcher under test.
var listed = regexp.MustCompile(`^/(version|signing-key\.(gpg|pub)|user|user/repos|user/orgs|orgs|notifications|repos/search|repos/issues/search|users/search|` +
	`(users|orgs)/[a-z0-9._-]+/repos|orgs/acme/labels|packages/[a-z0-9._-]+|` +
	`repos/acme/service(/(assignees|labels|milestones|commits|issues|contents|branches|tags|pulls|releases|wiki/pages|` +
	`issues/[1-9][0-9]*(/comments)?|issues/comments/[1-9][0-9]*|releases/[1-9][0-9]*|actions/workflows/[^/]+|git/refs|git/(commits|trees)/[0-9a-f]{40}|(branches|branch_protections|tags|contents)/.+|` +
	`git/commits/[0-9a-f]{40}\.diff|commits/[0-9a-f]{40}/status|archive/[0-9a-f]{40}\.tar\.gz|` +
	`compare/[0-9a-f]{40}(\.\.|\.\.\.(acme/service:)?)[0-9a-f]{40}|releases/(latest|tags/.+)|` +
	`pulls/[1-9][0-9]*(\.diff|/commits|/files|/reviews|/reviews/[1-9][0-9]*/comments)?|` +
	`wiki/page/[^/]+|actions/runs|actions/runs/[1-9][0-9]*(/jobs)?|actions/jobs/[1-9][0-9]*(/logs)?` +
	`))?)$`)

// Every method the SDK has is called; what isn't on the list must not arrive,
// with writing granted or not.
func TestI5_OnlyListedRequestsLeave(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	current, left := "", map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		left[current] = true
		below := strings.TrimPrefix(r.URL.Path, "/api/v1")
		if (r.Method != "GET" && r.Method != "HEAD") || !listed.MatchString(below) {
			t.Errorf("%s sent %s %s", current, r.Method, r.URL)
		}
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	f := forgeAt(t, server.URL)

	fillings := [][]string{
		{"acme", "service", testID, "README.md"},
		{"acme", "service", "main", "a/b"},
		{"acme", "acme", testID, "x"},
		{"acme", "service", "README.md", testID},
		{"../../admin", "service", testID, "x"},
		{"acme", "service", "../../../../admin/users?", "x"},
	}
	service := repo(t, "acme/service")
	client := reflect.TypeFor[*sdk]()
	for i := range client.NumMethod() {
		method := client.Method(i)
		mu.Lock()
		current = method.Name
		mu.Unlock()
		for n, filling := range fillings {
			grant := Grant{CallID: "call", Repos: []canon.Repo{service}, Everywhere: true}
			if n%2 == 0 {
				grant.Write = service // which the forge does not let anybody write to
			}
			c := withSDK(t, wayTo(t, f).Client(t.Context(), grant))
			func() {
				defer func() { _ = recover() }() // some of the SDK's methods don't take zero arguments
				method.Func.Call(arguments(reflect.ValueOf(c.sdk), method.Type, filling, n%2 == 1))
			}()
		}
	}

	var names []string
	for name := range left {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"CheckServerVersionConstraint", "GetAssignees", "GetBranchProtection", "GetCombinedStatus", "GetCommitDiff", "GetContents", "GetIssue", "GetIssueComment",
		"GetLatestRelease", "GetMyUserInfo", "GetPullRequest", "GetPullRequestDiff", "GetRelease", "GetReleaseByTag", "GetRepo",
		"GetRepoActionJob", "GetRepoActionJobLogs", "GetRepoActionRun", "GetRepoActionWorkflow", "GetRepoBranch", "GetSigningKeyGPG", "GetSigningKeySSH", "GetSingleCommit", "GetTag", "GetTrees", "GetWikiPage",
		"IssueSubscribe", "IssueUnSubscribe", // which ask for /user first, and get no further
		"ListAllGitRefs", "ListContents", "ListIssueComments", "ListIssues", "ListMyOrgs", "ListMyRepos", "ListNotifications", "ListOrgLabels", "ListOrgRepos", "ListOrgs",
		"ListPackages", "ListPullRequestCommits", "ListPullRequestFiles", "ListPullReviewComments", "ListPullReviews", "ListReleases",
		"ListRepoActionRunJobs", "ListRepoActionRuns", "ListRepoBranches", "ListRepoCommits", "ListRepoIssues", "ListRepoLabels",
		"ListRepoMilestones", "ListRepoPullRequests", "ListRepoTags", "ListUserRepos", "ListWikiPages", "SearchRepos", "SearchUsers",
		"ServerVersion",
	}
	if !slices.Equal(names, want) {
		t.Errorf("methods that send something:\n%v\nwant\n%v", names, want)
	}
}

// arguments fills a method's parameters: strings from filling in their order,
// numbers with 1, and in structs all strings or only those that some option
// needs to be on the list.
func arguments(receiver reflect.Value, method reflect.Type, filling []string, all bool) []reflect.Value {
	needed := map[string]string{"SHA": testID, "Ref": testID, "Type": "issues"}
	values := []reflect.Value{receiver}
	next := 0
	for i := 1; i < method.NumIn(); i++ {
		if method.IsVariadic() && i == method.NumIn()-1 {
			break
		}
		v := reflect.New(method.In(i)).Elem()
		switch v.Kind() {
		case reflect.String:
			v.SetString(filling[min(next, len(filling)-1)])
			next++
		case reflect.Struct:
			for j := range v.NumField() {
				field, value := v.Field(j), needed[v.Type().Field(j).Name]
				if value == "" && all {
					value = filling[2]
				}
				if field.CanSet() && field.Kind() == reflect.String {
					field.SetString(value)
				}
			}
		case reflect.Int, reflect.Int64:
			v.SetInt(1)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		values = append(values, v)
	}
	return values
}

// What passes is, to a server that parses and cleans it, exactly a listed
// address of a granted repository.
func FuzzEgress(f *testing.F) {
	for _, seed := range []string{
		"/user", "/repos/acme/service", "/repos/acme/service/contents/a/b?ref=" + testID,
		"/repos/acme/service/branches/a%2Fb", "/repos/acme/service/tags/a/b", "/repos/search?q=a",
		"/repos/acme/service/commits?sha=" + testID + "&path=a", "/repos/acme/service/git/trees/" + testID,
		"/repos/acme/service/contents/%2e%2e/b?ref=" + testID, "/repos/x/..%2facme/service", "/users/a/repos?page=1",
		"/repos/acme/service/issues?type=issues&q=%41&labels=a,b", "//user", "/user?page=1;x", "/a#b",
	} {
		f.Add("GET", seed)
	}
	forge := forgeAt(f, "http://localhost:1/git")
	only := repo(f, "acme/service")
	f.Fuzz(func(t *testing.T, method, address string) {
		req, err := http.NewRequest(method, "http://localhost:1/git/api/v1"+address, nil)
		if err != nil {
			return
		}
		admitted, refusal := forge.admit(req, reading(only))
		if refusal != nil {
			return
		}
		wire := "GET " + admitted.address.RequestURI() + " HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
		received, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
		if err != nil {
			t.Fatalf("%q can't be read: %v", wire, err)
		}
		if req.Method != "GET" && req.Method != "HEAD" {
			t.Errorf("method %q is admitted", req.Method)
		}
		where := received.URL.Path
		if path.Clean(where) != where || strings.ContainsAny(where, "\\\x00\r\n") {
			t.Errorf("%q is not clean", where)
		}
		below, ok := strings.CutPrefix(where, "/git/api/v1")
		if !ok || !listed.MatchString(below) {
			t.Errorf("%q is not on the list", where)
		}
		for name, values := range received.URL.Query() {
			if len(values) != 1 {
				t.Errorf("%q is given %d times", name, len(values))
			}
			if (name == "ref" || name == "sha") && !regexp.MustCompile("^[0-9a-f]{40}$").MatchString(values[0]) {
				t.Errorf("%s=%q", name, values[0])
			}
		}
		query := received.URL.Query()
		if strings.Contains(below, "/service/contents") && !strings.Contains(below, "/branches/") && !strings.Contains(below, "/tags/") && query.Get("ref") == "" {
			t.Errorf("%q is read at no commit", where)
		}
		if strings.HasSuffix(below, "/service/commits") && query.Get("sha") == "" {
			t.Errorf("%q is read at no commit", where)
		}
	})
}

// reading is the scope of a call that may read repositories, and lists of many.
func reading(repos ...canon.Repo) scope {
	granted := func(r canon.Repo) bool { return slices.Contains(repos, r) }
	owned := func(owner string) bool {
		return slices.ContainsFunc(repos, func(r canon.Repo) bool { return r.Owner() == owner })
	}
	return scope{granted: granted, owned: owned, known: granted, anywhere: true}
}

// Of a repository that may be looked up nothing leaves but the questions for its record
// and its writers, and without a grant no list of many does.
func TestI13_LookingUpIsNotReading(t *testing.T) {
	t.Parallel()
	asked := &asked{}
	c, own := asking(t, asked)
	other := repo(t, "acme/other")
	c.LookUp(other)
	leaves := func(err error) bool { return From(err).Kind != Refused }
	_, err := c.Repository(other)
	_, writers := c.Assignees(other)
	if !leaves(err) || !leaves(writers) {
		t.Errorf("%v, %v", err, writers)
	}
	if _, err := c.Issue(own, 1); !leaves(err) {
		t.Error(err)
	}
	_, issue := c.Issue(other, 1)
	_, branch := c.BranchCommit(other, "main")
	_, _, search := c.SearchIssues(Page{1, 30}, Everywhere{State: "all"})
	_, _, listed := c.Repositories(Page{1, 30}, RepositorySearch{})
	for _, err := range []error{issue, branch, search, listed} {
		if leaves(err) {
			t.Errorf("it left: %v", err)
		}
	}
	c.Allow(other)
	c.LookUp(other) // which takes nothing away
	if _, err := c.Issue(other, 1); !leaves(err) {
		t.Error(err)
	}
}
