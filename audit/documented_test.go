package audit

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every member of a line is explained in docs/audit.md, and no other.
func TestMembersAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| member | meaning |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	documented := map[string]bool{}
	for row := range strings.Lines(table) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			documented[name[1]] = true
		}
	}
	for _, name := range append([]member{{name: "v"}}, members...) {
		if !documented[name.name] {
			t.Errorf("%s is not documented", name.name)
		}
		delete(documented, name.name)
	}
	for name := range documented {
		t.Errorf("%s is documented, and is no member", name)
	}
}

// Of every member docs/audit.md says whether it is personal.
func TestMembersAreKnownToBePersonalOrNot(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## For a data-protection officer\n")
	_, table, _ := strings.Cut(section, "|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	said := map[string]int{}
	for row := range strings.Lines(table) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(strings.Split(row, "|")[2], -1) {
			said[name[1]]++
		}
	}
	for _, name := range append([]member{{name: "v"}}, members...) {
		if said[name.name] == 0 {
			t.Errorf("nothing is said of %s", name.name)
		}
	}
}
