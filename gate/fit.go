package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// countsSize is more than the counts take that an answer ends with.
const countsSize = 128

// fit cuts a scrubbed object down to budget bytes: a list loses rows from its
// end, anything else has its longest strings cut. What it did it notes. Cutting
// comes after scrubbing, so that no half of a secret is left.
func fit(object []byte, budget int, notes *members) ([]byte, error) {
	if len(object)+countsSize <= budget {
		return object, nil
	}
	names, values, err := topLevel(object)
	if err != nil {
		return nil, err
	}
	budget -= envelopeSize
	if items, ok := values["items"]; ok {
		return fitItems(names, values, items, budget, notes)
	}
	return fitStrings(names, values, budget, notes)
}

func fitItems(names []string, values map[string]json.RawMessage, items []byte, budget int, notes *members) ([]byte, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(items, &rows); err != nil {
		return nil, err
	}
	size := 0
	for _, name := range names {
		if name != "items" {
			size += len(name) + len(values[name]) + 4
		}
	}
	kept := 0
	for _, row := range rows {
		if size += len(row) + 1; size > budget {
			break
		}
		kept++
	}
	if kept == 0 {
		return nil, Refuse(TooLarge, "One row alone is longer than an answer may be.").
			WithHint("limits.bytes_per_answer in the policy is the bound.")
	}
	values["items"], _ = marshal(rows[:kept])
	if _, paged := values["has_more"]; paged {
		values["has_more"] = json.RawMessage("true")
	}
	notes.flag("truncated")
	notes.add("hint", fmt.Sprintf("%d of this page's %d rows fit into an answer; ask with limit %d or less, or for less.", kept, len(rows), kept))
	return assemble(names, values), nil
}

func fitStrings(names []string, values map[string]json.RawMessage, budget int, notes *members) ([]byte, error) {
	for {
		object := assemble(names, values)
		excess := len(object) - budget
		if excess <= 0 {
			return object, nil
		}
		longest := ""
		for _, name := range names {
			if values[name][0] == '"' && len(values[name]) > len(values[longest]) {
				longest = name
			}
		}
		var text string
		if longest == "" || json.Unmarshal(values[longest], &text) != nil || len(text) < 256 {
			return nil, Refuse(TooLarge, "The answer is longer than an answer may be.").
				WithHint("limits.bytes_per_answer in the policy is the bound.")
		}
		keep := max(0, len(text)-excess)
		for keep > 0 && !utf8.RuneStart(text[keep]) {
			keep--
		}
		values[longest], _ = marshal(text[:keep])
		notes.flag("truncated")
		notes.add("hint", fmt.Sprintf("%s is %d bytes long and is cut; limits.bytes_per_answer in the policy is the bound, html_url has the whole.", longest, len(text)))
	}
}

// topLevel takes an object apart, keeping the order of its members.
func topLevel(object []byte) (names []string, values map[string]json.RawMessage, err error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err = decoder.Token(); err != nil {
		return nil, nil, err
	}
	values = make(map[string]json.RawMessage)
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, nil, err
		}
		names = append(names, name.(string))
		values[name.(string)] = value
	}
	return names, values, nil
}

func assemble(names []string, values map[string]json.RawMessage) []byte {
	all := members{}
	for _, name := range names {
		all.add(name, values[name])
	}
	return all.appendTo([]byte("{}"))
}
