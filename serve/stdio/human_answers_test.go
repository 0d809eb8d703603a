package stdio

import (
	"strings"
	"testing"

	"aegis/serve/frame"
)

// A human's answer to a request of ours is one that every reader reads the same
// way, or none.
func TestAHumansAnswerThatCanBeReadInTwoWaysIsNone(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", frame.MaxAnswers)
	for name, row := range map[string]struct{ result, want string }{
		"a yes":                          {`{"action":"accept","content":{"approve":true}}`, "accept"},
		"a yes with metadata":            {`{"_meta":{"a":1},"action":"accept","content":{"approve":true}}`, "accept"},
		"an action twice":                {`{"action":"decline","action":"accept"}`, "nobody answered"},
		"an action twice, once escaped":  {`{"action":"decline","\u0061ction":"accept"}`, "nobody answered"},
		"an action twice, once misspelt": {`{"action":"decline","Action":"accept"}`, "nobody answered"},
		"no action":                      {`{"content":{"approve":true}}`, "nobody answered"},
		"an action that is no text":      {`{"action":true}`, "nobody answered"},
		"content twice":                  {`{"action":"accept","content":{"a":false},"content":{"a":true}}`, "nobody answered"},
		"a member of content twice":      {`{"action":"accept","content":{"a":false,"a":true}}`, "nobody answered"},
		"content that is a list":         {`{"action":"accept","content":[true]}`, "nobody answered"},
		"an answer to something else":    {`{"action":"accept","role":"assistant"}`, "nobody answered"},
		"a long one":                     {`{"action":"accept","content":{"a":"` + long + `"}}`, "nobody answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startReady(t, nil)
			s.send(call("1", "ask"))
			question := s.receive()
			if question.Method != "elicitation/create" {
				t.Fatalf("got %s", question.Line)
			}
			s.send(`{"jsonrpc":"2.0","id":` + question.ID + `,"result":` + row.result + `}`)
			if a := s.receive(); a.ID != "1" || !strings.Contains(string(a.Result), `"text":"`+row.want+`"`) {
				t.Errorf("got %s; want %q", a.Line, row.want)
			}
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for size, code := range map[int]int64{frame.MaxAnswers - 100: 0, frame.MaxAnswers: -32602} {
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","requestState":"x","inputResponses":{"a":{"action":"accept","content":{"a":"` +
			strings.Repeat("x", size) + `"}}},` + meta + `}}`)
		if a := s.receive(); a.ID != "1" || a.Code != code {
			t.Errorf("%d bytes: got %.200s", size, a.Line)
		}
	}
}
