package sampleforge

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func start(t *testing.T) *Forge {
	t.Helper()
	forge, err := Start(os.DirFS(recorded))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := forge.Close(); err != nil {
			t.Error(err)
		}
	})
	return forge
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	forge := start(t)
	const head = "183d5768d454fa6021f0c56bf889fa94fd4cdc9d" // of acme/website
	for _, row := range []struct {
		name, method, path, token string
		status                    int
		holds                     string
	}{
		{"who am I", "GET", "/user", token, 200, `"login":"agent"`},
		{"all repositories", "GET", "/repos/search", token, 200, `"full_name":"acme/hr-people"`},
		{"a search", "GET", "/repos/search?q=site", token, 200, `"full_name":"acme/website"`},
		{"a repository", "GET", "/repos/acme/service", token, 200, `"private":true`},
		{"in another case", "GET", "/repos/Acme/SERVICE", token, 200, `"full_name":"acme/service"`},
		{"an empty one", "GET", "/repos/acme/playground", token, 200, `"empty":true`},
		{"a branch", "GET", "/repos/acme/website/branches/main", token, 200, head},
		{"a commit", "GET", "/repos/acme/website/git/commits/" + head, token, 200, `"message":"Add a contact page\n"`},
		{"a folder", "GET", "/repos/acme/website/contents?ref=" + head, token, 200, `"path":"README.md"`},
		{"an issue", "GET", "/repos/acme/website/issues/3", token, 200, "The button does nothing"},
		{"a file's own address", "GET", "/repos/acme/website/contents/README.md?ref=" + head, token, 200, forge.URL()},
		{"only the head", "HEAD", "/user", token, 200, ""},
		{"a former name", "GET", "/repos/acme/old-name/issues?type=issues", token, 301, ""},
		{"an unknown repository", "GET", "/repos/acme/none", token, 404, `"message":"not found"`},
		{"an unknown file", "GET", "/repos/acme/website/contents/none?ref=" + head, token, 404, "rel_path: none"},
		{"an unknown address", "GET", "/admin/users", token, 404, "404 page not found"},
		{"a path to be cleaned", "GET", "/repos/acme/website/../service", token, 404, ""},
		{"a write", "POST", "/repos/acme/website/issues", token, 404, ""},
		{"a deletion", "DELETE", "/repos/acme/website", token, 404, ""},
		{"no token", "GET", "/user", "", 401, `"message"`},
		{"another token", "GET", "/user", strings.Repeat("0", 40), 401, `"message"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := ask(t, row.method, forge.URL()+"/api/v1"+row.path, row.token, "", nil)
			if status != row.status || !strings.Contains(string(body), row.holds) {
				t.Errorf("%d %.300s, want %d with %s", status, body, row.status, row.holds)
			}
			if location := header.Get("Location"); status == 301 && location != "/api/v1/repos/acme/website/issues?type=issues" {
				t.Errorf("redirects to %q", location)
			}
			if strings.Contains(string(body), "forge.invalid/") {
				t.Errorf("the placeholder for the forge's address is in %.300s", body)
			}
		})
	}
}

// The planted key is in the file that is served and nowhere in what is shipped.
func TestPlantedKey(t *testing.T) {
	t.Parallel()
	forge := start(t)
	var file struct {
		Content string `json:"content"`
		Size    int    `json:"size"`
	}
	_, _, body := ask(t, http.MethodGet, forge.URL()+"/api/v1/repos/acme/service/contents/config/deploy.env", token, "", nil)
	if err := json.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	content, err := base64.StdEncoding.DecodeString(file.Content)
	if err != nil || !strings.Contains(string(content), "AWS_ACCESS_KEY_ID="+PlantedKey()+"\n") || len(content) != file.Size {
		t.Errorf("config/deploy.env is %q (size %d, %v)", content, file.Size, err)
	}
	shipped(t, func(name, content string) {
		for _, text := range append(decoded(content), content) {
			if strings.Contains(text, PlantedKey()) || strings.Contains(text, forge.Token()) {
				t.Errorf("%s holds the planted key or the token", name)
			}
		}
	})
}

// What is shipped tells nothing of the machine that it was recorded on.
func TestDataAreScrubbed(t *testing.T) {
	t.Parallel()
	shipped(t, func(name, content string) {
		for _, word := range []string{"127.0.0.1", "localhost", "/tmp/", "root@", "/home/", "aegis"} {
			if strings.Contains(content, word) {
				t.Errorf("%s holds %q", name, word)
			}
		}
	})
}

func shipped(t *testing.T, check func(name, content string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(recorded), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(os.DirFS(recorded), name)
		check(name, string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// decoded returns what the base64 in a text stands for.
func decoded(text string) (all []string) {
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+/]{24,}=*`).FindAllString(text, -1) {
		if content, err := base64.StdEncoding.DecodeString(word); err == nil {
			all = append(all, string(content))
		}
	}
	return all
}

func TestStartRefusesBrokenData(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"nothing":     {},
		"not JSON":    {"me.json": {Data: []byte("{")}},
		"a file less": {"me.json": {Data: []byte("{}")}, "users.json": {Data: []byte("[]")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if forge, err := Start(files); err == nil || !strings.Contains(err.Error(), ".json") {
				t.Errorf("Start: %v, %v; want an error that names a file", forge, err)
			}
		})
	}
}

func TestCloseFreesThePort(t *testing.T) {
	t.Parallel()
	forge, err := Start(os.DirFS(recorded))
	if err != nil {
		t.Fatal(err)
	}
	if err := forge.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(forge.URL(), "http://")); err == nil {
		conn.Close()
		t.Error("somebody still listens")
	}
}

func FuzzRequest(f *testing.F) {
	forge, err := Start(os.DirFS(recorded))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { forge.Close() })
	f.Add("/repos/acme/website/commits", "page=9223372036854775807&limit=-1")
	f.Add("/repos/acme/service/git/trees/main", "per_page=0&page=-3&recursive=yes")
	f.Add("/repos/acme/website/issues", "labels=,,&milestones=%2c&state=x&since=0")
	f.Add("/repos/search", "uid=x&sort=id&order=desc&page=4611686018427387904&limit=50")
	handler := forge.handler()
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/api/v1" + path, RawQuery: query}
		r.Header.Set("Authorization", "token "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s answers %q", path, query, w.Body)
		}
	})
}
