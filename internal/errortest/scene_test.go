package errortest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

type object = map[string]any

// scene is a real Gitea, and whoever sets it up.
type scene struct {
	t *testing.T
	s *giteatest.Server
}

func onGitea(t *testing.T) scene {
	t.Helper()
	return scene{t, giteatest.Start(t)}
}

// keeper does something as the administrator, who has to succeed.
func (c scene) keeper(method, path string, body, out any) {
	c.t.Helper()
	if err := c.s.As(c.s.World.Keeper.Token).Into(c.t.Context(), method, path, body, out); err != nil {
		c.t.Fatal(err)
	}
}

// repo makes a private repository of acme's that the Reader reads and the Writer writes to,
// and returns its path in the API. settings change it.
func (c scene) repo(name string, commits bool, settings object) string {
	c.t.Helper()
	path := "/repos/acme/" + name
	c.keeper(http.MethodPost, "/orgs/acme/repos", object{"name": name, "private": true, "default_branch": "main", "auto_init": commits, "readme": "Default"}, nil)
	c.keeper(http.MethodPut, path+"/collaborators/reader", object{"permission": "read"}, nil)
	c.keeper(http.MethodPut, path+"/collaborators/writer", object{"permission": "write"}, nil)
	if settings != nil {
		c.keeper(http.MethodPatch, path, settings, nil)
	}
	return path
}

func (c scene) reader(policy string) *gatetest.Door {
	return gatetest.Open(c.t, gatetest.Config{URL: c.s.URL, Token: c.s.World.Reader.Token, Policy: policy})
}

// writer is a door for writing to a repository of acme's. more is of its section in the policy.
func (c scene) writer(token, name, more string) *gatetest.Door {
	c.t.Helper()
	repo, err := canon.ParseRepo("acme", name)
	if err != nil {
		c.t.Fatal(err)
	}
	return gatetest.Open(c.t, gatetest.Config{
		URL: c.s.URL, Token: token, Write: true, Repos: []canon.Repo{repo},
		Policy: fmt.Sprintf("version: 1\nrepositories:\n  \"acme/%s\":\n    write: allow\n    automation: allow\n%s", name, more),
	})
}

// in is the arguments of a call about a repository of acme's.
func in(name, more string) string {
	return fmt.Sprintf(`{"owner":"acme","repo":%q%s}`, name, more)
}

// push adds branches, as a stream for git fast-import has them, to a repository of acme's.
func (c scene) push(name, stream string) {
	c.t.Helper()
	folder := c.t.TempDir()
	basic := base64.StdEncoding.EncodeToString([]byte("x:" + c.s.World.Keeper.Token))
	for _, args := range [][]string{
		{"init", "--quiet", "--bare"}, {"fast-import", "--quiet"}, {"push", "--quiet", c.s.URL + "/acme/" + name + ".git", "--all"},
	} {
		cmd := exec.CommandContext(c.t.Context(), "git", args...)
		cmd.Dir, cmd.Stdin = folder, bytes.NewReader([]byte(stream))
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+folder, "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		if out, err := cmd.CombinedOutput(); err != nil {
			c.t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	if err := c.s.Settle(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}
