package jobtest

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "record what Gitea delivers anew")

// recorded is where the fast tests of hooks read what was delivered.
const recorded = "../jobs/hook/testdata/delivered"

// record keeps the first delivery of each kind, and each of a run's: its headers, and its
// body as it came.
func record(t *testing.T, all []delivered) {
	t.Helper()
	if err := os.RemoveAll(recorded); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(recorded, 0o755); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, d := range all {
		name := d.header.Get("X-Gitea-Event-Type")
		if got, err := d.receive(t, time.Now()); err == nil && got.Event.Kind == "workflow_run" {
			name += "_" + got.Event.Action
		}
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		var b bytes.Buffer
		fmt.Fprintf(&b, "POST /hooks/gitea HTTP/1.1\nHost: localhost\nDate: %s\nContent-Length: %d\n", time.Now().UTC().Format(http.TimeFormat), len(d.body))
		for _, header := range []string{"Content-Type", "X-Gitea-Event", "X-Gitea-Event-Type", "X-Gitea-Delivery", "X-Gitea-Signature"} {
			fmt.Fprintf(&b, "%s: %s\n", header, d.header.Get(header))
		}
		b.WriteString("\n")
		b.Write(d.body)
		if err := os.WriteFile(filepath.Join(recorded, name+".http"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
