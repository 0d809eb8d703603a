package gate

import (
	"reflect"

	"aegis/sanitize"
)

// excerpted returns value with its long texts scrubbed and cut: those of more bytes
// than an answer may have. Of each it leaves a little more than fits, so that [fit] cuts it
// and says so. Marshalled whole, a text of 20 MB would be there five times.
func (t *telling) excerpted(value any, report *sanitize.Report) (any, error) {
	limit := t.policy.Limits().BytesPerAnswer
	if value == nil || !hasLongText(reflect.ValueOf(value), limit) {
		return value, nil
	}
	var failure error
	shorter := replaceTexts(reflect.ValueOf(value), func(text string) string {
		if len(text) <= limit || failure != nil {
			return text
		}
		shown, of, err := t.scrubLines(text, sanitize.TextOptions{Prose: true}, position{}, limit)
		failure = err
		report.Add(of)
		if t.texts == nil {
			t.texts = make(lengths)
		}
		t.texts[shown.text.String()] = shown.size
		return shown.text.String()
	})
	return shorter.Interface(), failure
}

// hasLongText reports whether a string of more than limit bytes is in v.
func hasLongText(v reflect.Value, limit int) bool {
	switch v.Kind() {
	case reflect.String:
		return v.Len() > limit
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && hasLongText(v.Elem(), limit)
	case reflect.Struct:
		for i := range v.NumField() {
			if hasLongText(v.Field(i), limit) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if hasLongText(v.Index(i), limit) {
				return true
			}
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			if hasLongText(each.Value(), limit) {
				return true
			}
		}
	}
	return false
}

// replaceTexts returns a copy of v in which each string of an exported field, at any
// depth, is what replace makes of it. What v points to stays as it is.
func replaceTexts(v reflect.Value, replace func(string) string) reflect.Value {
	switch v.Kind() {
	case reflect.String:
		return reflect.ValueOf(replace(v.String())).Convert(v.Type())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v
		}
		elem := replaceTexts(v.Elem(), replace)
		if v.Kind() == reflect.Interface {
			return elem
		}
		copied := reflect.New(v.Type().Elem())
		copied.Elem().Set(elem)
		return copied
	case reflect.Struct:
		copied := reflect.New(v.Type()).Elem()
		copied.Set(v)
		for i := range v.NumField() {
			if field := copied.Field(i); field.CanSet() {
				field.Set(replaceTexts(field, replace))
			}
		}
		return copied
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			copied.Index(i).Set(replaceTexts(v.Index(i), replace))
		}
		return copied
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		copied := reflect.MakeMapWithSize(v.Type(), v.Len())
		for each := v.MapRange(); each.Next(); {
			copied.SetMapIndex(each.Key(), replaceTexts(each.Value(), replace))
		}
		return copied
	}
	return v
}
