package giteatest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// Units are those of a repository, by Gitea's numbers, that it can show to more people
// than the repository.
var Units = map[string]int{
	"code": 1, "issues": 2, "pulls": 3, "releases": 4, "wiki": 5, "projects": 8, "packages": 9, "actions": 10,
}

// ShowUnits makes a repository show single units to everybody (anonymous-read), or to
// everybody with an account (everyone-read, everyone-write), and no others. Gitea has
// no request of its API for that, nor does any answer tell of it.
func (s *Server) ShowUnits(ctx context.Context, fullName string, modes map[string]string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	form := url.Values{"user_name": {s.World.Keeper.Name}, "password": {s.World.Keeper.Password}}
	if err := s.submit(ctx, browser, "/user/login", form); err != nil {
		return err
	}
	form = url.Values{}
	for unit, mode := range modes {
		form.Set(fmt.Sprintf("repo-unit-access-%d", Units[unit]), mode)
	}
	return s.submit(ctx, browser, "/"+fullName+"/settings/public_access", form)
}

// submit sends a form as a browser does.
func (s *Server) submit(ctx context.Context, browser *http.Client, path string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := browser.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || strings.HasSuffix(res.Request.URL.Path, "/user/login") {
		return fmt.Errorf("%s: %s, then at %s", path, res.Status, res.Request.URL.Path)
	}
	return nil
}
