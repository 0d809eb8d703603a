package tools

import (
	"encoding/json"
	"strings"
)

// Arguments makes a tool's raw arguments of texts, as a URI or a form has them.
// An integer's digits become a number; everything else stays a string, for the
// tool to refuse if it is none.
func (t Tool) Arguments(given map[string]string) json.RawMessage {
	properties := t.Schema().Properties
	return arguments(given, func(name string) bool {
		schema := properties[name]
		return schema != nil && schema.Type == "integer"
	})
}

func arguments(given map[string]string, isInteger func(name string) bool) json.RawMessage {
	raw := make(map[string]any, len(given))
	for name, text := range given {
		raw[name] = text
		if digits := strings.Trim(text, "0123456789") == "" && text != "" && text[0] != '0'; digits && isInteger(name) {
			raw[name] = json.RawMessage(text)
		}
	}
	encoded, err := json.Marshal(raw)
	if err != nil {
		panic("strings and digits can't fail to encode")
	}
	return encoded
}
