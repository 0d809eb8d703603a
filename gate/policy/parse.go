package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Parse loads a policy from the bytes of a YAML file of at most 1 MiB. Rules
// are named after the last element of name. An error is an [*InvalidError].
//
// It is strict: what is unknown, said twice, of the wrong type or can have no
// effect is an error, because in a policy a slip is a hole.
func Parse(name string, src []byte) (*Policy, []Warning, error) { return parsePolicy(name, src, false) }

// parsePolicy is Parse; if it is lenient, rules may have no effect. What decides is the
// same for both, so that properties can be looked for where no file could lead.
func parsePolicy(name string, src []byte, lenient bool) (*Policy, []Warning, error) {
	digest := sha256.Sum256(src)
	p := &Policy{
		source: name,
		base:   filepath.Base(name),
		digest: hex.EncodeToString(digest[:]),
		global: section{index: -1},
	}
	found := &problems{file: p.base, source: lines(src)}
	if root, scalars := document(src, found); root != nil {
		r := &reader{problems: found, unread: scalars, lenient: lenient}
		r.policy(p, root)
		if len(found.errors) == 0 {
			r.leftover()
		}
	}
	if err := found.err(); err != nil {
		return nil, nil, err
	}
	return p, found.warned, nil
}

// lines are a file's, as they are shown: what is no text is not refused here.
func lines(src []byte) []string {
	text := strings.TrimPrefix(string(src), "\ufeff")
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}

// policy reads the whole file.
func (r *reader) policy(p *Policy, root *ast.MappingNode) {
	p.defaults[Read] = opinion{says: allows}
	p.flow = Flow{PrivateToPublic: Deny, UntrustedToWrite: Allow, ForgetAfter: 8 * time.Hour}
	p.limits = Limits{BytesPerAnswer: DefaultBytesPerAnswer}
	version, switchedOff := false, place{}
	for _, m := range r.members("a policy", root, "version", "defaults", "tools", "paths", "repositories",
		"approve", "forks", "untrusted", "flow", "secrets", "limits", "builtin_paths") {
		switch m.key {
		case "version":
			version = true
			if n, ok := m.value.(*ast.IntegerNode); !ok || n.Token.Value != "1" {
				r.wrong(m.value, "version must be 1")
			}
			r.skip(m.value)
		case "defaults":
			r.defaults(p, m)
		case "repositories":
			r.repositories(p, m)
		case "flow":
			r.flow(p, m)
		case "secrets":
			r.secrets(p, m)
		case "limits":
			r.limits(p, m)
		case "builtin_paths":
			p.builtinOff = r.choice(m, "on", "off") == "off"
			switchedOff = m.at
		default:
			r.sharedKeys(&p.global, m)
		}
	}
	if !version && len(r.errors) == 0 {
		r.errorf(place{}, "the key version is missing; write: version: 1")
	}
	if len(r.errors) == 0 && !r.lenient {
		r.overruled(p)
	}
	r.doubtJobs(p)
	if opened := p.opened(); len(opened) > 0 {
		r.warnf(switchedOff, "files that hold credentials are opened: %s", strings.Join(opened, ", "))
	}
}

func (r *reader) defaults(p *Policy, of member) {
	for _, m := range r.members("defaults", of.value, "read", "write", "automation") {
		switch m.key {
		case "read":
			p.defaults[Read] = r.opinion(m)
		case "write", "automation":
			c := Write
			if m.key == "automation" {
				c = Automation
			}
			o := r.opinion(m)
			if o.says == allows {
				r.errorf(beginning(m.value), "defaults.%s can only be deny; allow it for each repository under repositories", m.key)
			}
			p.defaults[c] = o
		}
	}
}

func (r *reader) repositories(p *Policy, of member) {
	seen := make(map[string]int)
	for _, m := range r.members("repositories", of.value) {
		pattern, err := parseRepoPattern(m.key)
		if err != nil {
			r.errorf(m.at, "the repository pattern %s %v", quote(m.key), err)
			r.skip(m.value)
			continue
		}
		if line, twice := seen[pattern.key()]; twice {
			r.errorf(m.at, "the repository pattern %s is already on line %d (case makes no difference)", quote(m.key), line)
		}
		seen[pattern.key()] = m.at.line
		everybody := place{}
		for _, m := range r.sectionsUnder(m) {
			sec := &section{index: len(p.sections.all), pattern: pattern, line: m.at.line}
			r.section(sec, m)
			if len(sec.principals) == 0 {
				if everybody.line > 0 {
					r.errorf(m.at, "two sections of %s are for everybody, here and on line %d; make them one, or give principals", quote(m.key), everybody.line)
				}
				everybody = m.at
			}
			p.sections.add(sec)
		}
	}
}

// sectionsUnder returns the sections under a repository pattern: one, or a list of
// them for different principals.
func (r *reader) sectionsUnder(of member) (all []member) {
	list, ok := of.value.(*ast.SequenceNode)
	if !ok {
		return []member{of}
	}
	for _, node := range list.Values {
		where := of.at
		if node != nil {
			where = beginning(node)
		}
		all = append(all, member{of.key, where, node})
	}
	if len(all) == 0 {
		r.errorf(of.at, "the list of sections is empty; leave %s out to say nothing", quote(of.key))
	}
	return all
}

func (r *reader) section(sec *section, of member) {
	for _, m := range r.members("a repository section", of.value, "read", "write", "automation", "tools", "paths",
		"branches", "write_paths", "approve", "forks", "untrusted", "reason", "id", "principals") {
		switch m.key {
		case "read":
			sec.opinions[Read] = r.opinion(m)
		case "write":
			sec.opinions[Write] = r.opinion(m)
		case "automation":
			sec.opinions[Automation] = r.opinion(m)
		case "branches":
			sec.branches = r.lists(m, "branch", compileBranch)
		case "write_paths":
			sec.writing = r.lists(m, "path", compilePath)
		case "id":
			sec.id = r.number(m, 1, 1<<53)
		case "principals":
			sec.principals = r.principals(m)
		case "reason":
			sec.reason = r.prose(m, 500)
		default:
			r.sharedKeys(sec, m)
		}
	}
	if sec.id != 0 && !narrowed(sec).narrows() {
		r.warnf(of.at, "the id has no effect: it follows what a section denies and restricts, and this one does neither")
	}
}

// sharedKeys reads the keys that the global part and sections share.
func (r *reader) sharedKeys(sec *section, m member) {
	switch m.key {
	case "tools":
		sec.tools = r.tools(m)
	case "paths":
		sec.paths = r.lists(m, "path", compilePath)
	case "approve":
		sec.approve = r.toolNames(m)
	case "forks":
		sec.forks = r.either(m, "separate", "inherit")
	case "untrusted":
		sec.hides = r.either(m, "mark", "hide")
	}
}

func (r *reader) opinion(m member) opinion { return r.either(m, "allow", "deny") }

// either reads one of two words, of which the first permits more.
func (r *reader) either(m member, allow, deny string) opinion {
	says := denies
	if r.choice(m, allow, deny) == allow {
		says = allows
	}
	return opinion{says, m.at.line}
}

func (r *reader) tools(of member) named {
	var n named
	for _, m := range r.members("tools", of.value, "allow", "deny") {
		if m.key == "allow" {
			n.allow = r.toolNames(m)
		} else {
			n.deny = r.toolNames(m)
		}
	}
	return n
}
