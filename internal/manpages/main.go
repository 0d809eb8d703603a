// Manpages writes what a release carries for shells and for man: a page of each command
// into FOLDER/man1, and the scripts that complete commands into FOLDER/completions.
//
//	go run ./internal/manpages FOLDER SECONDS
//
// Pages are dated by SECONDS since 1970, so that the same commit gives the same bytes.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"aegis/cli"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: manpages FOLDER SECONDS")
		os.Exit(2)
	}
	seconds, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err == nil {
		err = write(os.Args[1], time.Unix(seconds, 0).UTC())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

// scripts are the completions, by the name under which each shell looks for its own.
var scripts = map[string]func(*cobra.Command, *bytes.Buffer) error{
	"aegis.bash": func(root *cobra.Command, b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) },
	"_aegis":     func(root *cobra.Command, b *bytes.Buffer) error { return root.GenZshCompletion(b) },
	"aegis.fish": func(root *cobra.Command, b *bytes.Buffer) error { return root.GenFishCompletion(b, true) },
	"aegis.ps1":  func(root *cobra.Command, b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) },
}

// write writes all files.
func write(folder string, date time.Time) error {
	pages, completions := filepath.Join(folder, "man1"), filepath.Join(folder, "completions")
	for _, each := range []string{pages, completions} {
		if err := os.MkdirAll(each, 0o755); err != nil {
			return err
		}
	}
	var root *cobra.Command
	err := cli.Manual(func(command *cobra.Command) error {
		root = command.Root()
		var b bytes.Buffer
		header := &doc.GenManHeader{Section: "1", Date: &date, Source: "Aegis", Manual: "Aegis"}
		if err := doc.GenMan(command, header, &b); err != nil {
			return err
		}
		name := strings.ReplaceAll(command.CommandPath(), " ", "-") + ".1"
		return os.WriteFile(filepath.Join(pages, name), b.Bytes(), 0o644)
	})
	if err != nil {
		return err
	}
	for name, script := range scripts {
		var b bytes.Buffer
		if err := script(root, &b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(completions, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
