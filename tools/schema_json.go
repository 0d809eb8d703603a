package tools

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Schema is as much of a JSON schema as arguments need. The MCP library's own schemas
// can say everything, and take so long to encode that a client's first list waits for it.
type Schema struct {
	Type        string
	Description string

	// Of an object: its members by name, in the order in which they are shown, and
	// those that must be there. It has no others, unless AdditionalProperties, which
	// is what they look like, is not nil.
	Properties           map[string]*Schema
	PropertyOrder        []string
	Required             []string
	AdditionalProperties *Schema

	Items            *Schema         // of an array
	Default          json.RawMessage // nil for none
	Enum             []string        // of a string, nil for any
	Minimum, Maximum *int64          // of an integer, nil for none
	Format           string          // of a string, "" for any
}

// JSON is s, encoded.
func (s *Schema) JSON() json.RawMessage { return s.append(nil) }

// MarshalJSON is JSON. It never fails.
func (s *Schema) MarshalJSON() ([]byte, error) { return s.JSON(), nil }

// append appends s, encoded.
func (s *Schema) append(b []byte) []byte {
	b = appendText(append(b, `{"type":`...), s.Type)
	if s.Properties != nil {
		b = append(b, `,"properties":{`...)
		for i, name := range s.PropertyOrder {
			if i > 0 {
				b = append(b, ',')
			}
			b = s.Properties[name].append(append(appendText(b, name), ':'))
		}
		b = append(b, '}')
	}
	if s.Items != nil {
		b = s.Items.append(append(b, `,"items":`...))
	}
	if s.Description != "" {
		b = appendText(append(b, `,"description":`...), s.Description)
	}
	if s.Default != nil {
		b = append(append(b, `,"default":`...), s.Default...)
	}
	b = appendTexts(b, `,"enum":[`, s.Enum)
	if s.Minimum != nil {
		b = strconv.AppendInt(append(b, `,"minimum":`...), *s.Minimum, 10)
	}
	if s.Maximum != nil {
		b = strconv.AppendInt(append(b, `,"maximum":`...), *s.Maximum, 10)
	}
	b = appendTexts(b, `,"required":[`, s.Required)
	switch {
	case s.AdditionalProperties != nil:
		b = s.AdditionalProperties.append(append(b, `,"additionalProperties":`...))
	case s.Properties != nil:
		b = append(b, `,"additionalProperties":false`...)
	}
	if s.Format != "" {
		b = appendText(append(b, `,"format":`...), s.Format)
	}
	return append(b, '}')
}

// appendTexts appends a list of strings behind what begins it, if there are any.
func appendTexts(b []byte, begin string, texts []string) []byte {
	if len(texts) == 0 {
		return b
	}
	for i, text := range texts {
		if i > 0 {
			begin = ","
		}
		b = appendText(append(b, begin...), text)
	}
	return append(b, ']')
}

func appendText(b []byte, text string) []byte {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\<>&`, r) }) {
		return append(append(append(b, '"'), text...), '"')
	}
	encoded, err := json.Marshal(text)
	if err != nil {
		panic("a string can't fail to encode")
	}
	return append(b, encoded...)
}
