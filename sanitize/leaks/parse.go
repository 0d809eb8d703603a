package leaks

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Bounds on a file of rules.
const (
	MaxRulesFile = 1 << 20 // bytes
	MaxRules     = 500
	maxRuleID    = 48       // bytes, so that a marker stays short
	maxKeywords  = 64       // of a rule
	maxKeyword   = 64       // bytes
	maxStopwords = 32 << 10 // bytes, of an allow-list
)

// ParseRules reads rules in the format of gitleaks' configuration. They are added
// to the default rules and can't take anything from them: a rule with the id of
// a default one, or one in taken, is an error, as are disabledRules. What is
// without effect here is a warning: global allow-lists, and what allow-lists
// say of paths and commits. Everything that is not understood is an error that
// names the line or the rule; expressions are parsed, but not compiled before
// they are needed.
func ParseRules(raw []byte, taken ...string) (rules *Rules, warnings []string, err error) {
	if len(raw) > MaxRulesFile {
		return nil, nil, fmt.Errorf("it is longer than %d bytes", MaxRulesFile)
	}
	file, err := decodeFile(raw)
	if err != nil {
		return nil, nil, err
	}
	p := &ruleParser{taken: make(map[string]string)}
	for _, id := range IDs() {
		p.taken[id] = "is a built-in rule's"
	}
	for _, id := range taken {
		p.taken[id] = "is a built-in rule's"
	}
	if err := p.file(file); err != nil {
		return nil, nil, err
	}
	return newRules(p.definitions, p.paths, p.files), p.warnings, nil
}

type ruleParser struct {
	taken       map[string]string // ids, and why
	definitions []definition
	paths       []*regexp.Regexp
	files       []fileRule
	warnings    []string
}

