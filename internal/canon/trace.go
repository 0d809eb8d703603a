package canon

import "strings"

// Trace is a client's name for what it is doing, as the traceparent of W3C Trace Context
// has it. The zero Trace is none. Nothing is decided by it.
type Trace struct{ parent string }

// traceLength is that of version 00: two digits, 32, 16 and 2, with hyphens between them.
const traceLength = 2 + 1 + 32 + 1 + 16 + 1 + 2

// ParseTrace makes a Trace of a traceparent. What is none, down to an id of zeros or a
// digit in upper case, is the zero Trace: it is dropped, as the standard wants it. Of a
// later version only what version 00 has is kept, since nobody knows what else there is.
func ParseTrace(s string) Trace {
	if len(s) > traceLength && s[traceLength] == '-' && !strings.HasPrefix(s, "00") {
		s = s[:traceLength]
	}
	if len(s) != traceLength {
		return Trace{}
	}
	version, trace, span, flags := s[:2], s[3:35], s[36:52], s[53:]
	switch {
	case s[2] != '-' || s[35] != '-' || s[52] != '-':
	case !isLowerHex(version) || !isLowerHex(trace) || !isLowerHex(span) || !isLowerHex(flags):
	case version == "ff" || strings.Trim(trace, "0") == "" || strings.Trim(span, "0") == "":
	default:
		return Trace{"00" + s[2:]}
	}
	return Trace{}
}

func isLowerHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// String is the traceparent, of version 00; "" for none.
func (t Trace) String() string { return t.parent }

// IsZero reports whether there is none.
func (t Trace) IsZero() bool { return t.parent == "" }
