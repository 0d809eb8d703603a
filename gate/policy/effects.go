package policy

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// What a policy comes to is not what its sections say one by one, but what may be done
// where, once all that apply have been put together.

// Reach is what may be done in the repositories of one pattern, by some callers. Where
// patterns overlap, each is told by a repository that no narrower pattern is about.
type Reach struct {
	Repositories string   `json:"repositories"`
	Principals   []string `json:"principals,omitempty"` // patterns; none: everybody else
	Rule         string   `json:"rule,omitempty"`       // where the section stands
	ID           int64    `json:"id,omitempty"`
	Reason       string   `json:"reason,omitempty"`

	Read       Permission `json:"read"`
	Write      Permission `json:"write"`
	Automation Permission `json:"automation"`

	Paths         Names `json:"paths"`       // that are shown
	Branches      Names `json:"branches"`    // that writes land on
	WritePaths    Names `json:"write_paths"` // that may be written
	DefaultBranch bool  `json:"default_branch"`
	CI            bool  `json:"ci_paths"` // whether a path that CI runs may be written

	Ask       []string  `json:"ask,omitempty"` // tools before which a human is asked
	Hides     bool      `json:"untrusted_hidden,omitempty"`
	Separate  bool      `json:"forks_separate,omitempty"`
	Overruled []Overrun `json:"overruled,omitempty"`
}

// Permission is whether a capability is allowed, and to what it comes.
type Permission struct {
	Allowed bool     `json:"allowed"`
	By      string   `json:"by"`
	Why     string   `json:"why"`
	Opens   []string `json:"opens,omitempty"`        // kinds of things, for what is allowed
	Tools   []string `json:"tools,omitempty"`        // that may be called
	Not     []string `json:"tools_denied,omitempty"` // and the others of the capability
}

// Names are the lists that a name has to pass: one pattern of each, and none of the denied.
type Names struct {
	Allow [][]string `json:"allow,omitempty"`
	Deny  []string   `json:"deny,omitempty"`
}

// Overrun is a rule that another one makes void here.
type Overrun struct {
	Rule string `json:"rule"`
	By   string `json:"by"`
}

// Reaches returns what may be done: first in every repository that no section is about,
// then for each section's pattern, in the file's order.
func Reaches(p *Policy) []Reach {
	everywhere, _ := canon.ParseFullName(unknown)
	all := []Reach{p.For(unnamed).reach(everywhere, Reach{Repositories: "every other repository"})}
	seen := make(map[string]bool)
	for part := range p.parts {
		for _, sec := range part.sections.all {
			for _, row := range sec.pattern.rows {
				repo, who, ok := sec.sample(row)
				if !ok {
					continue
				}
				heading := Reach{Repositories: row.String(), Rule: strings.TrimSpace(part.name(rule{"", sec.line}).String()), ID: sec.id, Reason: sec.reason}
				if len(sec.pattern.rows) == 1 {
					heading.Repositories = sec.pattern.text
				}
				heading.Principals = texts(sec.principals)
				if key := strings.ToLower(heading.Repositories) + " " + strings.Join(heading.Principals, " "); !seen[key] {
					seen[key] = true
					all = append(all, p.For(who).reach(repo, heading))
				}
			}
		}
	}
	return all
}

// sample is a repository of one of a section's patterns, and somebody whom it is for.
func (sec *section) sample(row repoRow) (repo canon.Repo, who string, ok bool) {
	who = unnamed
	if len(sec.principals) > 0 {
		who = append(sec.principals[0].glob.samples(), sec.principals[0].text)[0]
	}
	repo, ok = row.sample()
	return repo, who, ok
}

// reach fills in what may be done in one repository by who asks.
func (p *Policy) reach(repo canon.Repo, r Reach) Reach {
	scope := p.in(repo, Identity{})
	r.Read, r.Write, r.Automation = scope.permission(Read), scope.permission(Write), scope.permission(Automation)
	r.Paths, r.Branches, r.WritePaths = scope.names(shownPaths), scope.names(branches), scope.names(writePaths)
	r.DefaultBranch, r.CI = true, true
	for each := range scope.each {
		opened, ci := false, false
		for _, sec := range each.sections {
			opened = opened || sec.branches.allow.present && !sec.narrow
			ci = ci || !sec.narrow && slices.ContainsFunc(sec.writing.allow.entries, func(e entry) bool { return e.glob.spellsCI() })
			r.Hides = r.Hides || sec.hides.says == denies
		}
		r.DefaultBranch, r.CI = r.DefaultBranch && opened, r.CI && ci
	}
	r.Overruled = scope.overruled()
	r.Separate = p.ForksSeparate(repo)
	for _, tool := range toolNames {
		if _, ask := scope.asks(tool); ask && !slices.Contains(r.permissionOf(tools[tool].capability).Not, tool) {
			r.Ask = append(r.Ask, tool)
		}
	}
	return r
}

