package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A file that was rotated lies beside the log as LOG.N, or as LOG.N.gz once it was
// compressed, where N is the number of its last entry in twelve digits: names sort as
// the chain goes.

const packedSuffix = ".gz"

// archiveName is the name of a rotated file whose last entry is seq, without its folder.
func archiveName(log string, seq int64) string {
	return fmt.Sprintf("%s.%012d", filepath.Base(log), seq)
}

// part is one of the files that a log consists of.
type part struct {
	path string // without .gz
	last int64  // the number of its last entry, by its name
}

func (p part) name() string { return filepath.Base(p.path) }

// archivesOf lists what was rotated away from a log, the oldest first.
func archivesOf(log string) ([]part, error) {
	names, err := os.ReadDir(filepath.Dir(log))
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, entry := range names {
		if p, ok := archiveOf(log, entry.Name()); ok && entry.Type().IsRegular() {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.last, b.last) })
	return slices.Compact(parts), nil // one that is being compressed is there twice
}

func archiveOf(log, name string) (part, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSuffix(name, packedSuffix), filepath.Base(log)+".")
	if !ok || len(digits) < 12 {
		return part{}, false
	}
	last, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || last <= 0 || archiveName(log, last) != strings.TrimSuffix(name, packedSuffix) {
		return part{}, false
	}
	return part{filepath.Join(filepath.Dir(log), archiveName(log, last)), last}, true
}

// open opens the file as it was before it was compressed.
func (p part) open() (io.ReadCloser, error) {
	if info, err := os.Lstat(p.path); err == nil && info.Mode().IsRegular() {
		f, err := openNoFollow(p.path, os.O_RDONLY)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return openPacked(p.path + packedSuffix)
}

// packed is a compressed file, read as it was before. It is one stream of gzip: whatever
// follows that is an error.
type packed struct {
	*gzip.Reader
	bytes *bufio.Reader
	file  *os.File
}

// Read reads what was compressed.
func (p *packed) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if errors.Is(err, io.EOF) {
		if _, more := p.bytes.Peek(1); more == nil {
			return n, errors.New("something follows what was compressed")
		}
	}
	return n, err
}

func openPacked(path string) (io.ReadCloser, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	bytes := bufio.NewReaderSize(f, readBuffer)
	r, err := gzip.NewReader(bytes)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s can't be decompressed: %w", filepath.Base(path), err), f.Close())
	}
	r.Multistream(false)
	return &packed{r, bytes, f}, nil
}

// Close closes the file.
func (p *packed) Close() error { return errors.Join(p.Reader.Close(), p.file.Close()) }

// beginning is what the first line of a file says of where it stands in the chain. The
// zero beginning is that of a file without one.
type beginning struct {
	seq       int64
	prev      hexHash
	kind      Kind
	time      string
	continues string // "" for the first file of all
	keptFrom  int64
}

// before is the position that a file follows.
func (b beginning) before() position {
	if b.seq == 0 {
		return start
	}
	return position{seq: b.seq - 1, hash: b.prev}
}

// beginningOf reads the first line of a file. A line that is no entry says nothing.
func beginningOf(r io.Reader) (b beginning, err error) {
	first, err := bufio.NewReaderSize(io.LimitReader(r, MaxLine+1), MaxLine+1).ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return b, err
	}
	var l line
	if l.parse(bytes.TrimSuffix(first, []byte("\n"))) != "" || !l.intact() {
		return b, nil
	}
	return beginning{
		seq: l.seq, prev: hexHash(l.prev), kind: l.kind, time: string(l.time),
		continues: unquoted(l.continues), keptFrom: l.keptFrom,
	}, nil
}

// beginning reads the first line of a rotated file.
func (p part) beginning() (beginning, error) {
	f, err := p.open()
	if err != nil {
		return beginning{}, err
	}
	defer f.Close()
	return beginningOf(f)
}
