package main

import (
	"fmt"
	"slices"
)

// auditLog are the rows of the audit log. What verifies is measured by processor time, as
// a machine has it that does nothing else.
var auditLog = slices.Concat([]row{
	{
		what: "audit: append, median", beside: "write and fsync",
		baseline: in("Append", "baseline-p50-µs", asIs, asUS), ours: in("Append", "ours-p50-µs", asIs, asUS),
	},
	{
		what: "… 99 of 100 within", beside: "write and fsync",
		baseline: in("Append", "baseline-p99-µs", asIs, asUS), ours: in("Append", "ours-p99-µs", asIs, asUS),
	},
	{
		what: "… to a log of 1 GB and 2,000,000 entries, median", beside: "one that begins", mostRatio: 1.2,
		baseline: in("Append", "ours-p50-µs", asIs, asUS), ours: in("Append", "late-p50-µs", asIs, asUS),
	},
	{
		what: "… 99 of 100 within", beside: "one that begins",
		baseline: in("Append", "ours-p99-µs", asIs, asUS), ours: in("Append", "late-p99-µs", asIs, asUS),
	},
	{
		what: "audit: verify 1,000,000 entries", beside: "SHA-256 alone", least: 300_000,
		baseline: in("Verify/sha256_baseline", "entries/cpu-s", asIs, asEntries), ours: in("Verify/ours", "entries/cpu-s", asIs, asEntries),
	},
	{
		what: "… memory that it asks for", beside: "20,000 entries", most: 1000,
		baseline: in("Verify/ours", "baseline-allocated-KB", asIs, asKB), ours: in("Verify/ours", "ours-allocated-KB", asIs, asKB),
	},
	{
		what: "… in ten files, compressed", beside: "in one file", least: 300_000,
		baseline: in("Rotated/in_one_file", "entries/cpu-s", asIs, asEntries), ours: in("Rotated/in_ten,_compressed", "entries/cpu-s", asIs, asEntries),
	},
	{
		what: "audit: a fleet of 1,000 logs of 100 entries", beside: "one log as long", least: 300_000,
		baseline: in("Fleet/one_log", "entries/cpu-s", asIs, asEntries), ours: in("Fleet/fleet", "entries/cpu-s", asIs, asEntries),
	},
}, appendFrom(8, 1000), appendFrom(32, 0))

const asKB = "%.0f KB"

// appendFrom are the rows of processes that append to one log at once, with a bound on
// their rate, 0 for none.
func appendFrom(processes int, least float64) []row {
	benchmark := fmt.Sprintf("AppendFrom/%d_processes", processes)
	beside := func(what, unit, show string, least float64) row {
		return row{
			what: what, beside: "lock, write and fsync", least: least,
			baseline: in(benchmark, "baseline-"+unit, asIs, show), ours: in(benchmark, "ours-"+unit, asIs, show),
		}
	}
	return []row{
		beside(fmt.Sprintf("audit: append, %d processes, one chain", processes), "appends/s", asEntries, least),
		beside("… median", "p50-µs", asUS, 0),
		beside("… 99 of 100 within", "p99-µs", asUS, 0),
	}
}
