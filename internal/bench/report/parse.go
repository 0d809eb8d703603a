package main

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// figures are values by benchmark, as go test names it but without "Benchmark"
// and the number of processors, and by unit. A benchmark that ran several times
// has several. All are positive: nothing that is measured here is nothing, and
// what is no number would be within any bound.
type figures map[string]map[string][]float64

// parse reads go test's output. Lines that are no benchmark's are passed over,
// as are values that are no positive numbers.
func parse(r io.Reader) (figures, error) {
	found := figures{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		name, ok := strings.CutPrefix(fields[0], "Benchmark")
		if _, err := strconv.ParseUint(fields[1], 10, 64); !ok || name == "" || err != nil {
			continue
		}
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.ParseUint(name[i+1:], 10, 64); err == nil {
				name = name[:i]
			}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil || !(value > 0) || math.IsInf(value, 0) {
				continue
			}
			if found[name] == nil {
				found[name] = map[string][]float64{}
			}
			found[name][fields[i+1]] = append(found[name][fields[i+1]], value)
		}
	}
	return found, lines.Err()
}

// value returns the median of a benchmark's values in a unit.
func (f figures) value(benchmark, unit string) (float64, bool) {
	all := slices.Sorted(slices.Values(f[benchmark][unit]))
	if len(all) == 0 {
		return 0, false
	}
	return all[len(all)/2], true
}
