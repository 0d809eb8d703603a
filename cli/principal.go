package cli

import (
	"os"
	"strconv"
)

// principal is the operating system's user. Rules may name it, so nothing that the user
// sets says who it is.
func principal() string {
	if name := userName(); name != "" {
		return name
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
