//go:build unix && !darwin

package cli

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// userName is the name that the system's list of users has for whoever runs this, "" if it
// has none. Package os/user takes $USER then, which anybody can set.
func userName() string {
	list, err := os.Open("/etc/passwd")
	if err != nil {
		return ""
	}
	defer list.Close()
	uid := strconv.Itoa(os.Getuid())
	for lines := bufio.NewScanner(list); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); len(fields) > 2 && fields[2] == uid {
			return fields[0]
		}
	}
	return ""
}
