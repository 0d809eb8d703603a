package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/tailscale/hujson"
)

// MaxFile bounds a client's file, in bytes.
const MaxFile = 4 << 20

// Edit returns a client's text with an entry for a server, in the place of one that is
// called so. An empty text is one without entries. Its errors name a line, and show
// nothing of the text.
func Edit(c Client, text string, s Server) (string, error) {
	if strings.TrimSpace(strings.TrimPrefix(text, bom)) == "" {
		text = ""
	}
	return c.change(text, func(body string) (string, error) {
		if c.format == tomlFormat {
			return setTOML(body, c.key, c.entry(s))
		}
		return setJSON(body, c.key, c.entry(s))
	}, func(table map[string]any) error {
		want, err := c.decoded(c.entry(s))
		table[Name] = want
		return err
	})
}

// Remove returns a client's text without the entry, and whether there was one.
func Remove(c Client, text string) (string, bool, error) {
	entries, err := c.table(text)
	if err != nil {
		return "", false, err
	}
	if _, there := entries[Name]; !there {
		return text, false, nil
	}
	text, err = c.change(text, func(body string) (string, error) {
		if c.format == tomlFormat {
			return removeTOML(body, c.key)
		}
		return removeJSON(body, c.key)
	}, func(table map[string]any) error { delete(table, Name); return nil })
	return text, true, err
}

// Text is an entry by itself, as a client's file has it.
func Text(c Client, s Server) (string, error) { return Edit(c, "", s) }

const bom = "\ufeff"

var errShape = errors.New("is written in a way that can't be changed safely; add the entry by hand")

// change changes a text, and makes sure that nothing else than the entry is another.
func (c Client) change(text string, edit func(body string) (string, error), expect func(table map[string]any) error) (string, error) {
	body, marked := strings.CutPrefix(text, bom)
	was, err := c.decode(body)
	if err != nil {
		return "", err
	}
	changed, err := edit(body)
	if err != nil {
		return "", err
	}
	table, _ := was[c.key].(map[string]any)
	if table == nil {
		table = make(map[string]any)
		was[c.key] = table
	}
	if err := expect(table); err != nil {
		return "", err
	}
	is, err := c.decode(changed)
	if err != nil || !same(was, is, c.key) {
		return "", errShape
	}
	if marked {
		changed = bom + changed
	}
	return changed, nil
}

// same compares files. A table without servers is as good as none.
func same(a, b map[string]any, key string) bool {
	for _, each := range []map[string]any{a, b} {
		if table, is := each[key].(map[string]any); is && len(table) == 0 {
			delete(each, key)
		}
	}
	return reflect.DeepEqual(a, b)
}

// decode reads a whole file.
func (c Client) decode(body string) (map[string]any, error) {
	all := make(map[string]any)
	if strings.TrimSpace(body) == "" {
		return all, nil
	}
	if tooDeep(body) {
		return nil, errors.New("is nested too deeply")
	}
	if c.format == tomlFormat {
		if err := toml.Unmarshal([]byte(body), &all); err != nil {
			var where *toml.DecodeError
			if errors.As(err, &where) {
				line, _ := where.Position()
				return nil, fmt.Errorf("is no TOML: line %d", line)
			}
			return nil, errors.New("is no TOML")
		}
		return all, nil
	}
	tree, err := hujson.Parse([]byte(body))
	if err != nil {
		return nil, fmt.Errorf("is no JSON: %s", whereOf(err))
	}
	if err := unambiguous(&tree); err != nil {
		return nil, err
	}
	if c.format == plainJSON && !tree.IsStandard() {
		return nil, errors.New("holds comments or a last comma, which this client does not read")
	}
	tree.Standardize()
	decoder := json.NewDecoder(bytes.NewReader(tree.Pack()))
	decoder.UseNumber()
	if decoder.Decode(&all) != nil || all == nil {
		return nil, errors.New("is no JSON object")
	}
	return all, nil
}

// whereOf is the place in an error, without what stands there.
func whereOf(err error) string {
	text := err.Error()
	if at := strings.Index(text, "line "); at >= 0 {
		text = text[at:]
	}
	place, _, _ := strings.Cut(text, ":")
	return place
}

// unambiguous refuses an object that says a name twice: clients differ in which counts.
func unambiguous(tree *hujson.Value) error {
	for value := range tree.All() {
		object, is := value.Value.(*hujson.Object)
		if !is {
			continue
		}
		seen := make(map[string]bool)
		for _, m := range object.Members {
			name := m.Name.Value.(hujson.Literal).String()
			if seen[name] {
				return errors.New("says a name twice")
			}
			seen[name] = true
		}
	}
	return nil
}

// table is a file's table of servers, empty if it has none.
func (c Client) table(text string) (map[string]any, error) {
	all, err := c.decode(strings.TrimPrefix(text, bom))
	if err != nil {
		return nil, err
	}
	switch table := all[c.key].(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return table, nil
	}
	return nil, errShape
}

// decoded is an entry as a file that holds it is decoded.
func (c Client) decoded(entry any) (any, error) {
	if c.format == tomlFormat {
		raw, err := toml.Marshal(map[string]any{Name: entry})
		if err != nil {
			return nil, err
		}
		var all map[string]any
		err = toml.Unmarshal(raw, &all)
		return all[Name], err
	}
	raw, err := json.Marshal(entry)
	if err != nil {
		return nil, err
	}
	var value any
	err = json.Unmarshal(raw, &value)
	return value, err
}

// Entries returns the servers that a text names, by their names.
func Entries(c Client, text string) (map[string]Server, error) {
	table, err := c.table(text)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Server)
	for name, value := range table {
		entry, _ := value.(map[string]any)
		found[name] = serverOf(entry)
	}
	return found, nil
}

// serverOf reads an entry, of whatever client.
func serverOf(entry map[string]any) (s Server) {
	switch command := entry["command"].(type) {
	case string:
		s.Command = command
	case []any:
		if words := texts(command); len(words) > 0 {
			s.Command, s.Args = words[0], words[1:]
		}
	}
	if args, is := entry["args"].([]any); is {
		s.Args = append(s.Args, texts(args)...)
	}
	for _, key := range []string{"env", "environment"} {
		values, _ := entry[key].(map[string]any)
		for name, value := range values {
			if s.Env == nil {
				s.Env = make(map[string]string)
			}
			s.Env[name], _ = value.(string)
		}
	}
	s.Off = entry["disabled"] == true || entry["enabled"] == false
	return s
}

func texts(list []any) (all []string) {
	for _, each := range list {
		text, _ := each.(string)
		all = append(all, text)
	}
	return all
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
