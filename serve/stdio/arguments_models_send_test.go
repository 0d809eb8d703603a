package stdio

import (
	"strings"
	"testing"
)

// A byte-order mark before a line, as some shells put one, means nothing; neither does
// params that are null.
func TestMarksAndNullParamsMeanNothing(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	s := start(t, nil)
	for _, c := range []struct{ line, id string }{
		{mark + hello, `"hello"`},
		{mark + `{"jsonrpc":"2.0","id":1,"method":"ping","params":null}`, "1"},
		{`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":null}`, "2"},
		{mark + " \t" + `{"jsonrpc":"2.0","id":3,"method":"prompts/list","params":null}` + "\r", "3"},
	} {
		s.send(c.line)
		if a := s.receive(); a.ID != c.id || a.Code != 0 {
			t.Errorf("%q: %s", c.line, a.Line)
		}
		if c.id == `"hello"` {
			s.send(mark + ready)
			s.send(mark) // nothing
		}
	}
	s.send(`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":null}`)
	if a := s.receive(); a.Code != -32602 || !strings.Contains(a.Message, "params are missing") {
		t.Errorf("%s", a.Line)
	}
	for _, line := range []string{mark + mark + ping, `{` + mark + `"jsonrpc":"2.0","id":5,"method":"ping"}`} {
		s.send(line)
		if a := s.receive(); a.Code != -32700 {
			t.Errorf("%q: %s", line, a.Line)
		}
	}
}
