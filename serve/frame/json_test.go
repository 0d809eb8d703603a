package frame

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// However short its values are, a frame is refused before anybody decodes too many.
func TestFramesOfManyValues(t *testing.T) {
	t.Parallel()
	for name, many := range map[string]string{"numbers": "1,", "objects": "{},", "arrays": "[],", "strings": `",",`, "members": `{"a":{"b":[0]}},`} {
		for _, n := range []int{1 << 10, 1 << 20} {
			text := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_me","arguments":{"a":[` + strings.Repeat(many, n) + `0]}}}`
			if _, bad := Judge([]byte(text)); (bad != nil) != (n > maxParts) {
				t.Errorf("%d %s: %v", n, name, bad)
			}
		}
	}
	if _, bad := Judge([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_me","arguments":{"a":"` + strings.Repeat(",[{", 1<<20) + `"}}}`)); bad != nil {
		t.Errorf("one text: %v", bad)
	}
}

// members reads what encoding/json reads.
func FuzzMembers(f *testing.F) {
	raw, err := os.ReadFile("../../testdata/malformed/frames.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		f.Add(line)
	}
	f.Add([]byte(" { \"a\" : [ 1 , { \"b\" : \"]}\\\"\" } ] ,\n\"c\":-1.5e+3\r,\t\"a\":null } "))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = shape(text)
		text = bytes.TrimSpace(text)
		if len(text) == 0 || text[0] != '{' || !utf8.Valid(text) || !json.Valid(text) {
			return
		}
		last := make(map[string]json.RawMessage)
		for name, value := range members(text) {
			last[name] = value
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if len(last) != len(want) {
			t.Fatalf("got %q, want %q", last, want)
		}
		for name, value := range want {
			if !bytes.Equal(last[name], value) {
				t.Errorf("%q: got %q, want %q", name, last[name], value)
			}
		}
	})
}
