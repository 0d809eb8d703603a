package leaks

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// fileOfRules is gitleaks' configuration file.
type fileOfRules struct {
	Title       string          `toml:"title"`
	Description string          `toml:"description"`
	MinVersion  string          `toml:"minVersion"`
	Extend      fileExtend      `toml:"extend"`
	Rules       []fileRuleEntry `toml:"rules"`
	Allowlist   map[string]any  `toml:"allowlist"`
	Allowlists  []any           `toml:"allowlists"`
}

type fileExtend struct {
	UseDefault    bool     `toml:"useDefault"` // the default rules are always there
	Path          string   `toml:"path"`
	URL           string   `toml:"url"`
	DisabledRules []string `toml:"disabledRules"`
}

type fileRuleEntry struct {
	ID          string          `toml:"id"`
	Description string          `toml:"description"`
	Path        string          `toml:"path"`
	Regex       string          `toml:"regex"`
	SecretGroup int             `toml:"secretGroup"`
	Entropy     float64         `toml:"entropy"`
	Keywords    []string        `toml:"keywords"`
	Tags        []string        `toml:"tags"`
	Required    []any           `toml:"required"`
	SkipReport  bool            `toml:"skipReport"`
	Allowlist   *fileAllowlist  `toml:"allowlist"` // as older versions have it
	Allowlists  []fileAllowlist `toml:"allowlists"`
}

type fileAllowlist struct {
	Description string   `toml:"description"`
	Condition   string   `toml:"condition"`
	Commits     []string `toml:"commits"`
	Paths       []string `toml:"paths"`
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	Stopwords   []string `toml:"stopwords"`
}

// decodeFile decodes strictly. Its errors name the line.
func decodeFile(raw []byte) (*fileOfRules, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("it is not UTF-8")
	}
	decoder := toml.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	file := new(fileOfRules)
	err := decoder.Decode(file)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return nil, fmt.Errorf("line %d: unknown key %q", line, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		if key := strings.Join(wrong.Key(), "."); key != "" {
			return nil, fmt.Errorf("line %d: %s has another type, or is there twice", line, key)
		}
		return nil, fmt.Errorf("line %d: %s", line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return file, err
}
