package frame

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// members yields the names, decoded, and values, raw, of a JSON object in the
// order they are written, duplicates included. The object must be valid JSON.
// A map would hide duplicates, and which of two a reader takes is its own
// choice.
func members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		rest := skipSpace(object[1:])
		for rest[0] != '}' {
			end := valueEnd(rest)
			name := decodeString(rest[:end])
			rest = skipSpace(rest[end:])
			rest = skipSpace(rest[1:]) // the colon
			end = valueEnd(rest)
			if !yield(name, json.RawMessage(rest[:end:end])) {
				return
			}
			rest = skipSpace(rest[end:])
			if rest[0] == ',' {
				rest = skipSpace(rest[1:])
			}
		}
	}
}

func skipSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// valueEnd returns the length of the valid JSON value that b begins with.
func valueEnd(b []byte) int {
	level := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			level++
			continue
		case '}', ']':
			level--
		case ',', ':', ' ', '\t', '\r', '\n':
			continue // only met inside an object or array
		default:
			for i+1 < len(b) && strings.IndexByte(",:}] \t\r\n", b[i+1]) < 0 {
				i++
			}
		}
		if level == 0 {
			return i + 1
		}
	}
	return len(b)
}

// stringEnd returns the length of the JSON string that b begins with, quotes
// included; len(b) if it does not end.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// shape returns how deep objects and arrays are nested in text, which need not be valid
// JSON, and of how many parts it is made: no fewer than it has values.
func shape(text []byte) (deepest, parts int) {
	level := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			level++
			parts++
			deepest = max(deepest, level)
		case ',':
			parts++
		case '}', ']':
			level--
		}
	}
	return deepest, parts
}

func decodeString(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // valid, as all of the text
	return s
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// ParseID reads a request's id: an integer of at most 2^53 in size, written
// plainly, or a string of at most maxID bytes. Anything else could not be
// given back as it came. Otherwise it returns the reason.
func ParseID(raw json.RawMessage) (id jsonrpc.ID, reason string) {
	switch {
	case raw[0] == '"':
		s := decodeString(raw)
		if len(s) > maxID {
			return id, "id is longer than 256 bytes"
		}
		if strings.ContainsRune(s, utf8.RuneError) {
			return id, "id is not valid Unicode" // half a surrogate pair
		}
		id, _ = jsonrpc.MakeID(s)
		return id, ""
	case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
		n, ok := parseInteger(raw)
		if !ok {
			return id, "id must be an integer of at most 2^53, without fraction or exponent"
		}
		id, _ = jsonrpc.MakeID(float64(n))
		return id, ""
	}
	return id, "id must be a string or an integer"
}

func parseInteger(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil && string(raw) != "-0" && -1<<53 <= n && n <= 1<<53
}

func formatID(id jsonrpc.ID) json.RawMessage {
	b, err := json.Marshal(id.Raw())
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

// parseError reads the error member of a response.
func parseError(raw json.RawMessage) (*jsonrpc.Error, bool) {
	if raw[0] != '{' {
		return nil, false
	}
	var failure jsonrpc.Error
	var hasCode, hasMessage bool
	for name, value := range members(raw) {
		switch name {
		case "code":
			if hasCode {
				return nil, false
			}
			failure.Code, hasCode = parseInteger(value)
		case "message":
			if hasMessage || value[0] != '"' {
				return nil, false
			}
			failure.Message, hasMessage = decodeString(value), true
		}
	}
	return &failure, hasCode && hasMessage
}
