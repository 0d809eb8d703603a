package tools

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"aegis/gate"
	"aegis/internal/canon"
)

// maxItems bounds lists in arguments.
const maxItems = 100

// maxInteger is the largest integer that every JSON implementation keeps.
const maxInteger = 1<<53 - 1

// parameter is one argument as its struct field declares it. The decoder and
// the published schema are both made from it, so that they can't differ.
//
//	json:"name"            required
//	json:"name,omitempty"  optional
//	doc:"…"                the description
//	max:"255"              bytes of a string, or the largest integer
//	min:"1"                the smallest integer, 1 if not given
//	enum:"a,b"             the strings allowed
//	default:"30"           JSON, or the bare string of a string
//	text:"body"            what a string holds: a kind of [kinds]
//	beyond:"bound"         a larger integer is taken for the largest, and that is said
//	day:"last"             a day stands for its last second, not its first
type parameter struct {
	name     string
	index    []int
	kind     reflect.Type
	required bool
	doc      string
	min, max int64
	enum     []string
	fallback json.RawMessage
	text     textKind

	bounded    bool // what is beyond max is taken for max
	lastMoment bool // a day is its last second
}

// textKind is what a string argument holds, and what may be in it.
type textKind struct {
	stored  bool // it is looked through for what must not be written
	as      gate.TextKind
	lines   bool // line breaks and tabs may be in it
	raw     bool // so may all but NUL, any normal form, and nothing: it is a file's content
	maximum int64
}

// kinds are the kinds of strings, by the name that a field's tag has for them; a
// field without is a line of text.
var kinds = map[string]textKind{
	"":        {stored: true, maximum: 255},
	"id":      {maximum: 255}, // digits and letters of a form that its tool holds it to
	"body":    {stored: true, as: gate.Markdown, lines: true, maximum: 65536},
	"said":    {stored: true, as: gate.Markdown, lines: true, maximum: 65536},
	"message": {stored: true, lines: true, maximum: 65536},
	"content": {stored: true, as: gate.Content, lines: true, raw: true, maximum: 512 << 10},
}

// parametersOf are the parameters that a struct declares. They are read once for each
// type, and shared: nobody changes them.
func parametersOf(t reflect.Type) []*parameter {
	if known, ok := declared.Load(t); ok {
		return known.([]*parameter)
	}
	all := readParameters(t)
	declared.Store(t, all)
	return all
}

// declared are the parameters that were read, by type.
var declared sync.Map

func readParameters(t reflect.Type) []*parameter {
	var all []*parameter
	for _, field := range reflect.VisibleFields(t) {
		tag, ok := field.Tag.Lookup("json")
		if !ok || field.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		p := &parameter{
			name: name, index: field.Index, kind: field.Type, text: kinds[field.Tag.Get("text")],
			required: options != "omitempty",
			doc:      field.Tag.Get("doc"),
			bounded:  field.Tag.Get("beyond") == "bound", lastMoment: field.Tag.Get("day") == "last",
			min: number(field.Tag.Get("min"), 1),
			max: number(field.Tag.Get("max"), boundOf(field.Type)),
		}
		if p.isString() && field.Tag.Get("max") == "" && boundOf(field.Type) == 255 {
			p.max = p.text.maximum
		}
		if enum := field.Tag.Get("enum"); enum != "" {
			p.enum = strings.Split(enum, ",")
		}
		if fallback := field.Tag.Get("default"); fallback != "" {
			p.fallback = json.RawMessage(fallback)
			if field.Type.Kind() == reflect.String {
				p.fallback = strconv.AppendQuote(nil, fallback)
			}
		}
		all = append(all, p)
	}
	return all
}

// base is the type of a parameter's value. A pointer is one that can be left out
// and be told from its zero.
func (p *parameter) base() reflect.Type {
	if p.kind.Kind() == reflect.Pointer {
		return p.kind.Elem()
	}
	return p.kind
}

// isString reports whether the value, or each of its values, is a plain string.
func (p *parameter) isString() bool {
	base := p.base()
	if base.Kind() == reflect.Slice || base.Kind() == reflect.Map {
		base = base.Elem()
	}
	return base.Kind() == reflect.String
}

func number(text string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return otherwise
}

// boundOf is a type's bound where the field gives none.
func boundOf(t reflect.Type) int64 {
	switch reflect.Zero(t).Interface().(type) {
	case canon.Path:
		return canon.MaxPath
	case canon.Ref:
		return canon.MaxRef
	case canon.Owner:
		return canon.MaxOwner
	case time.Time:
		return 40
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return maxInteger
	}
	return 255
}

// schemaOf is the JSON schema of a tool's arguments, nil for none.
func schemaOf(t reflect.Type) *Schema {
	schema := &Schema{Type: "object", Properties: make(map[string]*Schema)}
	if t == nil {
		return schema
	}
	for _, p := range parametersOf(t) {
		schema.Properties[p.name] = p.schema()
		schema.PropertyOrder = append(schema.PropertyOrder, p.name)
		if p.required {
			schema.Required = append(schema.Required, p.name)
		}
	}
	return schema
}

func (p *parameter) schema() *Schema {
	s := &Schema{Description: p.doc}
	if string(p.fallback) != "1" { // pages are counted from one
		s.Default = p.fallback
	}
	switch p.base().Kind() {
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Int, reflect.Int64:
		s.Type = "integer"
		if p.min != 1 { // all is counted from one
			s.Minimum = &p.min
		}
		if p.max < maxInteger {
			s.Maximum = &p.max
		}
	case reflect.Map:
		s.Type = "object"
		s.AdditionalProperties = &Schema{Type: "string"}
	case reflect.Slice:
		s.Type = "array"
		s.Items = &Schema{Type: "string", Enum: p.enum}
		if item := p.kind.Elem(); item.Kind() == reflect.Struct {
			s.Items = schemaOf(item)
		}
	case reflect.String, reflect.Struct:
		s.Type = "string"
		s.Enum = p.enum
		if p.base() == reflect.TypeFor[time.Time]() {
			s.Format = "date-time"
		}
	default:
		panic(fmt.Sprintf("argument %s has type %s, which has no schema", p.name, p.kind))
	}
	return s
}
