// Aegis is an MCP server for Gitea behind one gate.
package main

import (
	"embed"
	"io/fs"
	"os"

	"aegis/cli"
)

//go:embed testdata/demo
var testdata embed.FS

func main() {
	sample, err := fs.Sub(testdata, "testdata/demo")
	if err != nil {
		panic(err)
	}
	os.Exit(cli.Execute(sample))
}
