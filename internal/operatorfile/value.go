package operatorfile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// placeholder is what a configuration leaves behind when a variable in it was never
// set: ${GITEA_TOKEN}, ${input:token}.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[^}]*\}`) })

// Placeholder returns the first variable in a value that was never filled in, "" if
// there is none.
func Placeholder(value string) string {
	if !strings.Contains(value, "${") { // most have none, and then nothing is compiled
		return ""
	}
	return placeholder().FindString(value)
}

// Value reads a secret that stands alone in a file, such as a token. That everybody
// may read it is a warning. Its errors don't name the file, and show nothing of it.
func Value(name string, most int64) (value string, f File, err error) {
	if f, err = Read(name, most); err != nil {
		return "", f, err
	}
	if OthersCanRead(f.Info) {
		f.Warnings = append(f.Warnings, fmt.Sprintf("others can read the token (mode %04o): chmod 600 %s", f.Info.Mode().Perm(), name))
	}
	text, err := Decode(f.Raw)
	if err != nil {
		return "", f, err
	}
	value = strings.TrimSpace(text)
	switch {
	case value == "":
		return "", f, errors.New("the file is empty")
	case Placeholder(value) != "":
		return "", f, errors.New("the file holds a placeholder (${…}) and no token")
	case strings.Contains(value, "\n"):
		return "", f, errors.New("the file has more than one line; it should hold the token alone")
	}
	return value, f, nil
}
