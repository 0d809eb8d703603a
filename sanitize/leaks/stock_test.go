package leaks

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
	"github.com/zricethezav/gitleaks/v8/report"
)

// stock is gitleaks as the promise names it: all rules, also those that wait
// for a path, decoding five deep, no global allow-list, no gitleaks:allow.
func stock(t testing.TB) *detect.Detector {
	t.Helper()
	logging.Logger = logging.Logger.Level(zerolog.Disabled)
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		t.Fatal(err)
	}
	var raw config.ViperConfig
	if err := v.Unmarshal(&raw); err != nil {
		t.Fatal(err)
	}
	cfg, err := raw.Translate()
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range cfg.Rules {
		if r.Regex == nil {
			delete(cfg.Rules, id)
			continue
		}
		r.Path = nil
		cfg.Rules[id] = r
	}
	cfg.Allowlists = nil
	d := detect.NewDetector(cfg)
	d.MaxDecodeDepth = MaxDepth
	d.IgnoreGitleaksAllow = true
	return d
}

type key struct{ rule, secret, match string }

// missing returns what gitleaks found and we did not.
func missing(theirs []report.Finding, ours []Finding) []key {
	have := make(map[key]int)
	for _, f := range ours {
		have[key{f.Rule, f.secret, f.match}]++
	}
	var missed []key
	for _, f := range theirs {
		k := key{f.RuleID, f.Secret, f.Match}
		if have[k] == 0 {
			missed = append(missed, k)
			continue
		}
		have[k]--
	}
	return missed
}

// invented returns what we found and gitleaks did not. Findings of the generic
// rule don't count: gitleaks drops them where a specific rule says the same.
func invented(theirs []report.Finding, ours []Finding) []key {
	have := make(map[key]int)
	for _, f := range theirs {
		have[key{f.RuleID, f.Secret, f.Match}]++
	}
	var more []key
	for _, f := range ours {
		k := key{f.Rule, f.secret, f.match}
		if have[k] == 0 && !strings.Contains(f.Rule, "generic") {
			more = append(more, k)
		}
		have[k]--
	}
	return more
}
