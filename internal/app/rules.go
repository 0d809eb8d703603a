package app

import (
	"fmt"
	"strings"

	"aegis/internal/operatorfile"
	"aegis/sanitize"
	"aegis/sanitize/leaks"
)

// readRules reads more rules to redact by. Its errors do not name the file,
// its warnings do.
func readRules(file string) (rules *leaks.Rules, warnings []string, err error) {
	read, err := operatorfile.Read(file, leaks.MaxRulesFile)
	if err != nil {
		return nil, nil, err
	}
	text, err := operatorfile.Decode(read.Raw)
	if err != nil {
		return nil, nil, err
	}
	rules, doubts, err := sanitize.ParseRules([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	for _, doubt := range append(read.Warnings, doubts...) {
		warnings = append(warnings, fmt.Sprintf("%s: %s", file, doubt))
	}
	return rules, append(warnings, unseenIn(file, text)...), nil
}

// unseenIn warns of the first character of a file that can't be seen, outside
// comments: an expression that holds it finds nothing.
func unseenIn(file, text string) []string {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, r := range line {
			if r != '\n' && r != '\t' && operatorfile.Unseen(r) {
				return []string{fmt.Sprintf("%s: line %d holds %U, which %s; is it meant?", file, n, r, operatorfile.SeenAs(r))}
			}
		}
	}
	return nil
}