func (p *ruleParser) file(f *fileOfRules) error {
	switch {
	case len(f.Extend.DisabledRules) > 0:
		return errors.New("extend.disabledRules: built-in rules can't be switched off; a finding that is no secret is allowed by its fingerprint, in the policy's secrets.allow")
	case f.Extend.Path != "" || f.Extend.URL != "":
		return errors.New("extend.path and extend.url are not followed; put the rules into this file")
	case len(f.Rules) > MaxRules:
		return fmt.Errorf("it has %d rules, more than %d", len(f.Rules), MaxRules)
	case len(f.Rules) == 0:
		return errors.New("it has no rules, so that it would protect nothing")
	}
	if f.Allowlist != nil || len(f.Allowlists) > 0 {
		p.warn("its global allow-lists have no effect: they are made for reports, not for redaction; a rule of its own may have some")
	}
	for i := range f.Rules {
		if err := p.rule(i, &f.Rules[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *ruleParser) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

var ruleID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (p *ruleParser) rule(i int, r *fileRuleEntry) error {
	switch {
	case r.ID == "":
		return fmt.Errorf("rule %d has no id", i+1)
	case len(r.ID) > maxRuleID || !ruleID.MatchString(r.ID):
		return fmt.Errorf("rule %d: an id is 1 to %d letters, digits, dots, dashes and underscores", i+1, maxRuleID)
	case p.taken[r.ID] != "":
		return fmt.Errorf("rule %s: the id %s; give it another", r.ID, p.taken[r.ID])
	}
	p.taken[r.ID] = "is another rule's"
	fail := func(format string, args ...any) error {
		return fmt.Errorf("rule %s: %s", r.ID, fmt.Sprintf(format, args...))
	}
	switch {
	case r.Regex == "" && r.Path == "":
		return fail("it has neither regex nor path")
	case len(r.Required) > 0:
		return fail("required is not known here: a rule stands alone")
	case r.SkipReport:
		return fail("skipReport would leave it without effect")
	case r.SecretGroup < 0 || math.IsNaN(r.Entropy) || r.Entropy < 0 || r.Entropy > 8:
		return fail("secretGroup must not be negative, and entropy must be from 0 to 8")
	}
	path, err := pathPattern(r.Path)
	if err != nil {
		return fail("path: %v", err)
	}
	if r.Regex == "" {
		if r.Allowlist != nil || len(r.Allowlists)+len(r.Keywords) > 0 {
			p.warn("rule %s judges files by their path alone; its keywords and allow-lists have no effect", r.ID)
		}
		p.files = append(p.files, fileRule{r.ID, path})
		return nil
	}
	d := definition{id: r.ID, pattern: r.Regex, group: r.SecretGroup, entropy: r.Entropy, metered: true}
	if err := checkPattern(r.Regex, r.SecretGroup); err != nil {
		return fail("regex: %v", err)
	}
	if d.keywords, err = keywordsOf(r.Keywords); err != nil {
		return fail("%v", err)
	}
	if d.allow, err = p.allowances(r); err != nil {
		return fail("%v", err)
	}
	p.definitions, p.paths = append(p.definitions, d), append(p.paths, path)
	return nil
}

// parsed reports what is wrong with an expression, also as part of a larger one:
// \Qx is fine as long as nothing comes after it.
func parsed(pattern string) (*syntax.Regexp, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err == nil {
		_, err = syntax.Parse("(?:"+pattern+")", syntax.Perl)
	}
	var problem *syntax.Error
	if errors.As(err, &problem) {
		return nil, fmt.Errorf("%s: %.60q", problem.Code, problem.Expr)
	}
	return re, err
}

func pathPattern(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	if _, err := parsed(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(pattern)
}

func checkPattern(pattern string, group int) error {
	re, err := parsed(pattern)
	switch {
	case err != nil:
		return err
	case minBytes(re) == 0:
		return errors.New("it matches where there is nothing")
	case group > re.MaxCap():
		return fmt.Errorf("secretGroup is %d, and it has %d groups", group, re.MaxCap())
	}
	return nil
}

// keywordsOf returns keywords as an engine takes them. One beyond ASCII, the case
// of which it does not know, makes the rule one that runs on every text.
func keywordsOf(given []string) ([]string, error) {
	if len(given) > maxKeywords {
		return nil, fmt.Errorf("it has more than %d keywords", maxKeywords)
	}
	var keywords []string
	for _, k := range given {
		if k == "" || len(k) > maxKeyword {
			return nil, fmt.Errorf("a keyword has 1 to %d bytes", maxKeyword)
		}
		keywords = append(keywords, strings.ToLower(k))
	}
	if !slices.ContainsFunc(keywords, func(k string) bool { return !ascii(k) }) {
		return keywords, nil
	}
	return nil, nil
}

func (p *ruleParser) allowances(r *fileRuleEntry) ([]allowance, error) {
	lists := r.Allowlists
	if r.Allowlist != nil {
		lists = append(lists, *r.Allowlist)
	}
	var all []allowance
	for _, list := range lists {
		a, err := list.allowance()
		if err != nil {
			return nil, fmt.Errorf("allow-list: %v", err)
		}
		if a.elsewhere {
			p.warn("rule %s: what its allow-lists say of paths and commits has no effect", r.ID)
		}
		all = append(all, a)
	}
	return all, nil
}

// allowance checks an allow-list. What it says of paths and commits never holds.
func (l *fileAllowlist) allowance() (allowance, error) {
	a := allowance{elsewhere: len(l.Paths)+len(l.Commits) > 0}
	switch strings.ToUpper(l.Condition) {
	case "", "OR", "||":
	case "AND", "&&":
		a.all = true
	default:
		return a, errors.New("condition is neither AND nor OR")
	}
	switch a.target = l.RegexTarget; a.target {
	case "", "match", "line":
	case "secret":
		a.target = ""
	default:
		return a, errors.New("regexTarget is none of secret, match, line")
	}
	if !a.elsewhere && len(l.Regexes)+len(l.Stopwords) == 0 {
		return a, errors.New("it has neither regexes nor stopwords")
	}
	for _, pattern := range l.Regexes {
		if _, err := parsed(pattern); err != nil {
			return a, err
		}
		// Of several, each has its flags for itself.
		a.patterns = append(a.patterns, "(?:"+pattern+")")
	}
	size := 0
	for _, word := range l.Stopwords {
		if size += len(word); word == "" || size > maxStopwords {
			return a, fmt.Errorf("stopwords are not empty, and have at most %d bytes together", maxStopwords)
		}
		a.words = append(a.words, strings.ToLower(word))
	}
	return a, nil
}
