package clients

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tailscale/hujson"
)

// setJSON puts an entry into the table of servers of a JSON text.
func setJSON(body, key string, entry any) (string, error) {
	if body == "" {
		return "{\n" + member(layout{unit: "  ", newline: "\n"}.deeper(), key, map[string]any{Name: entry}) + "\n}\n", nil
	}
	root, err := objectIn(body)
	if err != nil {
		return "", err
	}
	l := layoutOf(body, root)
	found := root.find(key)
	if found == nil {
		return root.insert(body, l.deeper(), key, map[string]any{Name: entry})
	}
	table, is := found.Value.Value.(*hujson.Object)
	if !is {
		return "", errShape
	}
	servers := object{table, found.Value.StartOffset, found.Value.EndOffset}
	if own := servers.find(Name); own != nil {
		l.indent = indentAt(body, own.Name.StartOffset, l.deeper().deeper().indent)
		return body[:own.Value.StartOffset] + l.value(entry) + body[own.Value.EndOffset:], nil
	}
	l.indent = indentAt(body, found.Name.StartOffset, l.deeper().indent)
	return servers.insert(body, l.deeper(), Name, entry)
}

// removeJSON takes the entry out of the table of servers of a JSON text.
func removeJSON(body, key string) (string, error) {
	root, err := objectIn(body)
	if err != nil {
		return "", err
	}
	found := root.find(key)
	if found == nil {
		return "", errShape
	}
	table, is := found.Value.Value.(*hujson.Object)
	if !is {
		return "", errShape
	}
	at := -1
	for i := range table.Members {
		if nameOf(&table.Members[i]) == Name {
			at = i
		}
	}
	if at < 0 {
		return "", errShape
	}
	m := &table.Members[at]
	from, to := m.Name.StartOffset, m.Value.EndOffset
	if line := strings.LastIndexByte(body[:from], '\n'); line >= 0 && strings.TrimSpace(body[line+1:from]) == "" {
		from = line + 1
	}
	comma := commaIn(body, to, found.Value.EndOffset-1)
	if comma >= 0 {
		to = comma + 1
	}
	if rest := strings.IndexByte(body[to:], '\n'); rest >= 0 && strings.TrimSpace(body[to:to+rest]) == "" && (from == 0 || body[from-1] == '\n') {
		to += rest + 1
	}
	before := body[:from]
	if comma < 0 && at > 0 { // the one before it becomes the last
		end := table.Members[at-1].Value.EndOffset
		if i := commaIn(body, end, from); i >= 0 {
			before = body[:i] + body[i+1:from]
		}
	}
	return before + body[to:], nil
}

// object is an object of a text, with where it stands.
type object struct {
	*hujson.Object
	start, end int
}

func objectIn(body string) (object, error) {
	tree, err := hujson.Parse([]byte(body))
	if err != nil {
		return object{}, err
	}
	root, is := tree.Value.(*hujson.Object)
	if !is {
		return object{}, errShape
	}
	return object{root, tree.StartOffset, tree.EndOffset}, nil
}

func nameOf(m *hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

func (o object) find(name string) *hujson.ObjectMember {
	for i := range o.Members {
		if nameOf(&o.Members[i]) == name {
			return &o.Members[i]
		}
	}
	return nil
}

// insert adds a member at the object's end. l is the layout of its members.
func (o object) insert(body string, l layout, name string, value any) (string, error) {
	if len(o.Members) == 0 {
		outer := strings.TrimSuffix(l.indent, l.unit)
		return body[:o.start+1] + l.newline + member(l, name, value) + l.newline + outer + strings.TrimLeft(body[o.start+1:], " \t\r\n"), nil
	}
	last := &o.Members[len(o.Members)-1]
	l.indent = indentAt(body, last.Name.StartOffset, l.indent)
	end, closes := last.Value.EndOffset, o.end-1
	at, comma := end, ","
	if i := commaIn(body, end, closes); i >= 0 {
		at, comma = i+1, ""
	}
	// A note behind the last value stays with it.
	if line := strings.IndexByte(body[at:closes], '\n'); line >= 0 && !strings.Contains(body[at:at+line], "/*") {
		stop := at + line
		if stop > at && body[stop-1] == '\r' {
			stop--
		}
		return body[:end] + comma + body[end:stop] + l.newline + member(l, name, value) + body[stop:], nil
	}
	return body[:end] + comma + body[end:at] + l.newline + member(l, name, value) + l.newline + strings.TrimSuffix(l.indent, l.unit) + strings.TrimLeft(body[at:], " \t\r\n"), nil
}

// commaIn returns where between two places a comma stands outside comments, -1 if none does.
func commaIn(body string, from, to int) int {
	for i := from; i < to; i++ {
		switch {
		case body[i] == ',':
			return i
		case strings.HasPrefix(body[i:to], "//"):
			line := strings.IndexByte(body[i:to], '\n')
			if line < 0 {
				return -1
			}
			i += line
		case strings.HasPrefix(body[i:to], "/*"):
			end := strings.Index(body[i+2:to], "*/")
			if end < 0 {
				return -1
			}
			i += end + 3
		}
	}
	return -1
}

// layout is how a text is laid out.
type layout struct{ indent, unit, newline string }

func (l layout) deeper() layout { l.indent += l.unit; return l }

// layoutOf is the layout of a text: as its first member is indented.
func layoutOf(body string, root object) layout {
	l := layout{unit: "  ", newline: "\n"}
	if strings.Contains(body, "\r\n") {
		l.newline = "\r\n"
	}
	if len(root.Members) > 0 {
		if unit := indentAt(body, root.Members[0].Name.StartOffset, ""); unit != "" {
			l.unit = unit
		}
	}
	return l
}

// indentAt is what a line begins with before a place, if nothing else stands there.
func indentAt(body string, at int, otherwise string) string {
	line := strings.LastIndexByte(body[:at], '\n') + 1
	if line > 0 && strings.Trim(body[line:at], " \t") == "" {
		return body[line:at]
	}
	return otherwise
}

// member is a member in a line of its own, without what ends the line before.
func member(l layout, name string, value any) string {
	return l.indent + string(hujson.String(name)) + ": " + l.value(value)
}

// value is a value, over as many lines as it takes.
func (l layout) value(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(l.indent, l.unit)
	_ = encoder.Encode(value) // texts alone
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", l.newline)
}
