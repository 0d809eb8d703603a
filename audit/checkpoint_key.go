package audit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// loadSigner reads the key that signs checkpoints, nil if there is none.
func loadSigner(path string) (note.Signer, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a key that signs checkpoints: restore it, or move it away and `aegis audit checkpoint` makes a new one", path)
	}
	return signer, nil
}

// makeSigner makes a key, its secret half in a file of its own, 0600, and its public half
// as one more line of another, where those of before stay.
func makeSigner(secret, public string) (note.Signer, error) {
	random := make([]byte, 4)
	rand.Read(random) // never fails
	skey, vkey, err := note.GenerateKey(rand.Reader, hostName()+"/audit-"+hex.EncodeToString(random))
	if err != nil {
		return nil, err
	}
	f, err := openNoFollow(public, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	length, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.WriteString(vkey + "\n")
	}
	if err = errors.Join(err, f.Sync()); err == nil {
		if err = writeWhole(secret, []byte(skey+"\n")); err != nil { // nothing is signed by it
			err = errors.Join(err, f.Truncate(length))
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return note.NewSigner(skey)
}

// hostName is the machine's name, as much of it as a key's name may have.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "host"
	}
	clean := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && r != '+' && r != '/' {
			return r
		}
		return '-'
	}, name)
	return clean[:min(len(clean), 64)]
}

// KnownKeys are the public keys beside a log, nil if there are none.
func KnownKeys(log string) ([]string, error) {
	log, err := targetOf(log)
	if err != nil {
		return nil, err
	}
	return keysIn(filesOf(log).verifiers)
}

func keysIn(path string) ([]string, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}
