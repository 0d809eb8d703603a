//go:build !unix

package cli

import (
	"io/fs"
	"os"
)

// giveTo does nothing: a file in a user's folder is that user's here.
func giveTo(*os.File, fs.FileInfo) error { return nil }
