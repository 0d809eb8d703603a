// Package bench measures what docs/performance.md promises and no single
// package can measure alone: how fast the program starts, how much it tells a
// client, how large it is on disk and in memory, and what its gate adds to a
// call.
//
// Each figure is taken beside a baseline, in turns and in the same run, so that
// a ratio survives a machine that is busy with something else: the program
// beside a server of three tools made with the same MCP library (probe), a call
// through the gate beside the same requests sent by a plain HTTP client. Gitea is
// a server on loopback that answers at once from memory: what is measured is
// Aegis, not Gitea. Only where its own time counts, or what it is asked, it is a
// real one. The programs are built as they are released and run with
// folders of their own.
//
// Figures are medians, reported as metrics that name both sides. The report
// command puts them, and those of the other packages' benchmarks, into one table
// beside their targets.
package bench
