package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// version is the format's version, every line's first member.
const version = 1

// timeLayout is RFC 3339 in UTC with all nine digits of the nanosecond, so that
// times are of one width and sort as text.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// The end of every line, a fixed number of bytes from prevMember on.
const (
	prevMember = `,"prev_hash":"`
	hashMember = `,"entry_hash":"`
	hashDigits = 2 * sha256.Size
	prevLength = len(prevMember) + hashDigits + len(`"`)
	hashLength = len(hashMember) + hashDigits + len(`"}`)
)

// hexHash is a SHA-256 in the 64 lower-case hex digits the log stores.
type hexHash [hashDigits]byte

// noHash stands before the first entry.
var noHash = func() (h hexHash) {
	for i := range h {
		h[i] = '0'
	}
	return h
}()

func hashOf(b []byte) (h hexHash) {
	sum := sha256.Sum256(b)
	hex.Encode(h[:], sum[:])
	return h
}

// appendLine appends e's line and its newline to dst, and returns its hash. It
// fails, with dst as it was, if the line would be longer than [MaxLine] or the
// request id is neither number nor string.
func appendLine(dst []byte, e *Entry, seq int64, at time.Time, prev hexHash) ([]byte, hexHash, error) {
	start := len(dst)
	w := memberWriter{buf: dst}
	w.buf = append(w.buf, `{"v":`...)
	w.buf = strconv.AppendInt(w.buf, version, 10)
	w.buf = append(w.buf, `,"seq":`...)
	w.buf = strconv.AppendInt(w.buf, seq, 10)
	w.buf = append(w.buf, `,"time":"`...)
	w.buf = at.UTC().AppendFormat(w.buf, timeLayout)
	w.buf = append(w.buf, `","kind":"`...)
	w.buf = append(w.buf, e.Kind...)
	w.buf = append(w.buf, `","session":`...)
	w.buf = appendString(w.buf, e.Session)
	w.text("principal", e.Principal)
	w.text("call", e.Call)
	if err := w.request(e.Request); err != nil {
		return dst[:start], hexHash{}, err
	}
	w.text("client", e.Client)
	w.text("connection", e.Connection)
	w.text("tool", e.Tool)
	w.text("capability", e.Capability)
	w.affirmed("dry_run", e.DryRun)
	w.text("repo", e.Repo)
	w.number("repo_id", e.RepoID)
	w.text("second", e.Second)
	w.paths("paths", e.Paths)
	w.text("ref", e.Ref)
	w.text("stage", string(e.Stage))
	w.text("decision", string(e.Decision))
	w.text("of", e.Case.Of)
	w.paths("of_paths", e.Case.Paths)
	w.affirmed("folder", e.Case.Folder)
	w.text("branch", e.Case.Branch)
	w.text("default_branch", e.Case.Default)
	w.text("asks", e.Case.Asks)
	w.texts("lineage", e.Case.Lineage)
	w.text("code", e.Code)
	w.text("rule", e.Rule)
	w.text("policy_sha256", e.PolicySHA256)
	w.text("own_policy_sha256", e.OwnPolicySHA256)
	w.number("gitea_status", int64(e.GiteaStatus))
	w.counts("redactions", e.Redactions)
	w.counts("exceptions", e.Exceptions)
	w.number("withheld", int64(e.Withheld))
	w.number("written", int64(e.Written))
	w.number("bytes", e.Bytes)
	w.milliseconds("duration_ms", e.DurationMS)
	w.text("args_hmac", e.ArgsHMAC)
	w.text("shown_sha256", e.ShownSHA256)
	w.text("reason", e.Reason)
	if e.fragment != nil {
		w.number("fragment_bytes", e.fragment.bytes)
		w.text("fragment_sha256", e.fragment.sha256)
	}
	w.buf = append(w.buf, prevMember...)
	w.buf = append(w.buf, prev[:]...)
	w.buf = append(w.buf, '"')
	hash := hashOf(w.buf[start:])
	w.buf = append(w.buf, hashMember...)
	w.buf = append(w.buf, hash[:]...)
	w.buf = append(w.buf, `"}`...)
	if length := len(w.buf) - start; length > MaxLine {
		return w.buf[:start], hexHash{}, fmt.Errorf("the entry would be %d bytes long, more than the %d a line may have", length, MaxLine)
	}
	return append(w.buf, '\n'), hash, nil
}

