package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
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

// roomForOutcome is what an outcome may have more than the decisions of its call, in bytes.
// Whoever chose what a decision is about, to the byte, could else have what was written go
// without one.
const roomForOutcome = 8 << 10

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
	w := memberWriter{buf: dst, room: MaxListed}
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
	w.text("trace", e.Trace)
	w.text("client", e.Client)
	w.text("connection", e.Connection)
	w.text("job", e.Job)
	w.text("trigger", e.Trigger)
	w.text("delivery", e.Delivery)
	w.number("run", e.Run)
	w.text("tool", e.Tool)
	w.text("capability", e.Capability)
	w.affirmed("dry_run", e.DryRun)
	w.text("repo", e.Repo)
	w.number("repo_id", e.RepoID)
	w.text("second", e.Second)
	w.paths("paths", e.Paths)
	w.text("ref", e.Ref)
	w.number("number", e.Number)
	w.text("stage", string(e.Stage))
	w.text("decision", string(e.Decision))
	w.text("of", e.Case.Of)
	w.paths("of_paths", e.Case.Paths)
	w.affirmed("folder", e.Case.Folder)
	w.text("branch", e.Case.Branch)
	w.text("default_branch", e.Case.Default)
	w.text("asks", e.Case.Asks)
	w.texts("lineage", e.Case.Lineage)
	w.text("visibility", e.Case.Visibility)
	w.text("reaches", e.Case.Reaches)
	w.texts("marks", e.Case.Marks)
	w.texts("carries", e.Case.Carries)
	w.texts("unasked", e.Case.Unasked)
	w.affirmed("cut", e.Case.Cut)
	w.text("code", e.Code)
	w.text("rule", e.Rule)
	w.text("policy_sha256", e.PolicySHA256)
	w.text("floor_sha256", e.FloorSHA256)
	w.text("own_policy_sha256", e.OwnPolicySHA256)
	w.number("gitea_status", int64(e.GiteaStatus))
	w.counts("redactions", e.Redactions)
	w.counts("exceptions", e.Exceptions)
	w.number("withheld", int64(e.Withheld))
	w.number("written", int64(e.Written))
	w.texts("made", e.Made)
	w.number("rows", int64(e.Rows))
	w.number("bytes", e.Bytes)
	w.milliseconds("duration_ms", e.DurationMS)
	w.text("args_hmac", e.ArgsHMAC)
	w.text("shown_sha256", e.ShownSHA256)
	w.number("shown_bytes", int64(e.ShownBytes))
	w.text("reason", e.Reason)
	if e.fragment != nil {
		w.number("fragment_bytes", e.fragment.bytes)
		w.text("fragment_sha256", e.fragment.sha256)
	}
	w.text("archived", e.archived)
	w.text("continues", e.continues)
	w.number("kept_from", e.keptFrom)
	w.text("checkpoint", e.checkpoint)
	w.buf = append(w.buf, prevMember...)
	w.buf = append(w.buf, prev[:]...)
	w.buf = append(w.buf, '"')
	hash := hashOf(w.buf[start:])
	w.buf = append(w.buf, hashMember...)
	w.buf = append(w.buf, hash[:]...)
	w.buf = append(w.buf, `"}`...)
	most := MaxLine
	if e.Kind == KindDecision {
		most -= roomForOutcome
	}
	if length := len(w.buf) - start; length > most {
		return w.buf[:start], hexHash{}, fmt.Errorf("the entry would be %d bytes long, more than the %d it may have", length, most)
	}
	return append(w.buf, '\n'), hash, nil
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
