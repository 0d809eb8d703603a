// Package stock is gitleaks as the promise about Aegis' answers names it: the
// default rules with their own allow-lists, also the rules that wait for a
// certain path, decoding five deep; no global allow-list, no gitleaks:allow. It
// is what tests hold our own finder against.
package stock

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
)

// gitleaks' logger is one for all detectors, whoever makes them: it is silenced
// before any runs.
func init() { logging.Logger = zerolog.Nop() }

// New returns a detector. Detecting with it is safe for concurrent use.
func New(tb testing.TB) *detect.Detector {
	tb.Helper()
	cfg := Config(tb)
	for id, rule := range cfg.Rules {
		if rule.Regex == nil {
			delete(cfg.Rules, id) // judges a file by its name alone
			continue
		}
		rule.Path = nil
		cfg.Rules[id] = rule
	}
	cfg.Allowlists = nil
	detector := detect.NewDetector(cfg)
	detector.MaxDecodeDepth = 5
	detector.IgnoreGitleaksAllow = true
	return detector
}

// Config returns gitleaks' default configuration.
func Config(tb testing.TB) config.Config {
	tb.Helper()
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		tb.Fatal(err)
	}
	var raw config.ViperConfig
	if err := v.Unmarshal(&raw); err != nil {
		tb.Fatal(err)
	}
	cfg, err := raw.Translate()
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}
