package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"aegis/gate/caller"
	"aegis/internal/canon"
	"aegis/internal/keys"
)

// A caller has what its key says, of what the server has.
func TestI8_CallersHaveWhatTheirKeysSay(t *testing.T) {
	t.Parallel()
	repo := func(name string) canon.Repo {
		r, err := canon.ParseFullName(name)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	folder := filepath.Join(t.TempDir(), "etc")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	token, file := filepath.Join(folder, "token"), filepath.Join(folder, "keys.yaml")
	if err := os.WriteFile(token, []byte("own-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"env-1": strings.Repeat("0123456789abcdef", 2)}
	_, err := keys.Edit(t.Context(), file, func(all []*keys.Key) (_ []*keys.Key, err error) {
		for _, k := range []keys.Key{
			{Name: "own", TokenFile: token, Writes: []canon.Repo{repo("a/both"), repo("a/key")}, Policy: "/etc/own.yaml"},
			{Name: "shared", Shared: true},
			{Name: "nobody"},
		} {
			if all, secrets[k.Name], err = keys.Add(all, k, time.Now()); err != nil {
				return nil, err
			}
		}
		return all, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	listed, _, err := keys.Listed(secrets["env-1"])
	if err != nil {
		t.Fatal(err)
	}
	store, err := keys.Open(file, listed, func(c keys.Change) { t.Errorf("%v", c) })
	if err != nil {
		t.Fatal(err)
	}
	a := &App{config: Config{Token: "server-token", WriteRepos: []canon.Repo{repo("a/both"), repo("a/server")}}}
	for _, want := range []caller.Config{
		{ID: "key:own", Principal: "own", Credential: "own-token", Writable: []canon.Repo{repo("a/both")}, Policy: "/etc/own.yaml"},
		{ID: "key:shared", Principal: "shared", Credential: "server-token"},
		{ID: "key:nobody", Principal: "nobody"},
		{ID: "key:env-1", Principal: "env-1", Credential: "server-token", Writable: []canon.Repo{repo("a/both"), repo("a/server")}},
	} {
		k, ok := store.Verify(secrets[want.Principal])
		if !ok {
			t.Fatalf("%s is not known", want.Principal)
		}
		if got := a.CallerOf(k); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got.Writable)
		}
	}
}
