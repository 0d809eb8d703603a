//go:build !unix || darwin

package cli

import "os/user"

// userName is the name that the system has for whoever runs this, "" if it has none.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}
