package audit

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// keySize is the length of the key, in bytes; the file holds it in hex.
const keySize = 32

// loadKey returns the key stored at path, and makes one if there is none. Of
// several processes that make one at once, all get the same. It waits up to
// patience for a key that another process is writing.
func loadKey(path string, patience time.Duration) ([]byte, error) {
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		key, err := readKey(path)
		switch {
		case err == nil:
			return key, nil
		case errors.Is(err, fs.ErrNotExist):
			if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, fmt.Errorf("the key can't be made: %w", err)
			}
		case !errors.Is(err, errShortKey) || time.Since(begin) > patience:
			return nil, err
		}
	}
}

var errShortKey = errors.New("the key is incomplete")

func readKey(path string) ([]byte, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4*keySize))
	if err != nil {
		return nil, err
	}
	digits := bytes.TrimSuffix(b, []byte("\n"))
	if len(digits) < 2*keySize {
		return nil, fmt.Errorf("%w: remove %s and a new one is made (arguments recorded so far can't be compared with later ones then)", errShortKey, path)
	}
	key, err := hex.DecodeString(string(digits))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%s does not hold a key of %d hex digits: restore it, or remove it and a new one is made", path, 2*keySize)
	}
	return key, nil
}

// makeKey creates the file with a fresh key, or fails with fs.ErrExist.
func makeKey(path string) error {
	key := make([]byte, keySize)
	rand.Read(key) // never fails
	f, err := openNoFollow(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path)) // half a key would stay half
	}
	return nil
}
