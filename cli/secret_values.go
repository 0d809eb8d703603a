package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"aegis/internal/operatorfile"
	"aegis/sanitize"

	"golang.org/x/text/unicode/norm"
)

// secretValues reads the values to redact from a file of one value a line. A
// line that is written as a setting (NAME=value, NAME: value, quoted, after
// "export") protects itself and each value that it may be meant for: too much
// is better than a value that nobody protects. What yields nothing, or a value
// so short that ordinary text would be redacted, is an error that names the
// line and shows nothing of it.
func secretValues(text string) ([]string, error) {
	var values []string
	seen := make(map[string]bool)
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || isComment(line) {
			continue
		}
		found, err := lineValues(line)
		if err != nil {
			return nil, fmt.Errorf("line %d %w", n, err)
		}
		for _, value := range found {
			if !seen[value] {
				seen[value] = true
				values = append(values, value)
			}
		}
	}
	if len(values) == 0 {
		return nil, errors.New("there is no value in it, so that nothing would be protected; write one a line, or leave the setting out")
	}
	return values, nil
}

// isComment reports whether a line is "#", alone or before a space. What begins
// with another "#" may be a value.
func isComment(line string) bool {
	return line == "#" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#\t")
}

// setting is NAME=value and its like. The name of an environment variable alone,
// without a value, is a setting that was not filled in.
var (
	settingLine = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^["']?[A-Za-z_$][\w.$-]*["']?(?:\s*(=>|:=|=)|(:\s)|(:))\s*(.*)$`)
	})
	unfilled   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z_][A-Z0-9_]*=$`) })
	structured = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:\{.*\}|\[.*\])[,;]?$`) })
	beforeName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:(?:export|set|setx|declare -x)\s+|-\s+|\$env:)+`)
	})
)

// lineValues returns what a line protects, itself first.
func lineValues(line string) ([]string, error) {
	for _, r := range line {
		if r != '\t' && operatorfile.Unseen(r) {
			return nil, fmt.Errorf("holds %U, which %s: the value would be found only with it; remove it, the value is then found with it, too", r, operatorfile.SeenAs(r))
		}
	}
	if operatorfile.Placeholder(line) == line || unfilled().MatchString(line) {
		return nil, errUnfilled
	}
	if structured().MatchString(line) {
		return nil, errors.New("holds several values, or none; write one a line, or quote all of it if it is one value")
	}
	values := []string{line}
	bare := unquoted(line)
	if len(bare) < sanitize.MinSecret {
		return nil, errTooShort("is")
	}
	values = append(values, bare)
	settled := unquoted(beforeName().ReplaceAllString(bare, ""))
	if len(settled) < sanitize.MinSecret {
		return nil, errTooShort("holds a value that is")
	}
	values = append(values, settled)
	if parts := settingLine().FindStringSubmatch(settled); parts != nil {
		for _, value := range settingValues(parts[4]) {
			switch {
			case operatorfile.Placeholder(value) == value && value != "":
				return nil, errUnfilled
			case len(value) >= sanitize.MinSecret:
				values = append(values, value)
			case !isQuoted(line) && parts[3] == "" && strings.Trim(value, "=") != "": // not quoted, nor user:password, nor the end of base64
				return nil, fmt.Errorf("%w; a line that is one value goes between quotes", errTooShort("holds a name and a value that is"))
			}
		}
	}
	if !isQuoted(line) {
		values = append(values, pieces(line)...)
	}
	for _, value := range slices.Clone(values) { // one system composes letters, another does not
		values = append(values, norm.NFC.String(value), norm.NFD.String(value))
	}
	return slices.DeleteFunc(values, func(value string) bool { return len(value) < sanitize.MinSecret }), nil
}

// pieces are the parts of a line that look like a secret: of 8 bytes, with letters and
// digits. In a form that is not known, a row of a table or a line of code, one of them
// is the value.
func pieces(line string) (all []string) {
	parts := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("=:;,|<>@()[]{}"+quotes, r) }
	for piece := range strings.FieldsFuncSeq(line, parts) {
		if len(piece) >= 8 && strings.ContainsFunc(piece, unicode.IsDigit) && strings.ContainsFunc(piece, unicode.IsLetter) {
			all = append(all, piece)
		}
	}
	return all
}

var errUnfilled = errors.New("was never filled in; write the value, or remove the line")

// isQuoted reports whether a line is one value between quotes, whatever it holds.
func isQuoted(line string) bool {
	quote := line[:1]
	return strings.Contains("\"'", quote) && strings.Count(line, quote) == 2 && strings.HasSuffix(line, quote)
}

const quotes = "\"'`“”„‟‘’‚‛«»‹›"

// settingValues are what a setting's value may be: all of it, and without a
// comment, what ends a line in some languages, and quotes.
func settingValues(value string) []string {
	values := []string{value}
	if before, _, ok := strings.Cut(value, " #"); ok {
		values = append(values, strings.TrimSpace(before))
	}
	for _, value := range slices.Clone(values) {
		values = append(values, unquoted(value))
	}
	return values
}

// unquoted is a value without quotes at either end, the usual ones and those
// that text programs make of them, and without a comma or semicolon behind.
func unquoted(value string) string {
	value = strings.TrimRight(value, ",; ")
	return strings.TrimSpace(strings.Trim(value, quotes))
}

func errTooShort(what string) error {
	return fmt.Errorf("%s shorter than %d bytes; redacting it would redact ordinary text", what, sanitize.MinSecret)
}
