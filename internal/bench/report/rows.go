package main

import (
	"slices"
	"strings"
)

// A figure is where a value is found, and how it is shown.
type figure struct {
	benchmark string // without "Benchmark"
	unit      string // as go test prints it
	scale     float64
	inverse   bool   // the scale is divided by the value, not multiplied: a time becomes a rate
	fit       bool   // the power with which the benchmark's parts grow with their sizes
	show      string // a format of the scaled value, with the unit that people read
}

// A row is one line of the table.
type row struct {
	what     string
	ours     figure
	baseline figure // zero if there is none
	beside   string // what the baseline is
	// most and least bound ours, as it is shown; mostRatio and leastRatio bound
	// ours divided by the baseline. Zero is no bound; a row without one is not
	// judged.
	most, least, mostRatio, leastRatio float64
	linux                              bool // can be taken on Linux only
}

func in(benchmark, unit string, scale float64, show string) figure {
	return figure{benchmark: benchmark, unit: unit, scale: scale, show: show}
}

// rate is the MB/s of a benchmark that goes through so many bytes; what go test
// prints as MB/s has too few digits for a ratio.
func rate(benchmark string, bytes float64) figure {
	return figure{benchmark: benchmark, unit: "ns/op", scale: bytes * 1e3, inverse: true, show: "%.2f MB/s"}
}

// processorRate is rate in processor time.
func processorRate(benchmark string, bytes float64) figure {
	f := rate(benchmark, bytes)
	f.unit = "cpu-ns/op"
	return f
}

// growth is the power with which processor time grows with a size.
func growth(benchmark string) figure {
	return figure{benchmark: benchmark, unit: "cpu-ns/op", scale: asIs, fit: true, show: "length^%.2f"}
}

// hostile is a text that is made to be slow, beside source as people write it.
func hostile(name string) row {
	return row{
		what: "… 1 MB of " + name, beside: "Go source", least: 5,
		baseline: processorRate("HostileText/source", 1<<20), ours: processorRate("HostileText/"+name, 1<<20),
	}
}

// everyday are the rows of an everyday question to a Gitea that is 20 ms away: asked for
// the first time, and again where that may take fewer trips. Each has a bound on its
// trips, 0 for none.
func everyday(name string, first, again float64) (rows []row) {
	benchmark := "RoundTrips/" + strings.ReplaceAll(name, " ", "_")
	add := func(what, when string, most float64) {
		rows = append(rows, row{
			what: what + ", round trips", beside: "plain client", most: most,
			baseline: in(benchmark, "baseline-trips", asIs, asTrips), ours: in(benchmark, when+"-trips", asIs, asTrips),
		}, row{
			what: "… at 20 ms each", beside: "plain client",
			baseline: in(benchmark, "baseline-ms", asIs, asMS), ours: in(benchmark, when+"-ms", asIs, asMS),
		})
	}
	add(name, "first", first)
	if again > 0 {
		add("… and again", "again", again)
	}
	return rows
}

// How values are scaled and shown.
const (
	asIs      = 1
	toMicros  = 1e-3 // from nanoseconds
	asMillis  = 1e-3 // from microseconds
	asMS      = "%.1f ms"
	asUS      = "%.0f µs"
	asMB      = "%.1f MB"
	asEntries = "%.0f entries/s"
	asTrips   = "%.0f"
	asCalls   = "%.0f calls/s"
)

// table is what is promised, and what helps to understand it.
var table = slices.Concat(
	parts, auditLog,
	everyday("file of 8 KB", 2, 1), everyday("file of 1 MB", 2, 1), everyday("tree", 2, 1), everyday("commits", 2, 1),
	everyday("issues", 1, 0), everyday("issue with comments", 2, 0), everyday("pull request with diff and reviews", 5, 0),
	everyday("search", 1, 0), everyday("branches", 1, 0), everyday("releases", 1, 0), everyday("commit with diff", 2, 1), everyday("wiki page", 1, 0),
)

