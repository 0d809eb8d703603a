// Report reads what go test printed for benchmarks, from a file or from its
// standard input, and prints one table: each figure that docs/performance.md
// promises, beside its target and its baseline of the same run. It is Markdown
// that reads well as it is.
//
// A missed target is a line of the table, not an error: what is too slow on one
// machine in one minute is for a person to judge. A figure that is not there
// is an error, unless it can't be taken on this system.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	switch len(args) {
	case 0:
	case 1:
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	default:
		return fmt.Errorf("one file of benchmark output, or none for standard input; got %d", len(args))
	}
	found, err := parse(in)
	if err != nil {
		return err
	}
	return write(out, table, found, runtime.GOOS)
}
