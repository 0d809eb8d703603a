//go:build !race

package stock

// Race says that the race detector is on.
const Race = false
