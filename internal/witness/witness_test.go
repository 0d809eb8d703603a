package witness

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const noted = "host/audit-1\n7\nAAAA\n2031-02-03T04:05:06Z\n\n— host/audit-1 sig\n"

func TestPlacesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "exec:", "exec:  ", "http://example.org/notes", "ftp://example.org", "https://", "https://user:word@example.org/"} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), "word") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// bring brings the note to a place.
func bring(t *testing.T, place string) error {
	t.Helper()
	to, err := Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	return to.Publish(t.Context(), noted)
}

func TestToAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "notes")
	for range 2 {
		if err := bring(t, file); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != noted+noted {
		t.Errorf("%q %v", got, err)
	}
	if err := bring(t, filepath.Join(file, "below")); err == nil {
		t.Error("below a file there is one")
	}
}

func TestToAnAddress(t *testing.T) {
	t.Parallel()
	var got string
	status := http.StatusCreated
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + string(body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	if err := bring(t, server.URL); err != nil || got != "POST "+noted {
		t.Errorf("%q %v", got, err)
	}
	for _, status = range []int{http.StatusFound, http.StatusForbidden, http.StatusInternalServerError} {
		if err := bring(t, server.URL); err == nil {
			t.Errorf("%d is taken for a yes", status)
		}
	}
}

// What is told of an address is its host: the rest may be a secret.
func TestAnAddressThatIsASecret(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, address := range []string{server.URL, gone.URL} {
		err := bring(t, address+"/hooks/s3cr3t?key=s3cr3t")
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%v", err)
		}
	}
}

func TestToACommand(t *testing.T) {
	t.Setenv("GITEA_TOKEN", "not for a command") // so it can't be parallel
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	folder := t.TempDir()
	script := filepath.Join(folder, "take")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ncat > \"$1\"\nenv >> \"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := bring(t, "exec:"+script+" "+folder+"/got"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "got"))
	if err != nil || !strings.HasPrefix(string(got), noted) || strings.Contains(string(got), "GITEA_TOKEN") {
		t.Errorf("%q %v", got, err)
	}
	if err := bring(t, "exec:"+filepath.Join(folder, "nothing")); err == nil {
		t.Error("a command that is not there was run")
	}
}
