package clients

import (
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// setTOML puts an entry into a TOML text: tables of its own at the end, or where there
// were some.
func setTOML(body, key string, entry any) (string, error) {
	raw, err := toml.Marshal(map[string]any{key: map[string]any{Name: entry}})
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(raw), "["+key+"]\n")) + "\n"
	if strings.Contains(body, "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	from, to, err := tablesOf(body, key)
	switch {
	case err != nil:
		return "", err
	case from < 0 && body == "":
		return text, nil
	case from < 0:
		if !strings.HasSuffix(body, "\n") {
			body += newlineOf(body)
		}
		return body + newlineOf(body) + text, nil
	}
	return body[:from] + text + body[to:], nil
}

func newlineOf(body string) string {
	if strings.Contains(body, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// removeTOML takes the entry's tables out of a TOML text.
func removeTOML(body, key string) (string, error) {
	from, to, err := tablesOf(body, key)
	if err != nil || from < 0 {
		return "", errShape
	}
	before, after := body[:from], body[to:]
	if strings.TrimSpace(after) == "" {
		before = strings.TrimRight(before, "\r\n") + newlineOf(body)
	}
	return strings.TrimLeft(before, "\r\n") + after, nil
}

// tablesOf returns from where to where the entry's tables stand, from is -1 for none. They
// stand together, and each of them has a header, or the entry can't be changed.
func tablesOf(body, key string) (from, to int, err error) {
	var p unstable.Parser
	p.Reset([]byte(body))
	from = -1
	inside, ended, inRoot := false, false, true
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			inRoot = false
			names, at := keyOf(e, body)
			own := len(names) >= 2 && names[0] == key && names[1] == Name
			switch {
			case own && (e.Kind == unstable.ArrayTable || ended):
				return 0, 0, errShape
			case own && from < 0:
				from = lineStart(body, at)
			case !own && inside:
				ended = true
			}
			if inside = own; own {
				to = lineEnd(body, at)
			}
			if len(names) == 1 && names[0] == key && e.Kind == unstable.ArrayTable {
				return 0, 0, errShape
			}
		case unstable.KeyValue:
			names, at := keyOf(e, body)
			if inRoot && len(names) > 0 && names[0] == key {
				return 0, 0, errShape // written inline
			}
			if inside {
				to = lineEnd(body, max(at, valueEnd(&p, e, body, at)))
			}
		}
	}
	if p.Error() != nil {
		return 0, 0, errShape
	}
	return from, to, nil
}

// keyOf returns the parts of an expression's key, and where the first of them stands.
func keyOf(e *unstable.Node, body string) (names []string, at int) {
	at = -1
	for keys := e.Key(); keys.Next(); {
		node := keys.Node()
		if at < 0 {
			at = int(node.Raw.Offset)
		}
		names = append(names, string(node.Data))
	}
	return names, max(0, min(at, len(body)))
}

// valueEnd is a place in the last line of a value, as far as it can be told.
func valueEnd(p *unstable.Parser, e *unstable.Node, body string, at int) int {
	end := at
	var walk func(n *unstable.Node)
	walk = func(n *unstable.Node) {
		if stop := int(n.Raw.Offset) + int(n.Raw.Length); stop > end && stop <= len(body) {
			end = stop
		}
		for children := n.Children(); children.Next(); {
			walk(children.Node())
		}
	}
	walk(e.Value())
	// The closing bracket of a list or table over several lines lies behind its last value.
	if k := e.Value().Kind; k == unstable.Array || k == unstable.InlineTable {
		for end < len(body) && body[end] != ']' && body[end] != '}' {
			end++
		}
	}
	return min(end, len(body)-1)
}

func lineStart(body string, at int) int { return strings.LastIndexByte(body[:at], '\n') + 1 }

func lineEnd(body string, at int) int {
	if i := strings.IndexByte(body[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(body)
}
