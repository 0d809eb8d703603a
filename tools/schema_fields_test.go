package tools_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/tools"
)

// schemaField is a place among a tool's arguments where a value can stand.
type schemaField struct {
	name     string // as the gate calls it: files[0].path
	keys     []any  // the way to it: names and indices
	schema   *tools.Schema
	required bool
}

// last is the name of the member that a field is, or is an item of.
func (s schemaField) last() string {
	for _, key := range slices.Backward(s.keys) {
		if name, ok := key.(string); ok && (s.schema.Type != "string" || name != "k") {
			return name
		}
	}
	return ""
}

// schemaFields are all places of a tool's arguments, those in lists and in objects of
// strings as well: of each the first item.
func schemaFields(tool tools.Tool) []schemaField { return schemaFieldsIn(tool.Schema(), "", nil) }

func schemaFieldsIn(schema *tools.Schema, prefix string, keys []any) (all []schemaField) {
	for _, name := range schema.PropertyOrder {
		property := schema.Properties[name]
		way := append(slices.Clone(keys), name)
		all = append(all, schemaField{prefix + name, way, property, slices.Contains(schema.Required, name)})
		switch {
		case property.Type == "array" && property.Items.Type == "object":
			all = append(all, schemaFieldsIn(property.Items, prefix+name+"[0].", append(slices.Clone(way), 0))...)
		case property.Type == "array":
			all = append(all, schemaField{prefix + name + "[0]", append(slices.Clone(way), 0), property.Items, true})
		case property.Type == "object":
			all = append(all, schemaField{fmt.Sprintf("%s%s[%q]", prefix, name, "k"), append(slices.Clone(way), "k"), property.AdditionalProperties, true})
		}
	}
	return all
}

// absent takes what stands at a field away.
var absent = json.RawMessage("absent")

// sampled returns a tool's sample with a value in a field: JSON, or absent. What a
// field stands in is made up where the sample has none.
func sampled(t testing.TB, tool tools.Tool, s schemaField, value json.RawMessage) string {
	t.Helper()
	sample := sampleOf(t, tool)
	if members, ok := sample.(map[string]any); ok && (s.keys[0] == "add_labels" || s.keys[0] == "remove_labels") {
		delete(members, "labels") // the two don't go together
	}
	changed := put(t, sample, tool.Schema(), s.keys, value)
	raw, err := json.Marshal(changed)
	if err != nil {
		t.Fatalf("%s %s: %v", tool.Name, s.name, err)
	}
	return string(raw)
}

func sampleOf(t testing.TB, tool tools.Tool) any {
	t.Helper()
	var sample any
	decoder := json.NewDecoder(strings.NewReader(samples[tool.Name]))
	decoder.UseNumber()
	if err := decoder.Decode(&sample); err != nil {
		t.Fatalf("there is no sample for %s: add one (%v)", tool.Name, err)
	}
	return sample
}

func put(t testing.TB, into any, schema *tools.Schema, keys []any, value json.RawMessage) any {
	t.Helper()
	if len(keys) == 0 {
		return value
	}
	switch key := keys[0].(type) {
	case string:
		members, _ := into.(map[string]any)
		if members == nil {
			members = map[string]any{}
			for _, name := range schema.Required {
				members[name] = plausible(schema.Properties[name])
			}
		}
		if len(keys) == 1 && string(value) == string(absent) {
			delete(members, key)
			return members
		}
		below := schema.Properties[key]
		if below == nil {
			below = schema.AdditionalProperties
		}
		members[key] = put(t, members[key], below, keys[1:], value)
		return members
	case int:
		items, _ := into.([]any)
		if len(items) == 0 {
			items = []any{nil}
		}
		items[key] = put(t, items[key], schema.Items, keys[1:], value)
		return items
	}
	t.Fatalf("no way to %v", keys)
	return nil
}

