package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aegis/internal/canon"

	"golang.org/x/text/unicode/norm"
)

// set decodes text into field within p's bounds.
func (p *parameter) set(field reflect.Value, text json.RawMessage) error {
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	switch field.Interface().(type) {
	case canon.Path:
		s, err := p.string(text)
		if err != nil {
			return err
		}
		path, err := canon.ParsePath(s)
		return p.store(field, path, err)
	case canon.Ref:
		s, err := p.string(text)
		if err != nil {
			return err
		}
		ref, err := canon.ParseRef(s)
		return p.store(field, ref, err)
	case canon.Owner:
		s, err := p.string(text)
		if err != nil {
			return err
		}
		owner, err := canon.ParseOwner(s)
		return p.store(field, owner, err)
	case time.Time:
		s, err := p.string(text)
		if err != nil {
			return err
		}
		when, err := time.Parse(time.RFC3339, s)
		if err != nil || when.Year() < 1 || when.Year() > 9999 {
			return fmt.Errorf("%s must be a date and time as in RFC 3339, like 2024-05-01T00:00:00Z", p.name)
		}
		field.Set(reflect.ValueOf(when))
		return nil
	}
	switch field.Kind() {
	case reflect.String:
		s, err := p.string(text)
		field.SetString(s)
		return err
	case reflect.Bool:
		if s := string(text); s != "true" && s != "false" {
			return fmt.Errorf("%s must be true or false", p.name)
		}
		field.SetBool(string(text) == "true")
		return nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || n < p.min || n > p.max {
			return fmt.Errorf("%s must be an integer from %d to %d", p.name, p.min, p.max)
		}
		field.SetInt(n)
		return nil
	case reflect.Slice:
		if field.Type().Elem().Kind() == reflect.Struct {
			return p.setObjects(field, text)
		}
		return p.setStrings(field, text)
	case reflect.Map:
		return p.setMap(field, text)
	}
	return fmt.Errorf("%s has a type that can't be decoded", p.name)
}

// store sets field unless parsing failed; the error speaks of the argument.
func (p *parameter) store(field reflect.Value, value any, err error) error {
	if err == nil {
		field.Set(reflect.ValueOf(value))
		return nil
	}
	var reason *canon.Error
	if errors.As(err, &reason) {
		return fmt.Errorf("%s %s", p.name, reason.Reason)
	}
	return fmt.Errorf("%s is not valid", p.name)
}

func (p *parameter) setStrings(field reflect.Value, text json.RawMessage) error {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return fmt.Errorf("%s must be a list of strings", p.name)
	}
	if len(items) > maxItems {
		return fmt.Errorf("%s has more than %d items", p.name, maxItems)
	}
	values := make([]string, len(items))
	for i, item := range items {
		var err error
		if values[i], err = p.string(item); err != nil {
			return err
		}
	}
	field.Set(reflect.ValueOf(values))
	return nil
}

// setObjects decodes a list of objects, each as strictly as the arguments.
func (p *parameter) setObjects(field reflect.Value, text json.RawMessage) error {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return fmt.Errorf("%s must be a list of objects", p.name)
	}
	if len(items) > maxItems {
		return fmt.Errorf("%s has more than %d items", p.name, maxItems)
	}
	values := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		given, err := membersOf(item)
		if err == nil {
			err = setAll(values.Index(i), given)
		}
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", p.name, i, err)
		}
	}
	field.Set(values)
	return nil
}

// setMap decodes an object of strings.
func (p *parameter) setMap(field reflect.Value, text json.RawMessage) error {
	given, err := membersOf(text)
	if err != nil || len(given) > maxItems {
		return fmt.Errorf("%s must be an object of at most %d strings", p.name, maxItems)
	}
	values := make(map[string]string, len(given))
	for name, value := range given {
		if name == "" || len(name) > 255 || strings.ContainsFunc(name, unicode.IsControl) {
			return fmt.Errorf("%s has a name that is not valid", p.name)
		}
		if values[name], err = p.string(value); err != nil {
			return err
		}
	}
	field.Set(reflect.ValueOf(values))
	return nil
}

// string decodes a JSON string: at most p.max bytes, in NFC, not empty, without
// control characters, as far as its kind does not let them in, and one of p.enum
// if there is one.
func (p *parameter) string(text json.RawMessage) (string, error) {
	if len(text) == 0 || text[0] != '"' {
		return "", fmt.Errorf("%s must be a string", p.name)
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return "", fmt.Errorf("%s must be a string", p.name)
	}
	switch {
	case s == "" && !p.text.empty:
		return "", fmt.Errorf("%s must not be empty; leave it out instead", p.name)
	case int64(len(s)) > p.max:
		return "", fmt.Errorf("%s is longer than %d bytes", p.name, p.max)
	case strings.ContainsRune(s, utf8.RuneError) && hasLoneSurrogate(text):
		return "", fmt.Errorf("%s is not valid Unicode", p.name)
	case strings.ContainsFunc(s, p.text.refuses):
		return "", fmt.Errorf("%s contains a control character", p.name)
	case !p.text.raw && !norm.NFC.IsNormalString(s):
		return "", fmt.Errorf("%s is not in Unicode normal form C", p.name)
	case len(p.enum) > 0 && !slices.Contains(p.enum, s):
		return "", fmt.Errorf("%s must be one of %s", p.name, strings.Join(p.enum, ", "))
	}
	return s, nil
}

// refuses reports whether a character must not be in a string of this kind.
func (k textKind) refuses(r rune) bool {
	switch {
	case k.raw:
		return r == 0
	case k.lines && (r == '\n' || r == '\r' || r == '\t'):
		return false
	}
	return unicode.IsControl(r)
}

// hasLoneSurrogate reports whether text holds half a surrogate pair, which
// encoding/json silently replaces.
func hasLoneSurrogate(text []byte) bool {
	units := func(i int) (rune, bool) {
		if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 32)
		return rune(n), err == nil
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		u, ok := units(i)
		if !ok {
			i++ // another escape
			continue
		}
		if u >= 0xd800 && u < 0xdc00 {
			if low, ok := units(i + 6); ok && low >= 0xdc00 && low < 0xe000 {
				i += 11
				continue
			}
			return true
		}
		if u >= 0xdc00 && u < 0xe000 {
			return true
		}
		i += 5
	}
	return false
}
