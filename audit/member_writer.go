package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// memberWriter appends members that are left out when zero. They come in the
// order of the table members.
type memberWriter struct {
	buf  []byte
	room int // what lists of paths may still take
}

func (w *memberWriter) name(name string) {
	w.buf = append(w.buf, `,"`...)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, `":`...)
}

func (w *memberWriter) text(name, s string) {
	if s != "" {
		w.name(name)
		w.buf = appendString(w.buf, s)
	}
}

func (w *memberWriter) number(name string, n int64) {
	if n != 0 {
		w.name(name)
		w.buf = strconv.AppendInt(w.buf, n, 10)
	}
}

// affirmed writes what is said by being there, and never false.
func (w *memberWriter) affirmed(name string, yes bool) {
	if yes {
		w.name(name)
		w.buf = append(w.buf, "true"...)
	}
}

func (w *memberWriter) milliseconds(name string, ms float64) {
	ms = math.Round(ms*1000) / 1000
	if ms > 0 && ms < 1e15 { // neither NaN nor infinite nor so large that it needs an exponent
		w.name(name)
		w.buf = strconv.AppendFloat(w.buf, ms, 'f', -1, 64)
	}
}

// paths writes as much of a list as there is room for, and its length if that is
// not all of it.
func (w *memberWriter) paths(name string, paths []string) {
	before := len(w.buf)
	stored := w.list(name, paths, w.room)
	w.room = max(0, w.room-(len(w.buf)-before))
	if stored < len(paths) {
		w.number(name+"_total", int64(len(paths)))
	}
}

// texts writes a list.
func (w *memberWriter) texts(name string, texts []string) { w.list(name, texts, MaxLine) }

// list writes as much of a list as fits into room, and returns how many that are.
func (w *memberWriter) list(name string, texts []string, room int) (stored int) {
	if len(texts) == 0 {
		return 0
	}
	empty := len(w.buf)
	w.name(name)
	w.buf = append(w.buf, '[')
	begin := len(w.buf)
	for i, text := range texts {
		before := len(w.buf)
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, text)
		if len(w.buf)-begin > room {
			w.buf = w.buf[:before]
			break
		}
		stored++
	}
	if stored == 0 { // a list that is stored is not empty
		w.buf = w.buf[:empty]
		return 0
	}
	w.buf = append(w.buf, ']')
	return stored
}

func (w *memberWriter) counts(name string, counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	stored := make(map[string]int, len(counts)) // two names may become one
	for key, n := range counts {
		stored[strings.Map(plain, key)] += n
	}
	w.name(name)
	w.buf = append(w.buf, '{')
	for i, key := range slices.Sorted(maps.Keys(stored)) {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, key)
		w.buf = append(w.buf, ':')
		w.buf = strconv.AppendInt(w.buf, int64(stored[key]), 10)
	}
	w.buf = append(w.buf, '}')
}

// plain maps what would need an escape, or is not ASCII, to '_', so that names in
// counts sort by the bytes they are stored in and have one spelling.
func plain(r rune) rune {
	if !isPlain(r) {
		return '_'
	}
	return r
}

func isPlain(r rune) bool { return r > ' ' && r < 0x7f && r != '"' && r != '\\' }

// request writes a JSON-RPC id: a number digit by digit as it came, a string by
// its value.
func (w *memberWriter) request(id json.RawMessage) error {
	id = bytes.TrimSpace(id)
	switch {
	case len(id) == 0, string(id) == "null":
		return nil
	case !json.Valid(id):
		return errors.New("the request id is not JSON")
	case id[0] == '"':
		var s string
		if err := json.Unmarshal(id, &s); err != nil {
			return errors.New("the request id is not JSON")
		}
		w.name("request")
		w.buf = appendString(w.buf, s)
	case id[0] == '-', id[0] >= '0' && id[0] <= '9':
		w.name("request")
		w.buf = append(w.buf, id...)
	default:
		return errors.New("the request id is neither a number nor a string")
	}
	return nil
}
