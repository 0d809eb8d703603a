package leaks

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// ruleSamples are the texts that own_rules_samples.txt has of a rule.
type ruleSamples struct {
	rule      string
	match, no []string
}

func ownSamples(tb testing.TB) []ruleSamples {
	tb.Helper()
	raw, err := os.ReadFile("own_rules_samples.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var all []ruleSamples
	for i, line := range strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n") {
		text := strings.NewReplacer("<+>", "", `\n`, "\n").Replace(strings.TrimPrefix(strings.TrimPrefix(line, "+ "), "- "))
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "+ "):
			all[len(all)-1].match = append(all[len(all)-1].match, text)
		case strings.HasPrefix(line, "- "):
			all[len(all)-1].no = append(all[len(all)-1].no, text)
		case slices.ContainsFunc(ownTable[:], func(d definition) bool { return d.id == line }):
			all = append(all, ruleSamples{rule: line})
		default:
			tb.Fatalf("line %d of the samples: there is no rule %q", i+1, line)
		}
	}
	return all
}

func finds(text, rule string) bool {
	return slices.ContainsFunc(Find(text, nil), func(f Finding) bool { return f.Rule == rule && f.ours })
}

func TestOwnRulesFindTheirSamplesAndNoMore(t *testing.T) {
	t.Parallel()
	samples := ownSamples(t)
	for _, s := range samples {
		if len(s.match) == 0 || len(s.no) == 0 {
			t.Errorf("%s: has %d samples that match and %d that must not", s.rule, len(s.match), len(s.no))
		}
		for _, text := range s.match {
			if !finds(text, s.rule) {
				t.Errorf("%s: nothing is found in %q", s.rule, text)
			}
			for _, ending := range endings {
				if cut := strings.TrimRight(text, "\n"); !finds("In "+cut+ending+"\n", s.rule) && !strings.HasSuffix(text, "\n") {
					t.Errorf("%s: nothing is found in %q before %q", s.rule, cut, ending)
				}
			}
		}
		for _, text := range s.no {
			if finds(text, s.rule) {
				t.Errorf("%s: something is found in %q", s.rule, text)
			}
		}
	}
	if len(samples) != len(ownTable) {
		t.Errorf("%d of %d rules have samples", len(samples), len(ownTable))
	}
}

// Operators read the file, and may copy rules from it into theirs.
func TestOwnRulesAreAFileOfGitleaks(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("own_rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := decodeFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Rules) != len(ownTable) {
		t.Fatalf("the file has %d rules, the table %d: run go generate", len(file.Rules), len(ownTable))
	}
	for i, r := range file.Rules {
		j := slices.IndexFunc(ownTable[:], func(d definition) bool { return d.id == r.ID })
		if j < 0 || ownTable[j].pattern != r.Regex || ownTable[j].entropy != r.Entropy || len(r.Keywords) == 0 || r.Description == "" {
			t.Errorf("rule %d, %s: differs from the table, or has no keyword or description", i+1, r.ID)
		}
		// Without literals a rule is tried everywhere: one that may be is one that
		// few texts have a keyword of.
		if s, err := analyse(r.Regex); err != nil || len(s.literals) == 0 && r.ID != "ngrok-token" {
			t.Errorf("%s: no literals, %v", r.ID, err)
		}
		for _, d := range table {
			if d.id == r.ID {
				t.Errorf("%s is a rule of gitleaks'", r.ID)
			}
		}
	}
}
