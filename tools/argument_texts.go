package tools

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"aegis/gate"
	"aegis/internal/canon"
)

// written collects every text among decoded arguments that may come to be stored,
// in the order in which they are declared. It goes by types: no tool can leave
// one out but by saying that a string has a form of its own (text:"id").
func written(args any) []gate.Written {
	return textsIn(reflect.ValueOf(args).Elem(), "")
}

func textsIn(value reflect.Value, prefix string) (all []gate.Written) {
	path := ""
	for _, p := range parametersOf(value.Type()) {
		field := value.FieldByIndex(p.index)
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		}
		add := func(name, text string) {
			if text != "" && p.text.stored && len(p.enum) == 0 {
				all = append(all, gate.Written{Field: prefix + name, Text: text, Kind: p.text.as})
			}
		}
		switch v := field.Interface().(type) {
		case string:
			add(p.name, v)
			if p.text.raw {
				all = withPath(all, prefix+p.name, path)
			}
		case []string:
			for i, text := range v {
				add(fmt.Sprintf("%s[%d]", p.name, i), text)
			}
		case map[string]string:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				add(fmt.Sprintf("%s[%q]", p.name, key), key+"="+v[key])
			}
		case canon.Path:
			path = v.String()
			add(p.name, path)
			if path != "" && p.text.stored {
				all[len(all)-1].Names = true
			}
		case canon.Ref:
			add(p.name, v.String())
		default:
			if field.Kind() == reflect.Slice {
				for i := range field.Len() {
					all = append(all, textsIn(field.Index(i), fmt.Sprintf("%s%s[%d].", prefix, p.name, i))...)
				}
			}
		}
	}
	return all
}

// withPath says of a content whose it is, by the path that was declared before it.
func withPath(all []gate.Written, field, path string) []gate.Written {
	if n := len(all) - 1; n >= 0 && all[n].Field == field {
		all[n].Path = path
	}
	return all
}

// numbers are the arguments by which a call names one thing of a repository.
var numbers = []string{"number", "comment_id", "id", "run_id", "job_id"}

// numberOf is what decoded arguments have of them, 0 if that is nothing.
func numberOf(args any) int64 {
	value := reflect.ValueOf(args).Elem()
	for _, p := range parametersOf(value.Type()) {
		if field := value.FieldByIndex(p.index); field.CanInt() && slices.Contains(numbers, p.name) {
			return field.Int()
		}
	}
	return 0
}

// settings collects what a human is asked about besides texts: numbers, choices, ids,
// and that a text is to be emptied. Where the call goes is told by the gate.
func settings(args any) []gate.Setting {
	return settingsIn(reflect.ValueOf(args).Elem(), "")
}

func settingsIn(value reflect.Value, prefix string) (all []gate.Setting) {
	for _, p := range parametersOf(value.Type()) {
		field, given := value.FieldByIndex(p.index), false
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field, given = field.Elem(), true
		}
		name := prefix + p.name
		add := func(value string) { all = append(all, gate.Setting{Field: name, Value: value}) }
		text := p.isString() && p.text.stored && len(p.enum) == 0
		switch v := field.Interface().(type) {
		case string:
			switch {
			case v == "" && given:
				add("(empty)")
			case v != "" && !text && prefix+p.name != "owner" && prefix+p.name != "repo":
				add(v)
			}
		case bool:
			if (v || given) && name != "dry_run" {
				add(fmt.Sprint(v))
			}
		case int64:
			if v != 0 || given {
				add(fmt.Sprint(v))
			}
		case int:
			if v != 0 || given {
				add(fmt.Sprint(v))
			}
		case []string:
			switch {
			case v != nil && len(v) == 0:
				add("(none)")
			case len(v) > 0 && len(p.enum) > 0:
				add(strings.Join(v, ", "))
			}
		case canon.Path, canon.Ref, canon.Owner, map[string]string:
		default:
			if field.Kind() == reflect.Slice {
				for i := range field.Len() {
					all = append(all, settingsIn(field.Index(i), fmt.Sprintf("%s[%d].", name, i))...)
				}
			}
		}
	}
	return all
}
