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

// servingMemoryLimit is the same for a server of many: what their requests and sessions
// may hold comes on top.
const servingMemoryLimit = 384 << 20

// servingGarbage is how much garbage there may be beside what is in use, in percent. What
// a call leaves is much beside what a server holds: collected at the usual 100 %, it takes
// a fifth of the processor time. The limit bounds it as it bounds everything.
const servingGarbage = 400

// limitServingMemory sets both, unless the environment has them.
func limitServingMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(servingMemoryLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(servingGarbage)
	}
}

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
