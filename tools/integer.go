package tools

import (
	"strconv"
	"strings"
)

// largest is the largest integer.
const largest = 1<<63 - 1

// integer reads a JSON number that is an integer, in whatever spelling: 10, 10.0, 1e1.
// One that is larger than any argument's bound is the largest there is.
func integer(text []byte) (n int64, ok bool) {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && text[0] != '+' {
		return n, true
	}
	if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return 0, false
	}
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(string(text)), "e")
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimRight(whole+fraction, "0")
	if strings.TrimLeft(digits, "0") == "" {
		return 0, true
	}
	point := len(whole)
	if scaled {
		by, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil && !strings.HasPrefix(exponent, "-") {
			by = 1 << 30 // out of range
		}
		point += int(by)
	}
	if point < len(digits) {
		return 0, false
	}
	n = largest
	if zeros := point - len(digits); zeros < 20 {
		if small, err := strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64); err == nil {
			n = small
		}
	}
	if negative {
		return -n, true
	}
	return n, true
}
