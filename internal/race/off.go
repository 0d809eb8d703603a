//go:build !race

package race

// On says that the race detector is off.
const On = false
