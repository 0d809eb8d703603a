package main

import (
	"math"
	"strconv"
	"strings"
)

// leastPoints is how many sizes a fit needs.
const leastPoints = 3

// exponent returns the power of the size with which the values of a benchmark
// grow: those of its parts that are named by a size, "10K" or "5M". It is the
// slope of the straight line that comes nearest to the logarithms.
func (f figures) exponent(benchmark, unit string) (float64, bool) {
	var n, x, y, xx, xy float64
	for name := range f {
		part, ok := strings.CutPrefix(name, benchmark+"/")
		if !ok {
			continue
		}
		size, ok := bytesOf(part)
		if !ok {
			continue
		}
		value, ok := f.value(name, unit)
		if !ok {
			continue
		}
		lx, ly := math.Log(size), math.Log(value)
		n, x, y, xx, xy = n+1, x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	slope := (n*xy - x*y) / (n*xx - x*x)
	return slope, n >= leastPoints && slope > 0 && !math.IsInf(slope, 0)
}

// bytesOf reads a size as benchmarks are named by it.
func bytesOf(name string) (float64, bool) {
	unit := 0.0
	switch {
	case strings.HasSuffix(name, "K"):
		unit = 1 << 10
	case strings.HasSuffix(name, "M"):
		unit = 1 << 20
	default:
		return 0, false
	}
	n, err := strconv.ParseUint(name[:len(name)-1], 10, 16)
	return float64(n) * unit, err == nil && n > 0
}
