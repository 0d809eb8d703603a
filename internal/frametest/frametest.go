// Package frametest takes apart what leaves a server, for tests.
package frametest

import (
	"encoding/json"
	"strings"
	"testing"
)

// Answer is one JSON-RPC message that a server sent.
type Answer struct {
	Line    string
	ID      string
	Method  string
	Code    int64
	Message string
	Result  json.RawMessage
}

// Parse holds every line to what each must be: one valid JSON-RPC
// message, without anything that only a Go programmer should see.
func Parse(tb testing.TB, l string) Answer {
	tb.Helper()
	var m struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Result  json.RawMessage `json:"result"`
		Error   *struct {
			Code    int64           `json:"code"`
			Message string          `json:"message"`
			Data    json.RawMessage `json:"data"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(l), &m); err != nil || m.Version != "2.0" {
		tb.Fatalf("not a JSON-RPC message: %v: %.300s", err, l)
	}
	a := Answer{Line: l, ID: string(m.ID), Method: m.Method, Result: m.Result}
	if m.Error != nil {
		a.Code, a.Message = m.Error.Code, m.Error.Message
		for _, leak := range []string{"Go struct", ".go", "json:", "unmarshal", "mcp.", "0x", "*", "goroutine", "%!"} {
			if strings.Contains(a.Message+string(m.Error.Data), leak) {
				tb.Errorf("an error shows %q: %s", leak, l)
			}
		}
		if m.Result != nil {
			tb.Errorf("both result and error: %s", l)
		}
	}
	if m.Method == "" && (m.ID == nil || m.Result == nil && m.Error == nil) {
		tb.Errorf("neither a request nor a response: %s", l)
	}
	return a
}