// memberWriter appends members that are left out when zero. They come in the
// order of the table members.
type memberWriter struct{ buf []byte }

func (w *memberWriter) name(name string) {
	w.buf = append(w.buf, `,"`...)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, `":`...)
}

func (w *memberWriter) text(name, s string) {
	if s != "" {
		w.name(name)
		w.buf = appendString(w.buf, s)
	}
}

func (w *memberWriter) number(name string, n int64) {
	if n != 0 {
		w.name(name)
		w.buf = strconv.AppendInt(w.buf, n, 10)
	}
}

// affirmed writes what is said by being there, and never false.
func (w *memberWriter) affirmed(name string, yes bool) {
	if yes {
		w.name(name)
		w.buf = append(w.buf, "true"...)
	}
}

func (w *memberWriter) milliseconds(name string, ms float64) {
	ms = math.Round(ms*1000) / 1000
	if ms > 0 && ms < 1e15 { // neither NaN nor infinite nor so large that it needs an exponent
		w.name(name)
		w.buf = strconv.AppendFloat(w.buf, ms, 'f', -1, 64)
	}
}

// paths writes a list, and of a long one its length.
func (w *memberWriter) paths(name string, paths []string) {
	w.texts(name, paths)
	if len(paths) > MaxPaths {
		w.number(name+"_total", int64(len(paths)))
	}
}

// texts writes a list, as far as one is stored.
func (w *memberWriter) texts(name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	w.name(name)
	w.buf = append(w.buf, '[')
	for i, text := range texts[:min(len(texts), MaxPaths)] {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, text)
	}
	w.buf = append(w.buf, ']')
}

func (w *memberWriter) counts(name string, counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	stored := make(map[string]int, len(counts)) // two names may become one
	for key, n := range counts {
		stored[strings.Map(plain, key)] += n
	}
	w.name(name)
	w.buf = append(w.buf, '{')
	for i, key := range slices.Sorted(maps.Keys(stored)) {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, key)
		w.buf = append(w.buf, ':')
		w.buf = strconv.AppendInt(w.buf, int64(stored[key]), 10)
	}
	w.buf = append(w.buf, '}')
}

// plain maps what would need an escape, or is not ASCII, to '_', so that names in
// counts sort by the bytes they are stored in and have one spelling.
func plain(r rune) rune {
	if !isPlain(r) {
		return '_'
	}
	return r
}

func isPlain(r rune) bool { return r > ' ' && r < 0x7f && r != '"' && r != '\\' }

// request writes a JSON-RPC id: a number digit by digit as it came, a string by
// its value.
func (w *memberWriter) request(id json.RawMessage) error {
	id = bytes.TrimSpace(id)
	switch {
	case len(id) == 0, string(id) == "null":
		return nil
	case !json.Valid(id):
		return errors.New("the request id is not JSON")
	case id[0] == '"':
		var s string
		if err := json.Unmarshal(id, &s); err != nil {
			return errors.New("the request id is not JSON")
		}
		w.name("request")
		w.buf = appendString(w.buf, s)
	case id[0] == '-', id[0] >= '0' && id[0] <= '9':
		w.name("request")
		w.buf = append(w.buf, id...)
	default:
		return errors.New("the request id is neither a number nor a string")
	}
	return nil
}

// appendString appends s as a JSON string. Whatever a terminal would not show
// as itself is escaped, so that no entry can hide or repaint another when the
// log is printed; what is not UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"', c == '\\':
				dst = append(dst, '\\', c)
			case c < ' ', c == 0x7f:
				dst = appendEscape(dst, uint16(c))
			default:
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r) // an invalid byte is U+FFFD here
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = appendEscape(appendEscape(dst, uint16(high)), uint16(low))
		default:
			dst = appendEscape(dst, uint16(r))
		}
	}
	return append(dst, '"')
}

func appendEscape(dst []byte, unit uint16) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