func (r *Reach) permissionOf(c Capability) Permission {
	switch c {
	case Read:
		return r.Read
	case Write:
		return r.Write
	}
	return r.Automation
}

// permission is what a capability comes to, by the functions that decide.
func (s Scope) permission(c Capability) Permission {
	none := func(Decision) bool { return false }
	d := s.grant(c)
	for each := range s.each {
		if !each.refuseCapability(c, func(refusal Decision) bool {
			d = refusal
			return false
		}) {
			break
		}
	}
	made := Permission{Allowed: d.Allow, By: d.Rule.String(), Why: d.Why}
	for _, tool := range toolNames {
		if tools[tool].capability != c {
			continue
		}
		passes := d.Allow
		for each := range s.each {
			passes = passes && each.refuseTool(tool, none)
		}
		if passes {
			made.Tools = append(made.Tools, tool)
		} else {
			made.Not = append(made.Not, tool)
		}
	}
	for _, kind := range kinds {
		if slices.ContainsFunc(kind.tools, func(tool string) bool { return slices.Contains(made.Tools, tool) }) {
			made.Opens = append(made.Opens, kind.name)
		}
	}
	return made
}

// kinds are what tools show and change, in the words of who uses a forge.
var kinds = []struct {
	name  string
	tools []string
}{
	{"files", []string{"get_file_contents", "search_code", "get_file_tree", "commit_files"}},
	{"history", []string{"list_commits", "get_commit", "compare_refs"}},
	{"branches", []string{"list_branches", "create_branch"}},
	{"issues", []string{"list_issues", "get_issue", "create_issue", "update_issue"}},
	{"comments", []string{"list_issue_comments", "create_comment", "edit_comment"}},
	{"labels and milestones", []string{"list_labels", "list_milestones", "create_label", "create_milestone"}},
	{"pull requests", []string{"list_pull_requests", "get_pull_request", "create_pull_request", "update_pull_request"}},
	{"reviews", []string{"list_pull_request_reviews", "create_pull_request_review"}},
	{"releases with their tags", []string{"list_releases", "get_release", "create_release", "edit_release"}},
	{"wiki", []string{"list_wiki_pages", "get_wiki_page", "write_wiki_page"}},
	{"workflow runs", []string{"list_workflow_runs", "get_workflow_run", "dispatch_workflow", "rerun_workflow"}},
	{"job logs", []string{"get_job_log"}},
}

// names are the lists below a key that apply, without the built-in one.
func (s Scope) names(key patternLists) (n Names) {
	for sec := range s.all {
		if sec.builtin {
			continue
		}
		l := key.of(sec)
		if l.allow.present {
			n.Allow = append(n.Allow, texts(l.allow.entries))
		}
		n.Deny = append(n.Deny, texts(l.deny.entries)...)
	}
	return n
}

func texts(entries []entry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.text
	}
	return all
}

// overruled are what sections allow here and another rule denies, be it of the same file
// or of one that narrows it.
func (s Scope) overruled() (all []Overrun) {
	for _, c := range []Capability{Read, Write, Automation} {
		refusal := func(each Scope) (by Source) {
			each.refuseCapability(c, func(d Decision) bool {
				by = d.Rule
				return false
			})
			return by
		}
		var anywhere Source
		for each := range s.each {
			if anywhere.IsZero() {
				anywhere = refusal(each)
			}
		}
		if anywhere.IsZero() {
			continue
		}
		for each := range s.each {
			by := refusal(each)
			if by.IsZero() {
				by = anywhere
			}
			for _, sec := range each.sections {
				if o := sec.opinions[c]; o.says == allows {
					all = append(all, Overrun{each.policy.name(rule{c.String(), o.line}).String(), by.String()})
				}
			}
		}
	}
	return all
}

// spellsCI reports whether a glob names one of the paths that CI runs, and so opens it.
func (g glob) spellsCI() bool {
	return slices.ContainsFunc(g.samples(), g.namesCI)
}
