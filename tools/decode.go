package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode makes an A of raw, strictly: one object, each member known and given
// once, each value of its type and within its bounds. null stands for absence.
// Its errors name arguments and rules, never values.
func decode[A any](raw json.RawMessage) (A, error) {
	var args A
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		raw = json.RawMessage("{}")
	}
	if !utf8.Valid(raw) {
		return args, errors.New("the arguments are not valid UTF-8")
	}
	given, err := membersOf(raw)
	if err != nil {
		return args, err
	}
	if err := setAll(reflect.ValueOf(&args).Elem(), given); err != nil {
		return args, err
	}
	if check, ok := any(&args).(interface{ check() error }); ok {
		return args, check.check()
	}
	return args, nil
}

// setAll decodes the members given into the fields of value, a struct.
func setAll(value reflect.Value, given map[string]json.RawMessage) error {
	for _, p := range parametersOf(value.Type()) {
		text, ok := given[p.name]
		delete(given, p.name)
		if !ok || string(text) == "null" {
			if p.required {
				return fmt.Errorf("%s is required", p.name)
			}
			if p.fallback == nil {
				continue
			}
			text = p.fallback
		}
		if err := p.set(value.FieldByIndex(p.index), text); err != nil {
			return err
		}
	}
	for name := range given {
		return fmt.Errorf("there is no argument %q", shorten(name))
	}
	return nil
}

// shorten keeps an unknown argument's name fit for an error.
func shorten(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, name)
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return name
}

// membersOf takes an object apart and refuses a name that comes twice.
func membersOf(raw json.RawMessage) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("the arguments must be one JSON object")
	}
	given := make(map[string]json.RawMessage)
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errors.New("the arguments are not valid JSON")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errors.New("the arguments are not valid JSON")
		}
		if _, twice := given[name]; twice {
			return nil, fmt.Errorf("%s is given twice", shorten(name))
		}
		given[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("the arguments are not valid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the arguments must be one JSON object")
	}
	return given, nil
}
