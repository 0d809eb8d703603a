package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// countsSize is more than the counts take that an answer ends with.
const countsSize = 128

// lengths are those of texts, in bytes, by what is left of them.
type lengths map[string]int

// of returns the length of the text that text is, or was cut from.
func (l lengths) of(text string) int { return max(len(text), l[text]) }

// fit cuts a scrubbed object down to budget bytes: a list loses rows from its
// end, anything else has its longest strings and arrays cut. What it did it
// notes. Cutting comes after scrubbing, so that no half of a secret is left.
//
// whole has, of texts that are the begin of one that was cut before, its length.
func fit(object []byte, budget int, whole lengths, notes *members) ([]byte, error) {
	if len(object)+countsSize <= budget {
		return object, nil
	}
	names, values, err := topLevel(object)
	if err != nil {
		return nil, err
	}
	budget -= envelopeSize
	if items, ok := values["items"]; ok {
		return fitItems(names, values, items, budget, whole, notes)
	}
	return fitValues(names, values, budget, whole, notes)
}

// fitItems leaves at least half of budget to the list's rows. Of a first row
// that is too long alone the longest values are cut.
func fitItems(names []string, values map[string]json.RawMessage, items []byte, budget int, whole lengths, notes *members) ([]byte, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(items, &rows); err != nil {
		return nil, err
	}
	values["items"] = json.RawMessage("[]")
	rest := assemble(names, values)
	if len(rest) > budget/2 {
		var err error
		if rest, err = fitValues(names, values, budget/2, whole, notes); err != nil {
			return nil, err
		}
	}
	room := budget - len(rest)
	if len(rows) > 0 && len(rows[0])+1 > room {
		var err error
		if rows[0], err = fitRow(rows[0], room-1, whole, notes); err != nil {
			return nil, err
		}
	}
	kept := 0
	for _, row := range rows {
		if room -= len(row) + 1; room < 0 {
			break
		}
		kept++
	}
	values["items"], _ = marshal(rows[:kept])
	if kept < len(rows) {
		if _, paged := values["has_more"]; paged {
			values["has_more"] = json.RawMessage("true")
		}
		notes.flag("truncated")
		notes.add("hint", fmt.Sprintf("%d of this page's %d rows fit into an answer; ask with limit %d or less, or for less.", kept, len(rows), kept))
	}
	return assemble(names, values), nil
}

func fitRow(row []byte, room int, whole lengths, notes *members) ([]byte, error) {
	if !isObject(row) {
		return nil, tooLong()
	}
	names, values, err := topLevel(row)
	if err != nil {
		return nil, err
	}
	return fitValues(names, values, room, whole, notes)
}

// fitValues cuts the longest of the values until the object has at most budget
// bytes.
func fitValues(names []string, values map[string]json.RawMessage, budget int, whole lengths, notes *members) ([]byte, error) {
	for {
		excess := assembledSize(names, values) - budget
		if excess <= 0 {
			return assemble(names, values), nil
		}
		longest := ""
		for _, name := range names {
			if kind := values[name][0]; (kind == '"' || kind == '[') && len(values[name]) > len(values[longest]) {
				longest = name
			}
		}
		cut, hint := cutValue(longest, values[longest], excess, whole)
		if cut == nil {
			return nil, tooLong()
		}
		values[longest] = cut
		notes.flag("truncated")
		notes.add("hint", hint)
	}
}

// cutValue makes a string or an array shorter by at least excess bytes, if it has
// them, and says so. It returns nil for what has nothing to cut.
func cutValue(name string, value []byte, excess int, whole lengths) (cut []byte, hint string) {
	var text string
	if json.Unmarshal(value, &text) == nil && len(text) >= 256 {
		keep := max(0, len(text)-excess)
		for keep > 0 && !utf8.RuneStart(text[keep]) {
			keep--
		}
		cut, _ = marshal(text[:keep])
		return cut, fmt.Sprintf("%s is %d bytes long and is cut; limits.bytes_per_answer in the policy is the bound, html_url has the whole.", name, whole.of(text))
	}
	var rows []json.RawMessage
	if json.Unmarshal(value, &rows) != nil || len(rows) == 0 {
		return nil, ""
	}
	keep := len(rows)
	for ; keep > 0 && excess > 0; keep-- {
		excess -= len(rows[keep-1]) + 1
	}
	cut, _ = marshal(rows[:keep])
	return cut, fmt.Sprintf("%d of %d %s fit into an answer; ask for a smaller part, or have limits.bytes_per_answer raised in the policy.", keep, len(rows), name)
}

func tooLong() *Refusal {
	return Refuse(TooLarge, "The answer is longer than an answer may be.").
		WithHint("limits.bytes_per_answer in the policy is the bound.")
}

// topLevel takes an object apart, keeping the order of its members. It copies
// nothing: the values are parts of the object, which is compact JSON.
func topLevel(object []byte) (names []string, values map[string]json.RawMessage, err error) {
	if !isObject(object) {
		return nil, nil, errors.New("an answer is not a JSON object")
	}
	values = make(map[string]json.RawMessage)
	for at := 1; at < len(object)-1; at++ { // at the comma, then behind it
		end := endOfValue(object, at)
		var name string
		if err := json.Unmarshal(object[at:end], &name); err != nil || object[end] != ':' {
			return nil, nil, errors.New("an answer is not compact JSON")
		}
		at = endOfValue(object, end+1)
		names = append(names, name)
		values[name] = object[end+1 : at : at]
	}
	return names, values, nil
}

// endOfValue returns where the value ends that begins at an offset of compact JSON.
func endOfValue(raw []byte, at int) int {
	depth := 0
	for ; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			for at++; at < len(raw) && raw[at] != '"'; at++ {
				if raw[at] == '\\' {
					at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return at
			}
		case ',', ':':
			if depth == 0 {
				return at
			}
		}
	}
	return len(raw) - 1
}

func assemble(names []string, values map[string]json.RawMessage) []byte {
	all := members{}
	for _, name := range names {
		all.add(name, values[name])
	}
	return all.appendTo([]byte("{}"))
}

// assembledSize is the length of what assemble makes.
func assembledSize(names []string, values map[string]json.RawMessage) int {
	size := len("{}")
	for i, name := range names {
		quoted, _ := marshal(name)
		size += len(quoted) + len(":") + len(values[name])
		if i > 0 {
			size++
		}
	}
	return size
}
