package sampleforge

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// archive answers a commit's files as git archives them: a comment with the
// commit's id first, and then everything below a folder that is called like the
// repository.
func (r *repository) archive(req *request) {
	id, ok := strings.CutSuffix(req.rest(), ".tar.gz")
	c := r.commit(id)
	if !ok || c == nil {
		req.notFound("unrecognized repository reference: " + id)
		return
	}
	var packed bytes.Buffer
	if err := r.pack(&packed, c); err != nil {
		req.forge.fail(req.w, http.StatusInternalServerError, "internal")
		return
	}
	req.w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = req.w.Write(packed.Bytes())
}

func (r *repository) pack(w io.Writer, c *commit) error {
	zipped := gzip.NewWriter(w)
	archive := tar.NewWriter(zipped)
	if err := archive.WriteHeader(&tar.Header{
		Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": c.SHA},
	}); err != nil {
		return err
	}
	for _, e := range r.trees[c.SHA].Entries {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: r.Name + "/" + e.Path, Mode: 0o664, ModTime: c.Created}
		var content []byte
		if e.Type == "tree" {
			header.Typeflag, header.Mode, header.Name = tar.TypeDir, 0o775, header.Name+"/"
		} else {
			content, _ = contentOf(r.contents[c.SHA][e.Path])
			header.Size = int64(len(content))
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(content); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return zipped.Close()
}

// contentOf returns the content of a file as /contents answers it.
func contentOf(raw json.RawMessage) ([]byte, error) {
	var file struct {
		Content string `json:"content"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(file.Content)
}
