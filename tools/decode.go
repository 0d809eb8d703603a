package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decode makes an A of raw, strictly: one object, each member known and given
// once, each value of its type and within its bounds. For an optional one null, an empty
// string and an empty list stand for absence. Its error is all that is wrong, and names
// arguments and rules, never values. remarks are what was taken otherwise than given.
func decode[A any](raw json.RawMessage) (args A, remarks []string, err error) {
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		raw = json.RawMessage("{}")
	}
	if !utf8.Valid(raw) {
		return args, nil, errors.New("the arguments are not valid UTF-8")
	}
	given, err := membersOf(raw)
	if err != nil {
		return args, nil, err
	}
	found := new(problems)
	found.setAll(reflect.ValueOf(&args).Elem(), given, "")
	if check, ok := any(&args).(interface{ check() error }); ok {
		found.judged(check.check(), parametersOf(reflect.TypeFor[A]()))
	}
	return args, found.remarks, found.err()
}

// setAll decodes the members given into the fields of value, a struct. prefix stands
// before each name that is told.
func (f *problems) setAll(value reflect.Value, given map[string]json.RawMessage, prefix string) {
	parameters := parametersOf(value.Type())
	unknown := maps.Clone(given)
	for _, p := range parameters {
		delete(unknown, p.name)
	}
	called := make(map[string]json.RawMessage) // what is given under another name
	var misnamed []string
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		meant := meantBy(name, parameters, given)
		for _, each := range meant {
			f.undecoded(prefix + each)
			called[each] = nil
			if len(meant) == 1 {
				called[each] = given[name]
			}
		}
		misnamed = append(misnamed, fmt.Sprintf("there is no argument %q: %s", prefix+told(name), known(meant, parameters)))
	}
	for _, p := range parameters {
		text, ok := given[p.name]
		if otherwise, is := called[p.name]; is {
			if otherwise != nil && string(otherwise) != "null" && !p.absent(otherwise) { // its value is held to what it is meant for
				f.set(p, reflect.New(p.kind).Elem(), otherwise, prefix)
			}
			continue
		}
		if !ok || string(text) == "null" || p.absent(text) {
			if p.required {
				f.add(prefix+p.name, "is required")
				continue
			}
			if p.fallback == nil {
				continue
			}
			text = p.fallback
		}
		f.set(p, value.FieldByIndex(p.index), text, prefix)
	}
	f.all = append(f.all, misnamed...)
}

// absent reports whether a value that is given for an optional argument stands for
// none: null, an empty string, or a list or an object of nothing. The content of a file
// may be nothing.
func (p *parameter) absent(text json.RawMessage) bool {
	if p.required {
		return false
	}
	nothing := func() bool { return len(bytes.TrimSpace(text[1:len(text)-1])) == 0 }
	switch kind := p.base().Kind(); {
	case string(text) == `""`:
		return !p.text.raw
	case kind == reflect.Slice:
		return text[0] == '[' && nothing()
	case kind == reflect.Map:
		return text[0] == '{' && nothing()
	}
	return false
}

// maxName is how many bytes the name of an argument has at most that is told.
const maxName = 40

// told is the name of an argument as errors tell it: whole and as it is, or not at all. Of
// one that was cut or spelled otherwise nobody could find the secret that it is.
func told(name string) string {
	odd := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	}
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, odd) {
		return fmt.Sprintf("(a name of %d bytes)", len(name))
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
			return nil, fmt.Errorf("%s is given twice", told(name))
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
