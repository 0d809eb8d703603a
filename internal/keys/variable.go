package keys

import (
	"fmt"
	"strings"

	"aegis/internal/apikey"
	"aegis/internal/operatorfile"
)

// Bounds on a key that a variable gives, in bytes.
const (
	leastListed = 32
	mostListed  = 512
)

// Listed makes keys of a list with commas between them, as MCP_API_KEYS has it: for
// those who come from a server that takes them so. They are called env-1, env-2 and so
// on, go to Gitea with the server's token, and write wherever the server may. Its errors
// show nothing of the list, and warning is what there is to say against it, "" for an
// empty one.
func Listed(list string) (all []*Key, warning string, err error) {
	if strings.TrimSpace(list) == "" {
		return nil, "", nil
	}
	if operatorfile.Placeholder(list) != "" {
		return nil, "", fmt.Errorf("MCP_API_KEYS is still a placeholder (${…}): the variable in it was never set")
	}
	seen := make(map[Hash]bool)
	for i, text := range strings.Split(list, ",") {
		text = strings.TrimSpace(text)
		n := i + 1
		hash := Hash(apikey.Hash(text))
		switch {
		case len(text) < leastListed || len(text) > mostListed:
			return nil, "", fmt.Errorf("MCP_API_KEYS: key %d has %d characters; one has %d to %d. A good one is made by: openssl rand -hex 32", n, len(text), leastListed, mostListed)
		case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
			return nil, "", fmt.Errorf("MCP_API_KEYS: key %d has a character that no header can have, or a space", n)
		case strings.HasPrefix(text, apikey.Prefix) && !apikey.WellFormed(text):
			return nil, "", fmt.Errorf("MCP_API_KEYS: key %d looks like a key of Aegis, and its checksum is wrong: it was cut or mistyped", n)
		case few(text):
			return nil, "", fmt.Errorf("MCP_API_KEYS: key %d has so few different characters that it can be guessed", n)
		case seen[hash]:
			return nil, "", fmt.Errorf("MCP_API_KEYS: key %d is there twice", n)
		case n > Most:
			return nil, "", fmt.Errorf("MCP_API_KEYS has more than %d keys", Most)
		}
		seen[hash] = true
		all = append(all, &Key{Name: fmt.Sprintf("env-%d", n), Secrets: []Secret{{Hash: hash}}, Shared: true, WritesAll: true})
	}
	warning = fmt.Sprintf("MCP_API_KEYS gives %d keys that never expire, share the server's token and may all do the same; \"aegis keys add\" makes better ones", len(all))
	return all, warning, nil
}

// few reports whether a text has fewer than eight different characters.
func few(text string) bool {
	seen := make(map[rune]bool)
	for _, r := range text {
		seen[r] = true
	}
	return len(seen) < 8
}
