package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// fake is a forge made of records by path, for what a real one can't be
// brought to do on demand. Unknown paths answer 404.
type fake struct {
	mu      sync.Mutex
	records map[string]any
	before  func(*http.Request) // called for each request, before its answer
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	record, ok := f.records[strings.TrimPrefix(r.URL.Path, "/api/v1")]
	before := f.before
	f.mu.Unlock()
	if before != nil {
		before(r)
	}
	switch record := record.(type) {
	case http.HandlerFunc:
		record(w, r)
	default:
		if !ok {
			http.Error(w, `{"message":"not found","url":"","errors":null}`, http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(record)
	}
}

func (f *fake) proxy(t *testing.T) *giteatest.Proxy { return giteatest.NewProxyTo(t, f) }

type record map[string]any

// repository is a record as Gitea gives it; more overrides.
func repository(fullName string, more ...record) record {
	owner, name, _ := strings.Cut(fullName, "/")
	r := record{
		"id": idOf(fullName), "full_name": fullName, "name": name, "default_branch": "main",
		"owner": record{"login": owner, "visibility": "public"},
	}
	for _, m := range more {
		for key, value := range m {
			r[key] = value
		}
	}
	return r
}

// idOf is a repository's id: each name's own, 7 for acme/app.
func idOf(fullName string) int64 {
	if fullName == "acme/app" {
		return 7
	}
	return 1000 + int64(crc32.ChecksumIEEE([]byte(strings.ToLower(fullName))))
}

func forkOf(parent record) record { return record{"fork": true, "parent": parent} }

// forge with acme/app, one branch and the given issues.
func newFake(records record) *fake {
	f := &fake{records: map[string]any{
		"/repos/acme/app":               repository("acme/app"),
		"/repos/acme/app/branches/main": record{"name": "main", "commit": record{"id": commit}},
		"/user":                         record{"id": 1, "login": "reader"},
		"/version":                      record{"version": "1.26.0"},
	}}
	for path, value := range records {
		f.records[path] = value
	}
	return f
}

const commit = "00112233445566778899aabbccddeeff00112233"

const inApp = `{"owner":"acme","repo":"app"}`

// toy is a tool for tests: it touches what target says and runs run.
func toy(name string, target gate.Target, run gate.Handler) tools.Tool {
	capability, ok := policy.ToolCapability(name)
	if !ok {
		panic(fmt.Sprintf("%s is not in the vocabulary", name))
	}
	return tools.Tool{Tool: gate.Tool{Name: name, Capability: capability, Prepare: func(json.RawMessage) (gate.Prepared, error) {
		return gate.Prepared{Target: target, Run: run}, nil
	}}}
}

func says(fields any) gate.Handler {
	return func(context.Context, *gate.Visit) (*gate.Result, error) { return &gate.Result{Fields: fields}, nil }
}

func repo(t *testing.T, fullName string) canon.Repo {
	t.Helper()
	r, err := canon.ParseFullName(fullName)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listing prepares a call that answers a list of a repository.
func listing(name canon.Repo, list gate.List) func(json.RawMessage) (gate.Prepared, error) {
	return func(json.RawMessage) (gate.Prepared, error) {
		return gate.Prepared{Target: gate.Repository(name), Run: func(context.Context, *gate.Visit) (*gate.Result, error) {
			rows := list
			return &gate.Result{List: &rows}, nil
		}}, nil
	}
}
