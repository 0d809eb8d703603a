package gate_test

import (
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// A rule that wants an end behind a secret finds one where a text is cut.
func TestI3_WhatIsCutIsScrubbedAsItLeaves(t *testing.T) {
	t.Parallel()
	key := "AK" + "IA" + "Q3EGRTYU4WXZ5PLM"
	for shift := range len(key) + 10 {
		body := strings.Repeat("-", shift) + strings.Repeat(" "+key+"ABCDEFGHI", 100)
		door := gatetest.Open(t, gatetest.Config{
			URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nlimits: {bytes_per_answer: 2048}\n",
			Tools: []tools.Tool{toy("get_me", gate.Everywhere(), says(record{"body": body}))},
		})
		answer := door.Ask("get_me", `{}`)
		if text, _ := answer.Fields["body"].(string); answer.Fields["truncated"] != true || strings.HasSuffix(text, " "+key) {
			t.Fatalf("cut to …%q", text[max(0, len(text)-40):])
		}
	}
}
