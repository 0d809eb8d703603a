package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Two policies are compared by what they decide: on calls that are made of what either of
// them speaks of. That shows each difference that a pattern which is written down makes
// where it is alone. It is no proof that there is no other.

// Difference is what two policies decide differently, of calls that differ by their tool
// alone.
type Difference struct {
	Repository    string   `json:"repository,omitempty"`
	Principal     string   `json:"principal,omitempty"` // "" for whom no section is about
	Path          string   `json:"path,omitempty"`
	Branch        string   `json:"branch,omitempty"`
	DefaultBranch bool     `json:"default_branch,omitempty"`
	Setting       string   `json:"setting,omitempty"` // what is no call, and its two values
	Tools         []string `json:"tools,omitempty"`
	Was           Effect   `json:"was,omitempty"`
	Is            Effect   `json:"is,omitempty"`
	WasBy         string   `json:"was_by,omitempty"`
	IsBy          string   `json:"is_by,omitempty"`
	Widens        bool     `json:"widens"`
}

// String tells a difference in one line.
func (d Difference) String() string {
	if d.Setting != "" {
		return d.Setting
	}
	words := []string{string(d.Was) + " → " + string(d.Is) + ":", strings.Join(d.Tools, ", ")}
	for _, part := range []struct{ word, text string }{{"on", d.Repository}, {"of", d.Path}, {"to", d.Branch}, {"for", d.Principal}} {
		if part.text != "" {
			words = append(words, part.word, part.text)
		}
	}
	if d.DefaultBranch {
		words = append(words, "as the default branch")
	}
	return strings.Join(words, " ") + " (" + d.WasBy + " → " + d.IsBy + ")"
}

// Compare returns how two policies differ, what the new one opens first.
func Compare(old, now *Policy) []Difference {
	var all []Difference
	at, told := make(map[string]int), make(map[string]bool)
	for c := range questions(old, now) {
		d, differs := Differs(old, now, c)
		if !differs {
			continue
		}
		tool := d.Tools[0]
		whole := d
		whole.Path, whole.Branch, whole.DefaultBranch = "", "", false
		if text := fmt.Sprint(whole); c.Branch == "" && len(c.Paths) == 0 {
			told[text] = true
		} else if told[text] {
			continue // the tool by itself is decided so already, wherever it goes
		}
		d.Tools = nil
		key := fmt.Sprint(d)
		if i, known := at[key]; known {
			all[i].Tools = append(all[i].Tools, tool)
			continue
		}
		d.Tools = []string{tool}
		at[key] = len(all)
		all = append(all, d)
	}
	all = append(all, settings(old, now)...)
	slices.SortStableFunc(all, func(a, b Difference) int { return cmp.Compare(rank(b.Widens), rank(a.Widens)) })
	return all
}

func rank(widens bool) int {
	if widens {
		return 1
	}
	return 0
}

// Differs decides one case by both, and says how they differ if they do.
func Differs(old, now *Policy, c Case) (Difference, bool) {
	a, b := old.Decide(c), now.Decide(c)
	if a.Verdict() == b.Verdict() {
		return Difference{}, false
	}
	d := Difference{
		Repository: c.Repo.String(), Principal: c.Principal, Branch: c.Branch, DefaultBranch: c.Branch != "" && c.Default == IsDefault,
		Tools: []string{c.Tool}, Was: a.Verdict(), Is: b.Verdict(), WasBy: decisive(a), IsBy: decisive(b),
		Widens: permits(b.Verdict()) > permits(a.Verdict()),
	}
	if c.Repo.IsZero() {
		d.Repository = ""
	}
	if c.Principal == unnamed {
		d.Principal = ""
	}
	if len(c.Paths) > 0 {
		d.Path = c.Paths[0].String()
	}
	return d, true
}

func decisive(d Decision) string {
	if d.Allow && d.Ask {
		return d.AskRule.String()
	}
	return d.Rule.String()
}

func permits(e Effect) int { return slices.Index([]Effect{Denies, Asks, Allows}, e) }

// questions yields calls about all that some policies speak of.
func questions(all ...*Policy) func(yield func(Case) bool) {
	return func(yield func(Case) bool) {
		who := principalsOf(all)
		for _, name := range who {
			for _, tool := range toolNames {
				if tools[tool].repoless && !yield(Case{Tool: tool, Capability: tools[tool].capability, Principal: name}) {
					return
				}
			}
		}
		for _, repo := range repositoriesOf(all) {
			paths, lands := namesOf(all, repo)
			for _, name := range who {
				if !questionsIn(repo, name, paths, lands, yield) {
					return
				}
			}
		}
	}
}

// questionsIn yields each tool by itself, and each path and branch by a tool for it.
func questionsIn(repo canon.Repo, who string, paths []canon.Path, lands []string, yield func(Case) bool) bool {
	for _, tool := range toolNames {
		if !yield(Case{Tool: tool, Capability: tools[tool].capability, Repo: repo, Principal: who}) {
			return false
		}
	}
	for _, path := range paths {
		for _, tool := range []string{"get_file_contents", "commit_files"} {
			if !yield(Case{Tool: tool, Capability: tools[tool].capability, Repo: repo, Principal: who, Paths: []canon.Path{path}}) {
				return false
			}
		}
	}
	for _, branch := range lands {
		for _, tool := range []string{"commit_files", "dispatch_workflow"} {
			for _, standing := range []DefaultBranch{NotDefault, IsDefault} {
				if !yield(Case{Tool: tool, Capability: tools[tool].capability, Repo: repo, Principal: who, Branch: branch, Default: standing}) {
					return false
				}
			}
		}
	}
	return true
}

// principalsOf are callers whom policies tell apart, and one of whom none speaks.
func principalsOf(policies []*Policy) []string {
	all := []string{unnamed}
	for _, p := range policies {
		for part := range p.parts {
			for _, sec := range part.sections.all {
				for _, e := range sec.principals {
					all = append(all, e.glob.samples()...)
				}
				if sec.opinions[Automation].says == allows {
					all = append(all, canon.JobPrincipal(filler))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// repositoriesOf are repositories that policies speak of, one of each pattern, and one
// more.
func repositoriesOf(policies []*Policy) (all []canon.Repo) {
	other, _ := canon.ParseFullName(unknown)
	all = append(all, other)
	seen := map[canon.Repo]bool{other: true}
	for _, p := range policies {
		for part := range p.parts {
			for _, sec := range part.sections.all {
				for _, row := range sec.pattern.rows {
					if repo, ok := row.sample(); ok && !seen[repo] {
						seen[repo] = true
						all = append(all, repo)
					}
				}
			}
		}
	}
	return all
}

// namesOf are paths and branches that the rules of policies for a repository speak of,
// and some of each that usually make a difference.
func namesOf(policies []*Policy, repo canon.Repo) (paths []canon.Path, lands []string) {
	texts := []string{"README.md", ".gitea/workflows/any.yml"}
	lands = []string{"main", "topic/any"}
	for _, p := range policies {
		for sec := range p.In(repo).all {
			for _, key := range patternKeys {
				l := key.of(sec)
				for _, e := range slices.Concat(l.allow.entries, l.deny.entries) {
					if key.key == branches.key {
						lands = append(lands, e.glob.samples()...)
					} else {
						texts = append(texts, e.glob.samples()...)
					}
				}
			}
		}
	}
	slices.Sort(texts)
	slices.Sort(lands)
	for _, text := range slices.Compact(texts) {
		if path, err := canon.ParsePath(text); err == nil {
			paths = append(paths, path)
		}
	}
	return paths, slices.Compact(lands)
}
