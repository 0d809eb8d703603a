package main

import (
	"fmt"
	"math"
	"testing"
)

func TestExponent(t *testing.T) {
	t.Parallel()
	grown := func(power float64, names ...string) figures {
		found := figures{"Other/1K": {"ns/op": {1}}, "Grow/many": {"ns/op": {5}}, "Grow": {"ns/op": {5}}}
		for _, name := range names {
			size, _ := bytesOf(name)
			found["Grow/"+name] = map[string][]float64{"ns/op": {3 * math.Pow(size, power)}}
		}
		return found
	}
	sizes := []string{"1K", "10K", "100K", "1M", "5M", "20M"}
	for _, power := range []float64{0.5, 1, 1.25, 2} {
		got, ok := grown(power, sizes...).exponent("Grow", "ns/op")
		if !ok || fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", power) {
			t.Errorf("%v: %v, %v", power, got, ok)
		}
	}
	for name, found := range map[string]figures{
		"too few sizes":        grown(1, "1K", "10K"),
		"all of one size":      grown(1, "1024K", "1M"),
		"nothing":              {},
		"what becomes shorter": grown(-1, sizes...),
	} {
		if got, ok := found.exponent("Grow", "ns/op"); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, ok := grown(1, sizes...).exponent("Grow", "cpu-ns/op"); ok {
		t.Error("a unit that was not measured")
	}
	for name, want := range map[string]float64{"1K": 1024, "20M": 20 << 20, "0K": 0, "K": 0, "M": 0, "-1K": 0, "1k": 0, "1.5M": 0, "": 0, "99999M": 0} {
		if got, ok := bytesOf(name); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %v, %v", name, got, ok)
		}
	}
}
