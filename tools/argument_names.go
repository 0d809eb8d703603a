package tools

import (
	"reflect"
	"slices"

	"aegis/internal/canon"
)

// What a call is about, beyond repository, path and ref, is in one argument of these: the
// log has it, so that who reads it knows which issue or which page was read.
var (
	numbers = []string{"number", "comment_id", "id", "run_id", "job_id"}
	names   = []string{"name", "tag", "workflow", "head"}
)

// numberOf is the number that decoded arguments name one thing by, 0 if there is none.
func numberOf(args any) int64 {
	if field, ok := fieldOf(args, numbers); ok && field.CanInt() {
		return field.Int()
	}
	return 0
}

// nameOf is the name that decoded arguments name one thing by, "" if there is none.
func nameOf(args any) string {
	field, ok := fieldOf(args, names)
	if !ok {
		return ""
	}
	if ref, ok := field.Interface().(canon.Ref); ok {
		return ref.String()
	}
	if field.Kind() == reflect.String {
		return field.String()
	}
	return ""
}

// fieldOf is the argument that has one of some names.
func fieldOf(args any, named []string) (field reflect.Value, ok bool) {
	value := reflect.ValueOf(args).Elem()
	for _, p := range parametersOf(value.Type()) {
		if slices.Contains(named, p.name) {
			return value.FieldByIndex(p.index), true
		}
	}
	return field, false
}
