package keys

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

const head = `# Keys of Aegis. "aegis keys" writes this file: what is changed by hand is kept, but
# for comments and order. It holds hashes and no keys.
`

// Format writes keys as [Parse] reads them. A key's hash is the last that is said of
// it, so that no file that was cut short lets a key in with less said of it.
func Format(all []*Key) []byte {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("version: 1\n")
	if len(all) == 0 {
		b.WriteString("keys: []\n")
		return []byte(b.String())
	}
	b.WriteString("keys:\n")
	for _, k := range all {
		k.format(&b)
	}
	return []byte(b.String())
}

func (k *Key) format(b *strings.Builder) {
	fmt.Fprintf(b, "  - name: %s\n", word(k.Name))
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "    %s: %s\n", key, value)
		}
	}
	list := func(key string, words []string) {
		if len(words) > 0 {
			line(key, "["+strings.Join(words, ", ")+"]")
		}
	}
	line("created", moment(k.Created))
	line("expires", moment(k.Expires))
	list("from", words(k.From))
	if k.Shared {
		line("gitea_token", "shared")
	}
	line("gitea_token_file", word(k.TokenFile))
	if len(k.Writes) > 0 {
		line("write", "allow")
	}
	list("write_repos", words(k.Writes))
	line("policy", word(k.Policy))
	b.WriteString("    secrets:\n")
	for _, s := range k.Secrets {
		start := "      - "
		if !s.Until.IsZero() {
			fmt.Fprintf(b, "%suntil: %s\n", start, moment(s.Until))
			start = "        "
		}
		fmt.Fprintf(b, "%ssha256: %s\n", start, word(hex.EncodeToString(s.Hash[:])))
	}
}

// word quotes a text, so that it is none but that.
func word(text string) string {
	if text == "" {
		return ""
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func words[T fmt.Stringer](all []T) (quoted []string) {
	for _, each := range all {
		quoted = append(quoted, word(each.String()))
	}
	return quoted
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return word(at.UTC().Format(time.RFC3339))
}
