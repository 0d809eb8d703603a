package giteatest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// API speaks Gitea's own API as one user, behind the back of whatever is under
// test: to seed, and to see what a write really did.
type API struct {
	base, token string
	basic       *User // instead of token, where Gitea wants a password
}

// Answer is what Gitea said, whatever the status: redirects are answers, too.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// As returns the API as the owner of token, "" for nobody.
func (s *Server) As(token string) API { return API{base: s.URL, token: token} }

// client follows nothing.
var client = &http.Client{
	Timeout:       5 * time.Minute, // a machine may be busy
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true},
}

// Do sends method to path, which begins after /api/v1 and is sent as it is,
// query and escapes included. A body other than nil is sent as JSON. The error
// is about transport only.
func (a API) Do(ctx context.Context, method, path string, body any) (Answer, error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return Answer{}, err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+"/api/v1"+path, payload)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	switch {
	case a.basic != nil:
		req.SetBasicAuth(a.basic.Name, a.basic.Password)
	case a.token != "":
		req.Header.Set("Authorization", "token "+a.token)
	}
	res, err := client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: content}, err
}

// Into is Do where anything but a 2xx is an error; out, if not nil, receives
// the JSON.
func (a API) Into(ctx context.Context, method, path string, body, out any) error {
	answer, err := a.Do(ctx, method, path, body)
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", method, path, answer.Status, strings.TrimSpace(string(answer.Body)))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// Settle waits until Gitea has done what it does behind its answers: after a
// push or a new issue it works off queues.
func (s *Server) Settle(ctx context.Context) error {
	for range 2 { // one queue fills another
		const limit = time.Minute
		body, err := json.Marshal(map[string]any{"Timeout": limit, "NonBlocking": false})
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/internal/manager/flush-queues", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Gitea-Internal-Auth", "Bearer "+internalKey)
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("flush Gitea's queues: %s", res.Status)
		}
	}
	return nil
}

// WithPassword is [API.Into] as u, by password: Gitea wants one to make a token.
func (s *Server) WithPassword(ctx context.Context, u User, method, path string, body, out any) error {
	return API{base: s.URL, basic: &u}.Into(ctx, method, path, body, out)
}
