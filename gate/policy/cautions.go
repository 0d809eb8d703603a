package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Caution is what somebody who looks at a policy should know that they meant: it holds,
// and it opens more than most people think.
type Caution struct {
	Rule string `json:"rule,omitempty"`
	Text string `json:"text"`
}

func (c Caution) String() string {
	if c.Rule == "" {
		return c.Text
	}
	return c.Rule + ": " + c.Text
}

// Cautions returns what to look at twice in a policy, and in those that narrow it: what it
// opens that the built-in one does not, and what may not come to what was meant. A floor
// opens nothing; what it closes again is left out.
func Cautions(p *Policy) (all []Caution) {
	for part := range p.parts {
		c := &cautious{whole: p, policy: part}
		if part.floor {
			continue
		}
		c.settings()
		for _, sec := range part.sections.all {
			c.section(sec)
		}
		c.writes()
		all = append(all, c.all...)
	}
	if asks := asking(p); len(asks) > 0 {
		all = append(all, Caution{"", "a human is asked only by a client that can show forms, and by aegis call on a terminal; elsewhere these calls are denied (approval_unavailable): " + strings.Join(asks, ", ")})
	}
	return all
}

type cautious struct {
	whole  *Policy // what it is part of
	policy *Policy
	all    []Caution
}

// holds reports whether what a section allows is allowed once all that holds there has
// been put together.
func (c *cautious) holds(sec *section, what Capability) bool {
	if sec.opinions[what].says != allows {
		return false
	}
	if len(c.whole.also) == 0 {
		return true // the loader saw to it
	}
	repo, who, ok := sec.sample(sec.pattern.rows[0])
	return !ok || c.whole.For(who).in(repo, Identity{}).grants(what)
}

func (c *cautious) add(key string, line int, format string, args ...any) {
	c.all = append(c.all, Caution{c.policy.name(rule{key, line}).String(), fmt.Sprintf(format, args...)})
}

func (c *cautious) settings() {
	p := c.policy
	if opened := p.opened(); len(opened) > 0 && !c.whole.some(func(part *Policy) bool { return !part.builtinOff }) {
		c.add("builtin_paths", 0, "files that hold credentials are opened: %s", strings.Join(opened, ", "))
	}
	if action := c.whole.Flow().PrivateToPublic; action != Deny {
		c.add("flow.private_to_public", p.flowLines["private_to_public"], "what was read in private repositories may be written where everybody sees it (%s)", action)
	}
	if n := len(c.whole.SecretsAllow()); n > 0 {
		c.add("secrets.allow", 0, "%d findings are shown as they are", n)
	}
}

func (c *cautious) section(sec *section) {
	for _, what := range []Capability{Read, Write, Automation} {
		if o := sec.opinions[what]; sec.pattern.everything() && c.holds(sec, what) && (what != Read || c.policy.defaults[Read].says != allows) {
			c.add(what.String(), o.line, "%s is allowed in every repository, also in those that will be made", what)
		}
	}
	for _, e := range sec.writing.allow.entries {
		if e.glob.spellsCI() {
			c.add("write_paths.allow", e.line, "%s is run by CI: who writes there runs code with CI's secrets", quote(e.text))
		}
	}
	for _, e := range sec.branches.allow.entries {
		if name := usualDefault(e.glob); name != "" {
			c.add("branches.allow", e.line, "%s opens %s, which is the default branch of many repositories", quote(e.text), quote(name))
		}
	}
	if o := sec.opinions[Automation]; len(sec.principals) == 0 && c.holds(sec, Automation) {
		c.add("automation", o.line, "workflows of %s may be started, which run with CI's secrets", sec.pattern.text)
	}
	if all := &c.policy.sections; !all.mayAllow(Write, sec) {
		for _, key := range []patternLists{branches, writePaths} {
			if l := key.of(sec); l.allow.present && (key.key == writePaths.key || !all.mayAllow(Automation, sec)) {
				c.add(key.key+".allow", l.allow.line, "it lets nobody write: nothing says write: allow for %s", sec.pattern.text)
			}
		}
	}
	if sec.says() == 0 {
		c.add(sec.pattern.text, sec.line, "the section says nothing")
	}
}

// usualDefault is a usual name of default branches that a glob matches, "" if none.
func usualDefault(g glob) string {
	for _, name := range []string{"main", "master", "trunk", "develop"} {
		if g.fit(name, false).whole {
			return name
		}
	}
	return ""
}

// says counts what a section says.
func (sec *section) says() (n int) {
	for _, o := range append(slices.Clone(sec.opinions[:]), sec.forks, sec.hides) {
		if o.says != silent {
			n++
		}
	}
	for _, key := range patternKeys {
		if l := key.of(sec); l.allow.present || l.deny.present {
			n++
		}
	}
	if sec.tools.allow.present || sec.tools.deny.present || sec.approve.present {
		n++
	}
	return n
}

// writes tells in one line where writing is opened, since the built-in policy opens it
// nowhere.
func (c *cautious) writes() {
	var where []string
	for _, sec := range c.policy.sections.all {
		if c.holds(sec, Write) {
			where = append(where, sec.pattern.text)
		}
	}
	where = slices.Compact(where)
	if len(where) == 0 {
		return
	}
	const most = 5
	told := strings.Join(where[:min(most, len(where))], ", ")
	if more := len(where) - most; more > 0 {
		told += fmt.Sprintf(" and %d more", more)
	}
	c.all = append(c.all, Caution{"", "writing is opened, which the built-in policy does nowhere: " + told})
}

// asking are the rules because of which a human is asked.
func asking(p *Policy) (all []string) {
	for part := range p.parts {
		add := func(list toolList) {
			for _, e := range list.entries {
				all = append(all, part.name(rule{"approve", e.at.line}).String())
			}
		}
		add(part.global.approve)
		for _, sec := range part.sections.all {
			add(sec.approve)
		}
		for _, key := range []string{"private_to_public", "untrusted_to_write"} {
			if part.flow.PrivateToPublic == Ask && key == "private_to_public" || part.flow.UntrustedToWrite == Ask && key == "untrusted_to_write" {
				all = append(all, part.name(rule{"flow." + key, part.flowLines[key]}).String())
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
