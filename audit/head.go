package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// storedHead is what LOG.head holds, as one line of JSON.
type storedHead struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"` // 64 hex digits
	Size int64  `json:"size"` // bytes
}

// errNoHead says that there is no head: the file is missing, or empty as a
// power loss can leave a file that was just renamed.
var errNoHead = errors.New("there is no head")

// readHead returns the position the head names. The error is errNoHead, or says
// why a head that is there can't be used.
func readHead(path string) (position, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return position{}, errNoHead
	}
	if err != nil {
		return position{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 512))
	if err != nil {
		return position{}, err
	}
	if len(bytes.Trim(b, "\x00")) == 0 {
		return position{}, errNoHead
	}
	var stored storedHead
	if err := json.Unmarshal(b, &stored); err != nil || len(stored.Hash) != hashDigits {
		return position{}, fmt.Errorf("%s is not a head as Aegis writes it", path)
	}
	p := position{seq: stored.Seq, size: stored.Size}
	copy(p.hash[:], stored.Hash)
	if !bytes.Equal(b, encodeHead(p)) || p.seq < 0 || p.size < 0 || (p.seq == 0) != (p == start) || !isLowerHex(p.hash[:]) {
		return position{}, fmt.Errorf("%s is not a head as Aegis writes it", path)
	}
	return p, nil
}

func encodeHead(p position) []byte {
	return fmt.Appendf(nil, `{"seq":%d,"hash":"%s","size":%d}`+"\n", p.seq, p.hash[:], p.size)
}

// writeHead replaces the head by rename, so that whoever reads it finds the old
// or the new one, whole. It is called under the lock. It does not sync: the
// entries are what must survive, and a head behind them is caught up with.
//
// The file that is renamed may be an earlier head; it is written over in place,
// which needs no room on a disk that is full.
func writeHead(path string, p position) error {
	temp, b := path+".tmp", encodeHead(p)
	f, err := openNoFollow(temp, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if info, statErr := f.Stat(); err == nil && (statErr != nil || info.Size() != int64(len(b))) {
		err = f.Truncate(int64(len(b)))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return replace(temp, path)
}
