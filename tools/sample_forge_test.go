package tools_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/forge"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
)

// samples are arguments that each tool answers on the sample forge. A tool
// without a row here fails the tests below.
var samples = map[string]string{
	"get_me":                    `{}`,
	"list_repositories":         `{}`,
	"get_repository":            `{"owner":"acme","repo":"website"}`,
	"get_file_tree":             `{"owner":"acme","repo":"website","recursive":true}`,
	"get_file_contents":         `{"owner":"acme","repo":"website","path":"README.md"}`,
	"search_code":               `{"owner":"acme","repo":"website","query":"planted"}`,
	"list_commits":              `{"owner":"acme","repo":"website"}`,
	"list_issues":               `{"owner":"acme","repo":"website","state":"all"}`,
	"get_issue":                 `{"owner":"acme","repo":"website","number":1}`,
	"list_pull_requests":        `{"owner":"acme","repo":"website","state":"all"}`,
	"get_pull_request":          `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_commits": `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_files":   `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_reviews": `{"owner":"acme","repo":"website","number":9001}`,
	"get_pull_request_diff":     `{"owner":"acme","repo":"website","number":9001}`,
	"list_wiki_pages":           `{"owner":"acme","repo":"website"}`,
	"get_wiki_page":             `{"owner":"acme","repo":"website","name":"Home"}`,
	"list_workflow_runs":        `{"owner":"acme","repo":"website"}`,
	"get_workflow_run":          `{"owner":"acme","repo":"website","run_id":1}`,
	"get_job_log":               `{"owner":"acme","repo":"website","job_id":1}`,
	"list_organizations":        `{}`,
	"search_users":              `{"query":"dana"}`,
	"list_branches":             `{"owner":"acme","repo":"website"}`,
	"list_tags":                 `{"owner":"acme","repo":"website"}`,
	"get_commit":                `{"owner":"acme","repo":"website","sha":"` + cannedID + `"}`,
	"compare_refs":              `{"owner":"acme","repo":"website","base":"v1.0","head":"main"}`,
	"get_commit_status":         `{"owner":"acme","repo":"website","ref":"main"}`,
	"list_issue_comments":       `{"owner":"acme","repo":"website","number":1}`,
	"search_issues":             `{"query":"phone"}`,
	"list_labels":               `{"owner":"acme","repo":"website"}`,
	"list_milestones":           `{"owner":"acme","repo":"website"}`,
	"list_releases":             `{"owner":"acme","repo":"website"}`,
	"get_release":               `{"owner":"acme","repo":"website","tag":"latest"}`,
	"list_notifications":        `{}`,
	"list_packages":             `{"owner":"acme"}`,

	// What changes something does so in acme/website: branches main and agent/work, both
	// at cannedID, agent/done and agent/ci at others; issues 1 to 4 and 90, pull request
	// 9001 of the branch page; labels bug and docs; milestone v1.1; dana may write;
	// the token's user is agent. What else such a tool asks Gitea for goes into canned,
	// what Gitea answers to its request into carriedOut.
	"create_issue":               `{"owner":"acme","repo":"website","title":"No map","body":"The page has none.","labels":["bug"],"assignees":["dana"],"milestone":"v1.1"}`,
	"update_issue":               `{"owner":"acme","repo":"website","number":90,"title":"No map at all","body":"None.","state":"closed","labels":["bug","docs"],"assignees":["dana"],"milestone":"v1.1","due_date":"2030-01-02T00:00:00Z"}`,
	"create_comment":             `{"owner":"acme","repo":"website","number":1,"body":"I will look at it."}`,
	"edit_comment":               `{"owner":"acme","repo":"website","comment_id":900,"body":"I have looked at it."}`,
	"create_label":               `{"owner":"acme","repo":"website","name":"map","color":"#00aabb","description":"About maps"}`,
	"create_milestone":           `{"owner":"acme","repo":"website","title":"v2.0","description":"With a map","due_date":"2030-01-02T00:00:00Z"}`,
	"create_branch":              `{"owner":"acme","repo":"website","branch":"agent/map","from":"main"}`,
	"commit_files":               `{"owner":"acme","repo":"website","branch":"agent/work","message":"Add a map","files":[{"operation":"create","path":"pages/map.html","content":"<p>A map</p>\n"},{"operation":"update","path":"README.md","content":"# Website\n","sha":"ac2f440a7340eed80d83d7fff6ff496076f48dcc"},{"operation":"delete","path":"docs/contributing.md","sha":"974a27d5605c33f2a972e2c3cdddf0ddd881d2c7"}]}`,
	"create_pull_request":        `{"owner":"acme","repo":"website","title":"Add a map","head":"agent/done","base":"main","body":"It adds one.","labels":["docs"],"assignees":["dana"],"milestone":"v1.1","draft":true}`,
	"update_pull_request":        `{"owner":"acme","repo":"website","number":9001,"title":"Add two pages","body":"Both.","state":"closed","labels":["docs"],"assignees":["dana"],"milestone":"v1.1"}`,
	"create_pull_request_review": `{"owner":"acme","repo":"website","number":9001,"event":"comment","body":"Fine.","comments":[{"path":"pages/new.html","line":1,"side":"new","body":"A title?"}]}`,
	"create_release":             `{"owner":"acme","repo":"website","tag":"v2.0","target":"main","title":"With a map","body":"News.","prerelease":true}`,
	"edit_release":               `{"owner":"acme","repo":"website","id":1,"title":"The first one","body":"Old news."}`,
	"write_wiki_page":            `{"owner":"acme","repo":"website","name":"Home","content":"# Home\n\nA map.\n","message":"A map"}`,
	"dispatch_workflow":          `{"owner":"acme","repo":"website","workflow":"build.yml","ref":"agent/ci","inputs":{"level":"low"}}`,
	"rerun_workflow":             `{"owner":"acme","repo":"website","run_id":1}`,
}

