package forge

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	"aegis/internal/canon"
)

// ReadArchive reads the archive of a commit as it comes. It hands the content of each
// regular file of at most most bytes to file, one after the other; content is the
// callee's to keep. It ends with the first error of file's, which it returns as it is.
//
// Content comes without a name. What a file is called in an archive depends on Gitea's
// settings and on the repository's name. A path judged by that could be another than
// the tree's. What a content is, its [BlobID] says, and where a commit has it,
// [Client.TreeFiles].
//
// An archive that unpacks to more than [MaxArchive] is TooLarge.
func (c *Client) ReadArchive(repo canon.Repo, commit string, most int64, file func(content []byte) error) error {
	stream, err := c.archive(repo, commit)
	if err != nil {
		return err
	}
	defer stream.Close()
	a := &archiveReader{commit: commit, most: most, file: file, left: MaxArchive}
	err = a.read(stream)
	switch {
	case a.stopped != nil:
		return a.stopped
	case err == nil:
		return nil
	case a.left <= 0:
		return tooLarge(http.StatusOK, MaxArchive)
	case c.ctx.Err() != nil:
		return ended(c.ctx)
	}
	if known := new(Error); errors.As(err, &known) {
		return known
	}
	return damagedArchive()
}

// archiveReader unpacks one archive. It is the reader between gzip and tar, and
// counts what passes.
type archiveReader struct {
	commit  string
	most    int64
	file    func([]byte) error
	stopped error // what file returned

	unpacked io.Reader
	left     int64 // bytes that may still come out of it
}

func (a *archiveReader) read(stream io.Reader) error {
	unpacked, err := gzip.NewReader(stream)
	if err != nil {
		return err
	}
	return a.unpack(unpacked)
}

func (a *archiveReader) unpack(unpacked io.Reader) error {
	a.unpacked = unpacked
	archive := tar.NewReader(a)
	if err := a.begin(archive); err != nil {
		return err
	}
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case header.Typeflag == tar.TypeXGlobalHeader: // there is one, and it was read
			return damagedArchive()
		case header.Typeflag != tar.TypeReg || header.Size > a.most:
			continue
		}
		// Its size is the archive's word for it. A file that is not as large as it
		// says can't be read, and one of zeros only is not kept in the archive.
		content, err := io.ReadAll(io.LimitReader(archive, a.most+1))
		if err != nil {
			return err
		}
		if int64(len(content)) > a.most {
			continue
		}
		if a.stopped = a.file(content); a.stopped != nil {
			return a.stopped
		}
	}
}

// begin reads what git begins an archive with: a comment that names the commit.
func (a *archiveReader) begin(archive *tar.Reader) error {
	header, err := archive.Next()
	switch {
	case err == io.EOF:
		return damagedArchive()
	case err != nil:
		return err
	case header.Typeflag != tar.TypeXGlobalHeader || header.PAXRecords["comment"] != a.commit:
		return &Error{Kind: GiteaError, Status: http.StatusOK, Message: "Gitea's archive is not of the commit that was asked for."}
	}
	return nil
}

func (a *archiveReader) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := a.unpacked.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}

func damagedArchive() *Error {
	return &Error{Kind: GiteaError, Status: http.StatusOK, Message: "Gitea's archive is damaged or was cut short."}
}

// BlobID is the id that git gives to a file's content.
func BlobID(content []byte) string {
	hash := sha1.New()
	fmt.Fprintf(hash, "blob %d\x00", len(content))
	hash.Write(content)
	return hex.EncodeToString(hash.Sum(nil))
}

// Unconverted returns content as git keeps it where that tells lines by LF and
// an archive by CRLF, which is what the attribute eol=crlf does. It is nil if
// there is nothing to convert.
func Unconverted(content []byte) []byte {
	if !bytes.Contains(content, []byte("\r\n")) {
		return nil
	}
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

// TreeFile is a regular file of a commit.
type TreeFile struct {
	Path string // as git has it
	Blob string // its content's id
	Size int64
}

// TreeFiles returns all regular files of a commit, in git's order; what is a
// symlink or a submodule is left out. A commit with more than 100,000 entries is
// TooLarge.
func (c *Reader) TreeFiles(repo canon.Repo, commit string) ([]TreeFile, error) {
	var files []TreeFile
	for page := 1; page <= maxTreePages; page++ {
		found, err := c.Tree(repo, commit, true, page, perTree)
		if err != nil {
			return nil, err
		}
		if found.SHA != commit {
			return nil, shadowedCommit()
		}
		for _, entry := range found.Entries {
			if entry.Mode != "100644" && entry.Mode != "100755" {
				continue
			}
			if !commitID(entry.SHA) {
				return nil, notGitea(http.StatusOK)
			}
			files = append(files, TreeFile{Path: entry.Path, Blob: entry.SHA, Size: entry.Size})
		}
		if !found.Truncated || len(found.Entries) == 0 {
			return files, nil
		}
	}
	return nil, &Error{Kind: TooLarge, Message: fmt.Sprintf("The commit has more than %d files and folders.", maxTreePages*perTree)}
}
