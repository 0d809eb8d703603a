package cli

import (
	"os"
	"strings"
	"testing"
)

// Every setting has its row in the documentation, with all its names.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range allSettings {
		named := append([]string(nil), row.env...)
		if row.flag != "" {
			named = append(named, "--"+row.flag)
		}
		found := false
		for line := range strings.Lines(string(page)) {
			all := strings.HasPrefix(line, "| ")
			for _, each := range named {
				all = all && (strings.Contains(line, "`"+each+"`") || strings.Contains(line, "`"+each+"="))
			}
			found = found || all
		}
		if !found {
			t.Errorf("%s: docs/configuration.md has no row with all of %q", name, named)
		}
	}
}
