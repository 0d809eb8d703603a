package cli

import (
	"os"
	"runtime/debug"

	"aegis/gate"
)

// memoryLimit is what the Go runtime takes care not to exceed, in bytes: it collects
// garbage more often as it comes near. What answers take at all is bounded by
// [forge.DefaultMemory].
const memoryLimit = 96 << 20

// limitMemory sets the limit, unless the environment has one.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// prepare prepares a gate for its first call, and gives back the memory that this took
// for a moment.
func prepare(g *gate.Gate) {
	g.Prepare()
	debug.FreeOSMemory()
}
