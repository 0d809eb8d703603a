package policy

import (
	"regexp"
	"strconv"
	"sync"

	"github.com/goccy/go-yaml/ast"
)

// units are what a size may be counted in. Those of the decimal system are what they are
// everywhere: 1 MB is less than 1 MiB.
var units = map[string]int64{
	"B": 1, "kB": 1000, "KB": 1000, "MB": 1000_000, "GB": 1000_000_000, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}

var sizeForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([1-9][0-9]{0,12}) ?(B|[kK]B|MB|GB|KiB|MiB|GiB)$`) })

// size reads a number of bytes between two bounds, with or without a unit.
func (r *reader) size(m member, low, high int64) int64 {
	node, ok := m.value.(*ast.StringNode)
	if !ok {
		return r.number(m, low, high)
	}
	parts := sizeForm().FindStringSubmatch(node.Value)
	if parts == nil {
		r.wrong(m.value, m.key+" must be a number of bytes, as in 65536, 64KiB or 5MB")
		return 0
	}
	delete(r.unread, node.Token)
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if unit := units[parts[2]]; err == nil && n <= high/unit && n*unit >= low {
		return n * unit
	}
	r.errorf(at(node.Token), "%s must be from %d to %d bytes", m.key, low, high)
	return 0
}
