package forge

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const archived = "00112233445566778899aabbccddeeff00112233"

// packed is an archive with git's comment and what write adds.
func packed(write func(w *tar.Writer)) []byte {
	var all bytes.Buffer
	zipped := gzip.NewWriter(&all)
	w := tar.NewWriter(zipped)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": archived}})
	write(w)
	_, _ = w.Close(), zipped.Close()
	return all.Bytes()
}

func addFile(w *tar.Writer, name, content string) {
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content))})
	_, _ = io.WriteString(w, content)
}

func unpack(stream []byte, most int64) (contents []string, err error) {
	a := &archiveReader{commit: archived, most: most, left: 1 << 20, file: func(content []byte) error {
		contents = append(contents, string(content))
		return nil
	}}
	return contents, a.read(bytes.NewReader(stream))
}

func TestReadArchive(t *testing.T) {
	t.Parallel()
	got, err := unpack(packed(func(w *tar.Writer) {
		addFile(w, "app/a", "a")
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "app/folder/"})
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "app/link", Linkname: "a"})
		addFile(w, "app/empty", "")
		addFile(w, "app/long", strings.Repeat("x", 101))
		addFile(w, "../"+strings.Repeat("n", 500), strings.Repeat("y", 100))
	}), 100)
	if err != nil || fmt.Sprint(got) != fmt.Sprint([]string{"a", "", strings.Repeat("y", 100)}) {
		t.Errorf("%q %v", got, err)
	}
}

// What unpacks to more than the bound is not read further, in whatever way it
// gets there.
func TestArchivesAreBounded(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(w *tar.Writer){
		"one large file":   func(w *tar.Writer) { addFile(w, "app/a", strings.Repeat("x", 2<<20)) },
		"many small files": func(w *tar.Writer) { repeat(5000, func() { addFile(w, "app/a", "") }) },
		"many links": func(w *tar.Writer) {
			repeat(5000, func() { _ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "t"}) })
		},
		"long names": func(w *tar.Writer) { repeat(40, func() { addFile(w, strings.Repeat("n", 50_000), "") }) },
	} {
		a := &archiveReader{commit: archived, most: 100, left: 1 << 20, file: func([]byte) error { return nil }}
		if err := a.read(bytes.NewReader(packed(write))); err == nil || a.left > 0 {
			t.Errorf("%s: %v, %d bytes left", name, err, a.left)
		}
	}
}

func repeat(n int, do func()) {
	for range n {
		do()
	}
}

// A file's callee ends the reading with an error of its own.
func TestReadArchiveStops(t *testing.T) {
	t.Parallel()
	enough, calls := errors.New("enough"), 0
	a := &archiveReader{commit: archived, most: 100, left: 1 << 20, file: func([]byte) error { calls++; return enough }}
	err := a.read(bytes.NewReader(packed(func(w *tar.Writer) { repeat(9, func() { addFile(w, "a", "x") }) })))
	if err != enough || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// The ids are git's own: of the empty blob and of one that everybody knows.
func TestBlobID(t *testing.T) {
	t.Parallel()
	for content, id := range map[string]string{
		"":                 "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		"hello\n":          "ce013625030ba8dba906f756967f9e9ca394464a",
		"what is up, doc?": "bd9dbf5aae1a3862dd1526723246b20206e5fc37",
	} {
		if got := BlobID([]byte(content)); got != id {
			t.Errorf("%q is %s", content, got)
		}
	}
	if got := string(Unconverted([]byte("a\r\nb\rc\n"))); got != "a\nb\rc\n" || Unconverted([]byte("a\n")) != nil {
		t.Errorf("%q", got)
	}
}

func FuzzReadArchive(f *testing.F) {
	plain := func(write func(w *tar.Writer)) []byte {
		r, _ := gzip.NewReader(bytes.NewReader(packed(write)))
		raw, _ := io.ReadAll(r)
		return raw
	}
	f.Add(plain(func(w *tar.Writer) { addFile(w, "app/a", "text\n") }))
	f.Add(plain(func(w *tar.Writer) { addFile(w, strings.Repeat("long/", 60), "text\n") }))
	f.Add(plain(func(w *tar.Writer) {
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "t"})
	}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		total := 0
		a := &archiveReader{commit: archived, most: 1000, left: 1 << 20, file: func(content []byte) error {
			if total += len(content); len(content) > 1000 {
				t.Fatalf("a content of %d bytes", len(content))
			}
			return nil
		}}
		_ = a.unpack(bytes.NewReader(raw))
		// Sparse files can hold more than the archive does, but not many of them.
		if total > 1000*(len(raw)/512+1) {
			t.Errorf("%d bytes out of %d", total, len(raw))
		}
	})
}
