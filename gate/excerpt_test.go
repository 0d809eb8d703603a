package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// A text that is longer than an answer may be is scrubbed by itself and cut before the
// answer is put together. What shows of it is what would show of it otherwise.
func TestI3_LongTextsAreScrubbedAsShortOnes(t *testing.T) {
	t.Parallel()
	key := "gh" + "p_" + "x7Kq2mW9vB4nR8tL1zYcE5uJ3oPaD6sFgH0i"
	type row struct {
		Body  string            `json:"body"`
		Notes []string          `json:"notes"`
		Under map[string]string `json:"under"`
		Next  *row              `json:"next,omitempty"`
	}
	for name, piece := range map[string]string{
		"words":      "Nothing to see here, move along.\n",
		"secrets":    "token " + key + ", and more\n",
		"comments":   "a <!-- hidden --> b\n",
		"references": "&#107;&#101;y &lt;b&gt;\n",
		"invisible":  "a\u200bb\u202e c\n",
		"one line":   "x" + key + " y ",
	} {
		text := strings.Repeat(piece, 4000/len(piece)+1)
		show := func(bytes int, value any) gatetest.Answer {
			door := gatetest.Open(t, gatetest.Config{
				URL: newFake(nil).proxy(t).URL, Policy: fmt.Sprintf("version: 1\nlimits: {bytes_per_answer: %d}\n", bytes),
				Tools: []tools.Tool{toy("get_me", gate.Everywhere(), says(value))},
			})
			return door.Ask("get_me", `{}`)
		}
		long, short := show(1<<20, record{"body": text}), show(2048, record{"body": text})
		whole, _ := long.Fields["body"].(string)
		begin, _ := short.Fields["body"].(string)
		if begin == "" || !strings.HasPrefix(whole, begin) {
			t.Errorf("%s: %q is no beginning of %q", name, begin, whole[:min(len(whole), 2048)])
		}
		if long.Fields["truncated"] != nil || short.Fields["truncated"] != true {
			t.Errorf("%s: truncated: %v, %v", name, long.Fields["truncated"], short.Fields["truncated"])
		}
		for _, count := range []string{"redacted", "hidden_characters"} {
			if (long.Fields[count] == nil) != (short.Fields[count] == nil) {
				t.Errorf("%s: %s is %v, not %v", name, count, short.Fields[count], long.Fields[count])
			}
		}
		deep := show(2048, row{Body: "short", Notes: []string{text}, Under: map[string]string{"a": text}, Next: &row{Body: text}})
		if strings.Contains(string(deep.Object), key) || deep.Fields["truncated"] != true && deep.Code != gate.TooLarge {
			t.Errorf("%s: %.300s", name, deep.Object)
		}
	}
}
