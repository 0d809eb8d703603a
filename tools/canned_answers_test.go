package tools_test

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// canned answers, in Gitea's shapes, for what the sample forge has nothing of:
// a pull request with a review, a wiki and a workflow run of acme/website.
var canned = map[string]string{
	"/pulls":                         `[` + cannedPull + `]`,
	"/pulls/9001":                    cannedPull,
	"/pulls/9001/commits":            `[{"sha":"` + cannedID + `","commit":{"message":"Add a page","author":{"name":"Dana","date":"2025-03-06T12:00:00Z"}},"author":null,"parents":[]}]`,
	"/pulls/9001/files":              `[{"filename":"pages/new.html","status":"added","additions":1,"deletions":0,"changes":1}]`,
	"/pulls/9001/reviews":            `[{"id":5,"user":{"login":"dana"},"state":"COMMENT","body":"Fine.","comments_count":1}]`,
	"/pulls/9001/reviews/5/comments": `[{"id":6,"user":{"login":"dana"},"body":"A comment","path":"pages/new.html","position":1,"pull_request_review_id":5}]`,
	"/pulls/9001.diff": "diff --git a/pages/new.html b/pages/new.html\nnew file mode 100644\nindex 0000000..1111111\n" +
		"--- /dev/null\n+++ b/pages/new.html\n@@ -0,0 +1 @@\n+<p>New</p>\n",
	"/wiki/pages":           `[{"title":"Home","sub_url":"Home","html_url":"http://forge.invalid/acme/website/wiki/Home","last_commit":{"sha":"` + cannedID + `","author":{"name":"Dana","date":"2025-03-06T12:00:00Z"}}}]`,
	"/wiki/page/Home.md":    strings.Replace(cannedWiki, `"sub_url":"Home"`, `"sub_url":"Home.md"`, 1),
	"/actions/runs":         `{"total_count":1,"workflow_runs":[` + cannedRun + `]}`,
	"/actions/runs/1":       cannedRun,
	"/actions/runs/1/jobs":  `{"total_count":1,"jobs":[` + cannedJob + `]}`,
	"/actions/jobs/1":       cannedJob,
	"/api/v1/notifications": `[{"id":1,"repository":` + cannedRepository + `,"subject":{"title":"Add a page","type":"Pull","state":"open","url":"http://forge.invalid/api/v1/repos/acme/website/issues/9001"},"unread":true}]`,
	"/api/v1/packages/acme": `[{"id":1,"name":"site","version":"1.0","type":"generic","repository":` + cannedRepository + `,"owner":{"login":"acme"},"creator":{"login":"dana"}}]`,
	// for tools that change something
	"/branches/agent/work":             cannedBranch("agent/work", cannedID),
	"/branches/agent/done":             cannedBranch("agent/done", cannedDoneID),
	"/branches/agent/ci":               cannedBranch("agent/ci", cannedRunID),
	"/branches/page":                   cannedBranch("page", cannedID),
	"/issues/90":                       cannedIssue,
	"/issues/9001":                     cannedPullAsIssue,
	"/issues/comments/900":             `{"id":900,"body":"Mine.","user":{"id":1,"login":"agent"},"html_url":"` + website + `/issues/1#issuecomment-900","issue_url":"` + website + `/issues/1","pull_request_url":""}`,
	"/releases/1":                      `{"id":1,"tag_name":"v1.0","target_commitish":"` + cannedID + `","name":"The first website","body":"","draft":false,"prerelease":false,"html_url":"` + website + `/releases/tag/v1.0","author":{"login":"dana"}}`,
	"/wiki/page/Home":                  cannedWiki,
	"/actions/workflows/build.yml":     `{"id":"build.yml","name":"build","path":".gitea/workflows/build.yml","state":"active"}`,
	"/git/trees/" + cannedRunID:        `{"sha":"` + cannedRunID + `","tree":[{"path":".gitea","mode":"040000","type":"tree","sha":"` + cannedFolder + `1"}]}`,
	"/git/trees/" + cannedFolder + "1": `{"sha":"` + cannedFolder + `1","tree":[{"path":"workflows","mode":"040000","type":"tree","sha":"` + cannedFolder + `2"}]}`,
	"/git/trees/" + cannedFolder + "2": `{"sha":"` + cannedFolder + `2","tree":[{"path":"build.yml","mode":"100644","type":"blob","sha":"` + cannedFolder + `3","size":60}]}`,
	"/contents/.gitea/workflows/build.yml": `{"name":"build.yml","path":".gitea/workflows/build.yml","type":"file","sha":"` + cannedFolder + `3","size":60,"encoding":"base64","content":"` +
		base64.StdEncoding.EncodeToString([]byte("on:\n  workflow_dispatch:\n    inputs:\n      level: {}\n")) + `"}`,

	"/actions/jobs/1/logs": "2025-03-06T12:00:00.0000000Z hello\n",
}

