package policy

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	policyPage = "../../docs/policy.md"
	tableStart = "<!-- The tables are written by: go test ./gate/policy -run TruthTable -update -->\n"
	tableEnd   = "<!-- end of the tables -->\n"
)

// The truth tables of the documents are what is decided: each row is a policy that was
// loaded and asked.
func TestTruthTablesAreDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(policyPage)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(raw), "\r\n", "\n")
	before, rest, found := strings.Cut(page, tableStart)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatal("the page has no place for the tables")
	}
	written := before + tableStart + "\n" + capabilityTable(t) + "\n" + listTable(t) + "\n" + tableEnd + after
	if *update {
		if err := os.WriteFile(policyPage, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if written != page {
		t.Error("the tables are not what is decided; -update writes them")
	}
}

// said are what several sections that apply together may say of a capability.
var said = []struct{ words, first, second string }{
	{"nothing", "", ""}, {"allow", "allow", ""}, {"deny", "deny", ""}, {"allow and deny", "allow", "deny"},
}

// capabilityTable has a row for each way in which reading may be spoken of, and a column
// for each of writing.
func capabilityTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| `defaults.read` | sections on reading | reads |")
	for _, write := range said {
		b.WriteString(" writes, if they say " + write.words + " |")
	}
	b.WriteString("\n|---|---|---|---|---|---|---|\n")
	section := func(r, w string) string {
		text := "{automation: allow"
		if r != "" {
			text += ", read: " + r
		}
		if w != "" {
			text += ", write: " + w
		}
		return text + "}"
	}
	for _, byDefault := range []string{"allow", "deny"} {
		for _, read := range said {
			row := []string{byDefault, read.words}
			for i, write := range said {
				p := parseDraft(t, fmt.Sprintf("version: 1\ndefaults: {read: %s}\nrepositories:\n  acme/app: %s\n  acme/*: %s\n",
					byDefault, section(read.first, write.first), section(read.second, write.second)))
				if i == 0 {
					row = append(row, answer(p.Decide(ask("get_repository", "acme/app")).Allow))
				}
				writes := p.Decide(ask("create_issue", "acme/app")).Allow
				if job := p.Decide(by("job:stale", ask("create_issue", "acme/app"))).Allow; job != writes {
					t.Errorf("%v: with automation allowed a job writes: %t", row, job)
				}
				row = append(row, answer(writes))
			}
			b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		}
	}
	return b.String()
}

// listTable has a row for each two allow-lists that sections may have.
func listTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| an allow-list | and another one | passes, if no deny-list has it | if one has it |\n|---|---|---|---|\n")
	lists := []struct{ words, allow string }{{"none", ""}, {"has it", "allow: [\"docs/**\"], "}, {"lacks it", "allow: [\"src/**\"], "}, {"is empty", "allow: [], "}}
	for i, one := range lists {
		for _, other := range lists[i:] {
			row := []string{one.words, other.words}
			for _, deny := range []string{"x/**", "docs"} {
				p := parseDraft(t, fmt.Sprintf("version: 1\npaths: {deny: [%q]}\nrepositories:\n  acme/app: {paths: {%sdeny: []}}\n  acme/*: {paths: {%sdeny: []}}\n", deny, one.allow, other.allow))
				row = append(row, answer(p.Decide(ask("get_file_contents", "acme/app", "docs/a.md")).Allow))
			}
			b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		}
	}
	return b.String()
}

func answer(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
