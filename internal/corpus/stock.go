package corpus

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
	"github.com/zricethezav/gitleaks/v8/report"
)

// Stock is gitleaks with its default rules. It is safe for concurrent use.
type Stock struct {
	rules    []Rule
	detector *detect.Detector
}

// A Rule is one of gitleaks' default rules.
type Rule struct {
	ID string
	// Pattern is its regular expression, "" for a rule that judges a file by
	// its name alone.
	Pattern  string
	Keywords []string
	// Path is a name of a file on which the rule runs, "" if it runs on any text.
	Path string
}

// fittingPaths has a path for every rule that waits for one.
var fittingPaths = map[string]string{
	"freemius-secret-key":    "config.php",
	"hashicorp-tf-password":  "main.tf",
	"kubernetes-secret-yaml": "secret.yaml",
	"nuget-config-password":  "nuget.config",
	"pkcs12-file":            "store.p12",
}

// gitleaks' logger is one for all detectors, whoever makes them: it is silenced
// before any runs.
func init() { logging.Logger = zerolog.Nop() }

// NewStock reads the default rules, which takes some 100 ms. It fails if they
// can't be read, or if one of them waits for a path that is not known here.
var NewStock = sync.OnceValues(newStock)

func newStock() (*Stock, error) {
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		return nil, fmt.Errorf("default rules: %w", err)
	}
	var raw config.ViperConfig
	if err := v.Unmarshal(&raw); err != nil {
		return nil, fmt.Errorf("default rules: %w", err)
	}
	cfg, err := raw.Translate()
	if err != nil {
		return nil, fmt.Errorf("default rules: %w", err)
	}
	s := &Stock{}
	for id, rule := range cfg.Rules {
		r := Rule{ID: id, Keywords: rule.Keywords}
		if rule.Regex != nil {
			r.Pattern = rule.Regex.String()
		}
		if rule.Path != nil {
			r.Path = fittingPaths[id]
			if !rule.Path.MatchString(r.Path) {
				return nil, fmt.Errorf("rule %s runs on paths like %s only", id, rule.Path)
			}
		}
		s.rules = append(s.rules, r)
	}
	sort.Slice(s.rules, func(i, j int) bool { return s.rules[i].ID < s.rules[j].ID })
	cfg.Allowlists = nil
	s.detector = detect.NewDetector(cfg)
	s.detector.MaxDecodeDepth = 5
	s.detector.IgnoreGitleaksAllow = true
	return s, nil
}

// Rules returns all rules, ordered by their id.
func (s *Stock) Rules() []Rule { return s.rules }

// Rule returns the rule of an id.
func (s *Stock) Rule(id string) (Rule, bool) {
	i := sort.Search(len(s.rules), func(i int) bool { return s.rules[i].ID >= id })
	if i == len(s.rules) || s.rules[i].ID != id {
		return Rule{}, false
	}
	return s.rules[i], true
}

// Find returns what gitleaks finds in a text that is in a file of the given
// path, "" for none.
func (s *Stock) Find(text, path string) []report.Finding {
	//lint:ignore SA1019 Detect takes no other type yet; the one that will replace it is not assignable
	found := s.detector.Detect(detect.Fragment{Raw: text, FilePath: path})
	kept := found[:0]
	for _, f := range found {
		if !strings.HasPrefix(f.Match, "file detected:") { // by its name alone
			kept = append(kept, f)
		}
	}
	return kept
}

// Secrets returns the secrets that rule r has in text: decoded, if they are
// encoded there.
func (s *Stock) Secrets(r Rule, text string) []string {
	var secrets []string
	for _, f := range s.Find(text, r.Path) {
		if f.RuleID == r.ID {
			secrets = append(secrets, f.Secret)
		}
	}
	return secrets
}