// plausible is a value that a schema takes.
func plausible(schema *tools.Schema) any {
	switch schema.Type {
	case "integer":
		return 1
	case "boolean":
		return false
	case "array":
		return []any{plausible(schema.Items)}
	case "object":
		members := map[string]any{}
		for _, name := range schema.Required {
			members[name] = plausible(schema.Properties[name])
		}
		return members
	}
	if len(schema.Enum) > 0 {
		return schema.Enum[0]
	}
	if schema.Format == "date-time" {
		return "2030-01-01T00:00:00Z"
	}
	return "x"
}

func quoted(s string) json.RawMessage {
	raw, _ := json.Marshal(s)
	return raw
}

// mayBeEmpty are the texts that may be nothing where they have to be given. What need
// not be given is absent if it is empty.
var mayBeEmpty = []string{"content", "inputs"}

// whole are the texts of which each byte counts: nothing but NUL is refused.
var whole = []string{"content"}

// bad are values that no argument of a field's type takes.
func (s schemaField) bad() (all []string) {
	switch s.schema.Type {
	case "string":
		all = []string{`1`, `true`, `[]`, `{}`, `["a"]`, `"a\u0000b"`, `"` + strings.Repeat("x", 600<<10) + `"`, `"\udc00"`, `"\ud800x"`}
		if s.required && !slices.Contains(mayBeEmpty, s.last()) {
			all = append(all, `""`)
		}
		if !slices.Contains(whole, s.last()) {
			all = append(all, `"a\u0007b"`, `"a\u001b[31mb"`, `"a\u0085b"`, `"e\u0301"`)
		}
		if len(s.schema.Enum) > 0 {
			all = append(all, `"no_such_word"`, `"`+strings.ToUpper(fmt.Sprint(s.schema.Enum[0]))+`"`)
		}
		if s.schema.Format == "date-time" {
			all = append(all, `"tomorrow"`, `"2030-13-01"`, `"01.02.2030"`, `"2030-13-01T00:00:00Z"`)
		}
	case "integer":
		all = []string{`"1"`, `-1`, `1.5`, `15e-1`, `-1e0`, `true`, `[]`, `{}`}
		if s.last() != "limit" { // what is beyond it is taken for it
			all = append(all, `9007199254740993`, `99999999999999999999999`, `1e400`)
		}
		if s.schema.Minimum == nil || *s.schema.Minimum != 0 {
			all = append(all, `0`)
		}
		if s.schema.Maximum != nil && s.last() != "limit" {
			all = append(all, fmt.Sprint(int64(*s.schema.Maximum)+1))
		}
	case "boolean":
		all = []string{`"true"`, `1`, `0`, `[]`, `{}`}
	case "array":
		all = []string{`"a"`, `{}`, `1`, `[1]`, `[null]`, `[[]]`, `[["a"]]`}
		item := `"a"`
		if s.schema.Items.Type == "object" {
			raw, _ := json.Marshal(plausible(s.schema.Items))
			item = string(raw)
			all = append(all, `["a"]`, `[{}]`, `[{"no_such_argument":1}]`,
				`[`+strings.TrimSuffix(item, "}")+`,"no_such_argument":1}]`)
			for name, value := range plausible(s.schema.Items).(map[string]any) {
				again, _ := json.Marshal(map[string]any{name: value})
				all = append(all, `[`+strings.TrimSuffix(item, "}")+`,`+string(again[1:])+`]`) // given twice
				other, _ := json.Marshal(map[string]any{strings.ToUpper(name): value})
				all = append(all, `[`+strings.TrimSuffix(item, "}")+`,`+string(other[1:])+`]`) // Gitea would take it
			}
		} else {
			all = append(all, `[{}]`, `[""]`)
		}
		all = append(all, `[`+strings.Repeat(item+`,`, 100)+item+`]`)
	case "object":
		all = []string{`"a"`, `[]`, `1`, `{"k":1}`, `{"k":null}`, `{"k":{}}`, `{"":"a"}`, `{"a\u0007":"a"}`, `{"k":"a","k":"b"}`}
	}
	if s.required {
		all = append(all, `null`)
		if _, item := s.keys[len(s.keys)-1].(int); !item && s.last() != "inputs" {
			all = append(all, string(absent))
		}
	}
	return all
}
