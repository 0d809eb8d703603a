package keys

import (
	"strings"
	"testing"

	"aegis/internal/apikey"
)

func TestListedKeys(t *testing.T) {
	t.Parallel()
	one, other, own := strings.Repeat("0123456789abcdef", 2), strings.Repeat("FEDCBA9876543210", 2)+"!#=", apikey.New()
	all, warning, err := Listed(" " + one + "," + other + " , " + own)
	if err != nil || len(all) != 3 || all[2].Name != "env-3" || !all[0].Shared || !all[0].WritesAll || !strings.Contains(warning, "3 keys") {
		t.Fatalf("%v %q %v", all, warning, err)
	}
	if all, warning, err := Listed("  "); all != nil || warning != "" || err != nil {
		t.Error("an empty list is one")
	}
	for name, list := range map[string]string{
		"short": one[:31], "one short": one + "," + other[:12], "an empty one": one + ",," + other, "a comma at the end": one + ",", "twice": one + "," + one,
		"a space in it": one[:16] + " " + one, "other letters": one + "\u00e4", "a placeholder": "${MCP_API_KEYS}", "long": strings.Repeat(one, 17),
		"easy": strings.Repeat("a", 40), "a mistyped key": own[:40] + "00000", "a line break": one + "\n" + other,
	} {
		_, _, err := Listed(list)
		if err == nil || strings.Contains(err.Error(), one[:10]) || strings.Contains(err.Error(), own[6:16]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
