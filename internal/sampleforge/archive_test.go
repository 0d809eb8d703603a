package sampleforge

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// An archive has every file of its commit, each with the content whose id the
// tree gives.
func TestArchivesAreTheirCommits(t *testing.T) {
	t.Parallel()
	forge := start(t)
	for _, r := range forge.data.repositories {
		for _, c := range r.commits {
			status, _, body := ask(t, http.MethodGet, forge.URL()+"/api/v1/repos/"+r.FullName+"/archive/"+c.SHA+".tar.gz", token, "", nil)
			unpacked, err := gzip.NewReader(bytes.NewReader(body))
			if status != http.StatusOK || err != nil {
				t.Fatalf("%s %s: %d %v", r.FullName, c.SHA, status, err)
			}
			ids, archive := map[string]string{}, tar.NewReader(unpacked)
			for {
				header, err := archive.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(archive)
				if err != nil {
					t.Fatal(err)
				}
				switch header.Typeflag {
				case tar.TypeXGlobalHeader:
					if header.PAXRecords["comment"] != c.SHA {
						t.Errorf("the archive of %s says that it is of %v", c.SHA, header.PAXRecords)
					}
				case tar.TypeReg:
					ids[strings.TrimPrefix(header.Name, r.Name+"/")] = fmt.Sprintf("%x", sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(content)), content...)))
				}
			}
			files := 0
			for _, e := range r.trees[c.SHA].Entries {
				if e.Type == "blob" {
					files++
					if ids[e.Path] != e.SHA {
						t.Errorf("%s %s: %s is %s in the archive", r.FullName, e.Path, e.SHA, ids[e.Path])
					}
				}
			}
			if files == 0 || len(ids) != files {
				t.Errorf("%s: %d files in the tree, %d in the archive", r.FullName, files, len(ids))
			}
		}
	}
}
