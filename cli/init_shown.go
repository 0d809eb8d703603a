package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"aegis/internal/clients"
	"aegis/sanitize"
)

// What else stands in a client's file is not Aegis' to show: another server's token may be
// in any place of it, an argument or a note. So of a changed line only those words are
// shown that Aegis' own entry has.

// ownWords are the words of Aegis' entry in a client's file, and of each entry that it may
// have had there.
func ownWords(c clients.Client, entry clients.Server) map[string]bool {
	any := clients.Server{Command: clients.Name, Args: []string{"--stdio"}, Env: make(map[string]string)}
	for _, row := range allSettings {
		for _, variable := range row.env {
			any.Env[variable] = ""
		}
	}
	own := map[string]bool{"true": true, "false": true}
	for _, each := range []clients.Server{any, entry} {
		text, _ := clients.Text(c, each)
		for _, found := range word().FindAllString(text, -1) {
			own[bare(found)] = true
		}
	}
	return own
}

// word is a text in quotes, or what stands between spaces and the signs of JSON and TOML.
var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^']*'|[^\s{}\[\]:,=]+`) })

func bare(word string) string { return strings.Trim(word, `"'`) }

// difference shows what lines of a client's file go and come, in the words that are own.
func (p *plan) difference(was, is string, own map[string]bool) string {
	before, after := strings.SplitAfter(was, "\n"), strings.SplitAfter(is, "\n")
	from := 0
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for len(before) > from && len(after) > from && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	hidden := func(line string) string {
		return word().ReplaceAllStringFunc(line, func(found string) string {
			switch {
			case own[bare(found)]:
				return found
			case found[0] == '"':
				return `"…"`
			}
			return "…"
		})
	}
	return fmt.Sprintf("  line %d\n", from+1) + p.lines("- ", before[from:], hidden) + p.lines("+ ", after[from:], hidden)
}

// lines shows lines, each changed in some way.
func (p *plan) lines(mark string, all []string, change func(string) string) string {
	var b strings.Builder
	for _, line := range all {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			b.WriteString(mark + p.clean(change(line)) + "\n")
		}
	}
	return b.String()
}

// clean is a text without what looks like a secret, and without what a terminal obeys.
func (p *plan) clean(text string) string {
	clean, _ := p.scrubber.Text(strings.ReplaceAll(text, "\t", "    "), sanitize.TextOptions{})
	return visible(clean)
}