const canary = "canary-Zq7Xw2Lp-operators-own-secret"

// sample is the sample forge behind a proxy that plants something in every free
// text.
func sample(t *testing.T, text string, onRequest func(*http.Request)) *giteatest.Proxy {
	t.Helper()
	return planted(t, onRequest, func(body []byte) []byte { return plant(body, text) }, canary)
}

// planted is the sample forge behind a proxy that changes its answers, and adds
// a file of the given name to its archives.
func planted(t *testing.T, onRequest func(*http.Request), plant func([]byte) []byte, file string) *giteatest.Proxy {
	t.Helper()
	recorded, err := sampleforge.Start(os.DirFS("../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = recorded.Close() })
	return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if onRequest != nil {
			onRequest(r)
		}
		if answerCanned(w, r, plant) {
			return
		}
		r.RequestURI = ""
		request := r.Clone(r.Context())
		request.URL.Scheme, request.URL.Host = "http", strings.TrimPrefix(recorded.URL(), "http://")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") { // who recorded the forge may only read it
			for _, right := range []string{"push", "user_can_push"} {
				body = bytes.ReplaceAll(body, []byte(`"`+right+`":false`), []byte(`"`+right+`":true`))
			}
		}
		for name, values := range response.Header {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(response.StatusCode)
		if strings.HasSuffix(r.URL.Path, ".tar.gz") {
			_, _ = w.Write(plantArchive(t, body, file))
			return
		}
		_, _ = w.Write(plant(body))
	}))
}

// texts are the members of Gitea's records that people write freely.
var texts = []string{"title", "body", "description", "message", "content", "content_base64", "website", "language", "display_title"}

// plant puts a text into every free text of a JSON answer.
func plant(body []byte, canary string) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if !json.Valid(body) || decoder.Decode(&value) != nil { // a diff or a log
		return append(bytes.Clone(body), "+"+canary+"\n"...)
	}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, each := range v {
				if row, ok := each.(map[string]any); ok && row["commit"] != nil && row["name"] != nil { // a branch or a tag
					row["name"] = canary + row["name"].(string)
				}
				walk(each)
			}
		case map[string]any:
			_, isUser := v["login"]
			if _, isRelease := v["tag_name"]; isRelease {
				v["name"] = canary
			}
			if _, isPackage := v["creator"]; isPackage {
				v["name"] = canary
			}
			for name, each := range v {
				text, ok := each.(string)
				switch {
				case !ok:
					walk(each)
				case name == "content", name == "content_base64":
					raw, _ := base64.StdEncoding.DecodeString(text)
					v[name] = base64.StdEncoding.EncodeToString(append(raw, "\n"+canary+"\n"...))
				case name == "filename":
					v[name] = text + "." + canary
				case slices.Contains(texts, name), isUser && name == "full_name":
					v[name] = canary + " " + text
				}
			}
			if tree, ok := v["tree"].([]any); ok { // names of files are text, too
				v["tree"] = append(tree, map[string]any{"path": canary + ".md", "mode": "100644", "type": "blob", "size": len(plantedFile), "sha": forge.BlobID([]byte(plantedFile))})
			}
		}
	}
	walk(value)
	if rows, ok := value.([]any); ok && len(rows) > 0 { // what is looked up by its name is there, too
		first, _ := rows[0].(map[string]any)
		var own []any
		if _, isMilestone := first["open_issues"]; (isMilestone || first["filename"] != nil) && json.Unmarshal(body, &own) == nil {
			value = append(rows, own...)
		}
	}
	planted, _ := json.Marshal(value)
	return planted
}

// plantedFile is a file that is in every tree and archive, besides those that
// are recorded.
const plantedFile = "planted " + canary + "\n"

// plantArchive adds the file to an archive.
func plantArchive(t *testing.T, packed []byte, name string) []byte {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Error(err)
		return packed
	}
	var planted bytes.Buffer
	zipped := gzip.NewWriter(&planted)
	from, to := tar.NewReader(unpacked), tar.NewWriter(zipped)
	for {
		header, err := from.Next()
		if err == io.EOF {
			break
		}
		if err != nil || to.WriteHeader(header) != nil {
			t.Error("the archive can't be copied", err)
			return packed
		}
		_, _ = io.Copy(to, from)
	}
	_ = to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "website/" + name + ".md", Mode: 0o664, Size: int64(len(plantedFile))})
	_, _ = io.WriteString(to, plantedFile)
	_, _ = to.Close(), zipped.Close()
	return planted.Bytes()
}

// decided reports whether the log has that a call is allowed, at a stage.
func decided(t *testing.T, log, call, stage string) bool {
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Error(err)
	}
	for line := range bytes.Lines(raw) {
		var entry map[string]any
		if json.Unmarshal(line, &entry) == nil && entry["kind"] == "decision" && entry["call"] == call && entry["decision"] == "allow" && entry["stage"] == stage {
			return true
		}
	}
	return false
}