var cannedWiki = `{"title":"Home","sub_url":"Home","html_url":"` + website + `/wiki/Home","last_commit":{"sha":"` + cannedID + `"},"content_base64":"` +
	base64.StdEncoding.EncodeToString([]byte("# Home\n")) + `"}`

func cannedBranch(name, commit string) string {
	return `{"name":"` + name + `","commit":{"id":"` + commit + `"},"protected":false}`
}

const (
	cannedDoneID = "1fa091b8369408e6eff1f5585303a0f3a5fafcf2"
	cannedRunID  = "2fa091b8369408e6eff1f5585303a0f3a5fafcf3"
	cannedFolder = "3fa091b8369408e6eff1f5585303a0f3a5fafcf" // and a digit

	cannedIssue = `{"id":1090,"number":90,"title":"No map","body":"The page has none.","state":"open","content_version":2,"html_url":"` + website + `/issues/90",` +
		`"user":{"login":"dana"},"labels":[{"id":1,"name":"bug","color":"ee0701"}],"assignees":[{"login":"dana"}],"milestone":{"id":1,"title":"v1.1","state":"open"},` +
		`"repository":{"id":1,"name":"website","owner":"acme","full_name":"acme/website"}}`
	cannedPullAsIssue = `{"id":1,"number":9001,"title":"Add a page","body":"It adds a page.","state":"open","content_version":0,"html_url":"` + website + `/pulls/9001",` +
		`"user":{"login":"dana"},"pull_request":{"merged":false},"repository":{"id":1,"name":"website","owner":"acme","full_name":"acme/website"}}`
)

const (
	cannedRepository = `{"id":1,"name":"website","full_name":"acme/website","owner":{"login":"acme","visibility":"public"}}`
	cannedID         = "183d5768d454fa6021f0c56bf889fa94fd4cdc9d"
	cannedPull       = `{"id":1,"number":9001,"title":"Add a page","body":"It adds a page.","state":"open","user":{"login":"dana"},` +
		`"labels":[],"assignees":[],"content_version":0,"base":{"label":"main","ref":"main","repo_id":1,"sha":"` + cannedID + `"},` +
		`"head":{"label":"page","ref":"page","repo_id":1,"sha":"` + cannedID + `","repo":` + cannedRepository + `}}`
	cannedRun = `{"id":1,"run_number":1,"display_title":"Add a page","path":"build.yml@refs/heads/main","event":"push",` +
		`"head_sha":"` + cannedID + `","status":"completed","conclusion":"success","trigger_actor":{"login":"dana"}}`
	cannedJob = `{"id":1,"run_id":1,"name":"build","status":"completed","conclusion":"success"}`
)

// answerCanned answers a request that a canned answer is for.
func answerCanned(w http.ResponseWriter, r *http.Request, plant func([]byte) []byte) bool {
	if !reads(r.Method) {
		return carryOut(w, r, plant)
	}
	body, ok := canned[strings.TrimPrefix(r.URL.Path, "/api/v1/repos/acme/website")]
	if !ok {
		return false
	}
	kind := "application/json"
	if strings.HasSuffix(r.URL.Path, ".diff") || strings.HasSuffix(r.URL.Path, "/logs") {
		kind = "text/plain"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(plant([]byte(body)))
	return true
}
