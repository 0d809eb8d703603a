package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"aegis/internal/canon"
)

// set decodes text into field within p's bounds, and notes what is wrong.
func (f *problems) set(p *parameter, field reflect.Value, text json.RawMessage, prefix string) {
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	name := prefix + p.name
	switch {
	case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
		f.setObjects(p, field, text, name)
		return
	case field.Kind() == reflect.Int, field.Kind() == reflect.Int64:
		n, isInteger := integer(text)
		if isInteger && n > p.max && p.bounded {
			n = p.max
			f.remarks = append(f.remarks, fmt.Sprintf("%s is at most %d, which is what was taken", name, p.max))
		}
		if !isInteger || n < p.min || n > p.max {
			f.add(name, p.integerForm(text))
			return
		}
		field.SetInt(n)
		return
	}
	if wrong := p.setOne(field, text); wrong != "" {
		f.add(name, wrong)
	}
}

// integerForm says what an integer has to be, and how it is written.
func (p *parameter) integerForm(text json.RawMessage) string {
	form := fmt.Sprintf("must be an integer from %d to %d", p.min, p.max)
	if n, isInteger := integer(text); p.max == maxInteger && !(isInteger && n > p.max) {
		form = fmt.Sprintf("must be an integer of at least %d", p.min)
	}
	if text[0] == '"' {
		form += fmt.Sprintf(", without quotes: %q: %d", p.name, max(p.min, 5))
	}
	return form
}

// setOne decodes what is neither an integer nor a list of objects. It returns what is
// wrong, "" for nothing.
func (p *parameter) setOne(field reflect.Value, text json.RawMessage) string {
	switch field.Interface().(type) {
	case canon.Path:
		return parsed(p, field, text, canon.ParsePath)
	case canon.Ref:
		return parsed(p, field, text, canon.ParseRef)
	case canon.Owner:
		return parsed(p, field, text, canon.ParseOwner)
	case time.Time:
		s, wrong := p.string(text)
		if wrong != "" {
			return wrong
		}
		when, ok := parseTime(s, p.lastMoment)
		if !ok {
			return timeForm
		}
		field.Set(reflect.ValueOf(when))
		return ""
	}
	switch field.Kind() {
	case reflect.String:
		s, wrong := p.string(text)
		field.SetString(s)
		return wrong
	case reflect.Bool:
		switch string(text) {
		case "true", "false":
			field.SetBool(string(text) == "true")
			return ""
		case `"true"`, `"false"`:
			return "must be true or false, without quotes"
		}
		return "must be true or false"
	case reflect.Slice:
		return p.setStrings(field, text)
	case reflect.Map:
		return p.setMap(field, text)
	}
	return "has a type that can't be decoded"
}

// parsed sets field to what parse makes of a string.
func parsed[T any](p *parameter, field reflect.Value, text json.RawMessage, parse func(string) (T, error)) string {
	s, wrong := p.string(text)
	if wrong != "" {
		return wrong
	}
	value, err := parse(s)
	if err == nil {
		field.Set(reflect.ValueOf(value))
		return ""
	}
	var reason *canon.Error
	if errors.As(err, &reason) {
		return reason.Reason
	}
	return "is not valid"
}

// timeForm says what a time has to be.
const timeForm = "must be a date and time as in RFC 3339, like 2024-05-01T00:00:00Z, or a day in UTC, like 2024-05-01"

// parseTime reads a time as in RFC 3339, or a day in UTC: its first moment, or its last
// second.
func parseTime(s string, last bool) (when time.Time, ok bool) {
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		if when, err = time.Parse(time.DateOnly, s); err == nil && last {
			when = when.Add(24*time.Hour - time.Second)
		}
	}
	return when, err == nil && when.Year() >= 1 && when.Year() <= 9999
}

func (p *parameter) setStrings(field reflect.Value, text json.RawMessage) string {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return p.listForm(text, `["a", "b"]`)
	}
	if len(items) > maxItems {
		return fmt.Sprintf("has more than %d items", maxItems)
	}
	values := make([]string, len(items))
	for i, item := range items {
		var wrong string
		if values[i], wrong = p.string(item); wrong != "" {
			return fmt.Sprintf("has an item, the one at %d, that %s", i, wrong)
		}
	}
	field.Set(reflect.ValueOf(values))
	return ""
}

// listForm says what a list has to be, and how it is written.
func (p *parameter) listForm(text json.RawMessage, example string) string {
	what := "strings"
	if p.base().Elem().Kind() == reflect.Struct {
		what = "objects"
	}
	form := "must be a list of " + what
	switch text[0] {
	case '"':
		form += ", not one string"
	case '{':
		form += ", not one object"
	}
	return fmt.Sprintf("%s: %q: %s", form, p.name, example)
}

// setObjects decodes a list of objects, each as strictly as the arguments.
func (f *problems) setObjects(p *parameter, field reflect.Value, text json.RawMessage, name string) {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		f.add(name, p.listForm(text, exampleOf(field.Type().Elem())))
		return
	}
	if len(items) > maxItems {
		f.add(name, fmt.Sprintf("has more than %d items", maxItems))
		return
	}
	values := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", name, i)
		given, err := membersOf(item)
		switch {
		case err == nil:
			f.setAll(values.Index(i), given, at+".")
		case item[0] != '{':
			f.add(at, "must be an object, like "+strings.Trim(exampleOf(field.Type().Elem()), "[]"))
		default:
			f.add(at, "is not right: "+err.Error())
		}
	}
	field.Set(values)
}

// exampleOf is a list of one object, with the members that it has to have.
func exampleOf(t reflect.Type) string {
	var members []string
	for _, p := range parametersOf(t) {
		if !p.required {
			continue
		}
		value := `"…"`
		switch {
		case len(p.enum) > 0:
			value = fmt.Sprintf("%q", p.enum[0])
		case p.base().Kind() == reflect.Int64:
			value = "1"
		}
		members = append(members, fmt.Sprintf("%q: %s", p.name, value))
	}
	return "[{" + strings.Join(members, ", ") + "}]"
}

// setMap decodes an object of strings.
func (p *parameter) setMap(field reflect.Value, text json.RawMessage) string {
	given, err := membersOf(text)
	if err != nil || len(given) > maxItems {
		return fmt.Sprintf("must be an object of at most %d strings: %q: {\"name\": \"value\"}", maxItems, p.name)
	}
	values := make(map[string]string, len(given))
	for name, value := range given {
		if name == "" || len(name) > 255 || strings.ContainsFunc(name, unicode.IsControl) {
			return "has a name that is not valid"
		}
		var wrong string
		if values[name], wrong = p.string(value); wrong != "" && string(value) != `""` {
			return "has a value that " + wrong
		}
	}
	field.Set(reflect.ValueOf(values))
	return ""
}