// parts are what the parts of Aegis promise.
var parts = []row{
	{
		what: "start → `initialize` answered, median of 20", beside: "three-tool server", mostRatio: 1.8,
		baseline: in("Server/start/initialize", "stock-ms", asIs, asMS), ours: in("Server/start/initialize", "ours-ms", asIs, asMS),
	},
	{
		what: "start → `server/discover` answered, median of 20", beside: "three-tool server", mostRatio: 2,
		baseline: in("Server/start/discover", "stock-ms", asIs, asMS), ours: in("Server/start/discover", "ours-ms", asIs, asMS),
	},
	{
		what: "start → `tools/list` answered, median of 20", beside: "three-tool server", mostRatio: 2,
		baseline: in("Server/start/list", "stock-ms", asIs, asMS), ours: in("Server/start/list", "ours-ms", asIs, asMS),
	},
	{what: "`tools/list`, a tool", most: 700, ours: in("Server/list", "ours-B/tool", asIs, "%.0f bytes")},
	{
		what: "binary, stripped", beside: "three-tool server", most: 20,
		baseline: in("Server/binary", "stock-MB", asIs, asMB), ours: in("Server/binary", "ours-MB", asIs, asMB),
	},
	{
		what: "memory after start", beside: "three-tool server", most: 20, linux: true,
		baseline: in("Server/memory/start", "stock-MB", asIs, asMB), ours: in("Server/memory/start", "ours-MB", asIs, asMB),
	},
	{what: "memory after reading a 5 MB file", most: 80, linux: true, ours: in("Server/memory/file", "ours-MB", asIs, asMB)},
	{what: "… at its peak while reading it", most: 80, linux: true, ours: in("Server/memory/file", "peak-MB", asIs, asMB)},
	{what: "… time to read it", linux: true, ours: in("Server/memory/file", "read-ms", asIs, "%.0f ms")},

	{
		what: "finding secrets in 1 MB of Go source", beside: "gitleaks", leastRatio: 100,
		baseline: rate("Find/go/stock", 1<<20), ours: rate("Find/go/ours", 1<<20),
	},
	{
		what: "finding secrets in 1 MB of Markdown", beside: "gitleaks", leastRatio: 100,
		baseline: rate("Find/markdown/stock", 1<<20), ours: rate("Find/markdown/ours", 1<<20),
	},
	{
		what: "finding secrets in 1 MB of base64", beside: "gitleaks", leastRatio: 100,
		baseline: rate("Find/base64/stock", 1<<20), ours: rate("Find/base64/ours", 1<<20),
	},
	{
		what: "scrubbing 1 MB of Go source, all of it", beside: "gitleaks", leastRatio: 100,
		baseline: processorRate("Scrub/stock", 1<<20), ours: processorRate("Scrub/ours", 1<<20),
	},
	{
		what: "scrubbing 1 MB of Markdown, all of it", beside: "gitleaks", leastRatio: 100,
		baseline: rate("Find/markdown/stock", 1<<20), ours: rate("Text/markdown", 1<<20),
	},
	{
		what: "scrubbing 1 MB of base64, all of it", beside: "gitleaks", leastRatio: 100,
		baseline: rate("Find/base64/stock", 1<<20), ours: rate("Text/base64", 1<<20),
	},
	{
		what: "scrubbing an answer of 4 KB", beside: "gitleaks", most: 100,
		baseline: in("Answer4KB/stock", "ns/op", toMicros, asUS), ours: in("Answer4KB/ours", "ns/op", toMicros, asUS),
	},
	{what: "… with no string twice", ours: in("Answer4KB/ours,_no_string_twice", "ns/op", toMicros, asUS)},
	{what: "scrubbing 1 KB to 20 MB of Go source grows as", most: 1.1, ours: growth("Growth")},
	hostile("keywords"), hostile("equals"), hostile("quotes"), hostile("line"), hostile("nested"), hostile("hidden"), hostile("entities"),
	hostile("settings_in_base64"), hostile("settings_in_entities"), hostile("comments"), hostile("bearers"), hostile("parts"), hostile("addresses"),
	{
		what: "finding secrets in 4 KB of Go source", beside: "gitleaks",
		baseline: rate("Find/4KB/stock", 4<<10), ours: rate("Find/4KB/ours", 4<<10),
	},

	{
		what: "a file of 4 KB is asked for, median", beside: "plain client",
		baseline: in("Call/file", "baseline-µs", asIs, asUS), ours: in("Call/file", "ours-µs", asIs, asUS),
	},
	{what: "… what the gate adds", most: 1000, ours: in("Call/file", "added-µs", asIs, asUS)},
	{
		what: "… two audit entries, synced", beside: "two writes, synced",
		baseline: in("Call/file", "sync-µs", asIs, asUS), ours: in("Call/file", "audit-µs", asIs, asUS),
	},
	{what: "… scrubbing", ours: in("Call/file", "scrub-µs", asIs, asUS)},
	{
		what: "… three requests, over the gate's transport", beside: "plain client",
		baseline: in("Call/file", "baseline-µs", asIs, asUS), ours: in("Call/file", "requests-µs", asIs, asUS),
	},

	{
		what: "a list of 4 KB is asked for, median", beside: "plain client",
		baseline: in("Call/list", "baseline-µs", asIs, asUS), ours: in("Call/list", "ours-µs", asIs, asUS),
	},
	{what: "… what the gate adds", most: 1000, ours: in("Call/list", "added-µs", asIs, asUS)},
	{
		what: "… two audit entries, synced", beside: "two writes, synced",
		baseline: in("Call/list", "sync-µs", asIs, asUS), ours: in("Call/list", "audit-µs", asIs, asUS),
	},
	{what: "… scrubbing", ours: in("Call/list", "scrub-µs", asIs, asUS)},
	{
		what: "… two requests, over the gate's transport", beside: "plain client",
		baseline: in("Call/list", "baseline-µs", asIs, asUS), ours: in("Call/list", "requests-µs", asIs, asUS),
	},

	{
		what: "a file of 5 MB is asked for, median", beside: "plain client",
		baseline: in("Call/large", "baseline-µs", asMillis, asMS), ours: in("Call/large", "ours-µs", asMillis, asMS),
	},
	{what: "… what the gate adds", ours: in("Call/large", "added-µs", asMillis, asMS)},
	{what: "… what it adds in processor time", most: 300, ours: in("Call/large", "added-cpu-µs", asMillis, asMS)},
	{what: "… scrubbing", ours: in("Call/large", "scrub-µs", asMillis, asMS)},
	{
		what: "a file of 5 MB of a real Gitea, median", beside: "plain client",
		baseline: in("Gitea", "baseline-µs", asMillis, asMS), ours: in("Gitea", "ours-µs", asMillis, asMS),
	},
	{what: "… what the gate adds", most: 300, ours: in("Gitea", "added-µs", asMillis, asMS)},

	{
		what: "policy decision, 10,000 sections", beside: "going through all", most: 20,
		baseline: in("Decide/naive", "ns/op", toMicros, asUS), ours: in("Decide/ours", "ns/op", toMicros, "%.1f µs"),
	},
	{what: "… narrowed by another of that size", most: 20, ours: in("Decide/narrowed", "ns/op", toMicros, "%.1f µs")},
	{
		what: "loading them", beside: "YAML library alone", most: 1000,
		baseline: in("Load/library", "ns/op", toMicros/1000, asMS), ours: in("Load/ours", "ns/op", toMicros/1000, asMS),
	},
	{what: "checking them", most: 2000, ours: in("Check", "ns/op", toMicros/1000, asMS)},

	{
		what: "32 callers over HTTP, a file of 4 KB, Gitea at 10 ms", beside: "library's server", leastRatio: 0.6,
		baseline: in("HTTP/forge=10ms", "stock-calls/s", asIs, asCalls), ours: in("HTTP/forge=10ms", "ours-calls/s", asIs, asCalls),
	},
	{
		what: "… 99 of 100 within", beside: "library's server",
		baseline: in("HTTP/forge=10ms", "stock-p99-ms", asIs, asMS), ours: in("HTTP/forge=10ms", "ours-p99-ms", asIs, asMS),
	},
	{
		what: "… of a Gitea that takes no time", beside: "library's server",
		baseline: in("HTTP/forge=0s", "stock-calls/s", asIs, asCalls), ours: in("HTTP/forge=0s", "ours-calls/s", asIs, asCalls),
	},
	{
		what: "… and as many requests and syncs", beside: "library's server with them",
		baseline: in("HTTP/forge=0s", "same-calls/s", asIs, asCalls), ours: in("HTTP/forge=0s", "ours-calls/s", asIs, asCalls),
	},
	{
		what: "… in processor time of the server, a call", beside: "library's server with them",
		linux:    true,
		baseline: in("HTTP/forge=0s", "same-cpu-µs/call", asIs, asUS), ours: in("HTTP/forge=0s", "ours-cpu-µs/call", asIs, asUS),
	},
}
