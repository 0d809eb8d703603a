package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is a statement, signed, that the log had an entry of that number and hash,
// and with it every entry before. Kept where whoever can write to the log can't write, it
// shows that the log was rewritten, or set back.
//
// Its note is a signed note of C2SP (https://c2sp.org/signed-note), by Ed25519. The text
// is four lines: the origin, which is also the key's name, the number of the last entry,
// its hash in base64, and the time.
type Checkpoint struct {
	Origin string
	Seq    int64
	Hash   string // 64 hex digits
	Time   time.Time
	Note   string // the whole signed note
	Source string // where it was read
	Signed bool   // its signature was checked, by a key that is known
}

// maxCheckpoints bounds a file of checkpoints, in bytes.
const maxCheckpoints = 64 << 20

// ReadCheckpoints reads a file of checkpoints, one after the other. With keys, in the form
// that LOG.checkpoint.pub has, each must be signed by one of them.
func ReadCheckpoints(path string, keys []string) ([]Checkpoint, error) {
	f, err := openToRead(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxCheckpoints {
		return nil, errors.Join(err, fmt.Errorf("%s is too large for a file of checkpoints", path))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxCheckpoints))
	if err != nil {
		return nil, err
	}
	all, err := ParseCheckpoints(string(text), path, keys)
	if err == nil && len(all) == 0 {
		err = errors.New("it holds no checkpoint")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// ParseCheckpoints is [ReadCheckpoints] of a text.
func ParseCheckpoints(text, source string, keys []string) (all []Checkpoint, err error) {
	known, err := verifiersOf(keys)
	if err != nil {
		return nil, err
	}
	for text = strings.ReplaceAll(text, "\r\n", "\n"); strings.TrimSpace(text) != ""; {
		var one string
		one, text = cutNote(strings.TrimLeft(text, "\n"))
		c, err := parseCheckpoint(one)
		if err != nil {
			return nil, fmt.Errorf("checkpoint %d: %w", len(all)+1, err)
		}
		if c.Source = source; len(known) > 0 {
			if signed, err := signedBy(one, known); err != nil || !signed {
				return nil, fmt.Errorf("checkpoint %d, of entry %d, by %s, is not signed by a key that is known", len(all)+1, c.Seq, c.Origin)
			}
			c.Signed = true
		}
		all = append(all, c)
	}
	return all, nil
}

// cutNote cuts the first of several notes: its text, an empty line, and the lines of its
// signatures.
func cutNote(text string) (first, rest string) {
	const signature = "— "
	end := strings.Index(text, "\n\n"+signature)
	if end < 0 {
		return text, ""
	}
	end += 2
	for strings.HasPrefix(text[end:], signature) {
		line := strings.IndexByte(text[end:], '\n')
		if line < 0 {
			return text, ""
		}
		end += line + 1
	}
	return text[:end], text[end:]
}

// parseCheckpoint takes a note apart. It does not check the signature.
func parseCheckpoint(text string) (c Checkpoint, err error) {
	malformed := errors.New("it is not a checkpoint as Aegis writes it")
	body, signatures, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) != 4 || !strings.HasPrefix(signatures, "— "+lines[0]+" ") {
		return c, malformed
	}
	c.Origin, c.Note = lines[0], text
	c.Seq, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || c.Seq <= 0 || strconv.FormatInt(c.Seq, 10) != lines[1] {
		return c, malformed
	}
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(hash) != hashDigits/2 || base64.StdEncoding.EncodeToString(hash) != lines[2] {
		return c, malformed
	}
	c.Hash = hex.EncodeToString(hash)
	if c.Time, err = time.Parse(time.RFC3339, lines[3]); err != nil {
		return c, malformed
	}
	return c, nil
}

// signCheckpoint makes the checkpoint of a place in the chain.
func signCheckpoint(signer note.Signer, at position, now time.Time) (Checkpoint, error) {
	hash, err := hex.DecodeString(string(at.hash[:]))
	if err != nil {
		return Checkpoint{}, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n", signer.Name(), at.seq, base64.StdEncoding.EncodeToString(hash), now.UTC().Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return Checkpoint{}, err
	}
	return parseCheckpoint(string(signed))
}

// checkpointFits reports whether a checkpoint entry names the entry before it.
func (l *line) checkpointFits() bool {
	c, err := parseCheckpoint(unquoted(l.checkpoint))
	return err == nil && c.Seq == l.seq-1 && bytes.Equal([]byte(c.Hash), l.prev)
}

func pointsOf(checkpoints []Checkpoint) (all []point) {
	for _, c := range checkpoints {
		all = append(all, point{c.Seq, hexHash([]byte(c.Hash)), c.Time, c.Source})
	}
	return all
}

func verifiersOf(keys []string) (all []note.Verifier, err error) {
	seen := map[string]bool{}
	for _, key := range keys {
		if key = strings.TrimSpace(key); key == "" || strings.HasPrefix(key, "#") {
			continue
		}
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("%.60q is no public key of checkpoints: %w", key, err)
		}
		if !seen[key] { // the same twice is a doubt to the library
			all = append(all, v)
		}
		seen[key] = true
	}
	return all, nil
}

// signedBy reports whether a note is signed by one of the keys, which has to be that of the
// origin: another machine's key says nothing of this one's log. The error says that it is
// said to be, and is not.
func signedBy(text string, known []note.Verifier) (bool, error) {
	origin, _, _ := strings.Cut(text, "\n")
	var its []note.Verifier
	for _, v := range known {
		if v.Name() == origin {
			its = append(its, v)
		}
	}
	_, err := note.Open([]byte(text), note.VerifierList(its...))
	if unknown := (*note.UnverifiedNoteError)(nil); errors.As(err, &unknown) {
		return false, nil
	}
	return err == nil, err
}
