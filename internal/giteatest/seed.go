package giteatest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// seedSource is what makes a World; a change in any of it outdates the copies
// of seeded folders in the cache.
//
//go:embed config.go history.go seed*.go world.go
var seedSource embed.FS

// seed fills a running, empty Gitea and returns what it holds.
func seed(ctx context.Context, s *Server, p program) (*World, error) {
	w := &World{}
	if err := seedPeople(ctx, s, p, w); err != nil {
		return nil, fmt.Errorf("seed people: %w", err)
	}
	w.Plant = plantSecrets()
	// The rest knows only of people, and of no other step.
	steps := []struct {
		name string
		run  func(*script, *World)
	}{
		{"service-a", seedServiceA},
		{"manyfiles", seedManyFiles},
		{"bigfile", seedBigFile},
		{"people", seedForks},
		{"refs", seedBranchy},
		{"renames", seedRenames},
		{"visibility", seedVisibility},
		{"site", seedSite},
		{"sandbox", seedSandbox},
		{"writing", seedWriting},
	}
	errs := make([]error, len(steps))
	var wg sync.WaitGroup
	for i, step := range steps {
		wg.Go(func() {
			sc := &script{ctx: ctx, server: s, api: s.As(w.Keeper.Token), token: w.Keeper.Token}
			if step.run(sc, w); sc.err != nil {
				errs[i] = fmt.Errorf("seed %s: %w", step.name, sc.err)
			}
		})
	}
	wg.Wait()
	return w, errors.Join(append(errs, s.Settle(ctx))...)
}

// script is a row of requests of which the first failure is kept and ends the
// rest, so that a seed reads as what it makes.
type script struct {
	ctx    context.Context
	server *Server
	api    API
	token  string
	err    error
}

// as is the same script in other hands; run ends with the first failure of
// either.
func (sc *script) as(u User, run func(*script)) {
	other := &script{ctx: sc.ctx, server: sc.server, api: sc.server.As(u.Token), token: u.Token, err: sc.err}
	run(other)
	sc.err = other.err
}

func (sc *script) do(method, path string, body, out any) {
	if sc.err == nil {
		sc.err = sc.api.Into(sc.ctx, method, path, body, out)
	}
}

func (sc *script) post(path string, body, out any)  { sc.do(http.MethodPost, path, body, out) }
func (sc *script) patch(path string, body, out any) { sc.do(http.MethodPatch, path, body, out) }
func (sc *script) put(path string, body any)        { sc.do(http.MethodPut, path, body, nil) }

// settle waits for Gitea's queues.
func (sc *script) settle() {
	if sc.err == nil {
		sc.err = sc.server.Settle(sc.ctx)
	}
}

// object is a JSON object.
type object map[string]any

// repo makes a repository of an organisation and pushes h to it, if not nil.
func (sc *script) repo(fullName string, private bool, h *history, objects map[string]string) Repo {
	owner, name, _ := strings.Cut(fullName, "/")
	var made struct {
		ID int64 `json:"id"`
	}
	sc.post("/orgs/"+owner+"/repos", object{
		"name": name, "private": private, "default_branch": "main", "description": "The " + name + " repository",
	}, &made)
	r := Repo{ID: made.ID, FullName: fullName}
	if sc.err == nil && h != nil {
		sc.err = h.push(sc.ctx, sc.server, sc.token, &r, objects)
		sc.settle() // until then Gitea takes the repository for empty
	}
	return r
}

// fork forks a repository into the hands of the script's user, or into those of
// an organisation, under another name.
func (sc *script) fork(fullName, organization, name string) Repo {
	body := object{"name": name}
	if organization != "" {
		body["organization"] = organization
	}
	var made struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	}
	sc.post("/repos/"+fullName+"/forks", body, &made)
	return Repo{ID: made.ID, FullName: made.FullName}
}

// collaborator lets u read or write a repository.
func (sc *script) collaborator(fullName string, u User, permission string) {
	sc.put("/repos/"+fullName+"/collaborators/"+u.Name, object{"permission": permission})
}
