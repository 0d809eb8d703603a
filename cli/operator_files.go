package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"aegis/internal/operatorfile"
)

// Bounds on files that configuration names.
const (
	maxTokenFile   = 4 << 10
	maxSecretsFile = 1 << 20
	maxCAFile      = 4 << 20
)

// tokenItself is what an access token looks like. An error about a file that is
// not there would show it.
var tokenItself = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Fa-f]{40}$`) })

func (s *settings) readToken(c *Config) error {
	token, source, err := s.value(giteaToken)
	if err != nil {
		return &failure{exitUsage, err}
	}
	file, fileSource, err := s.value(tokenFile)
	if err != nil {
		return &failure{exitUsage, err}
	}
	command, commandSource, err := s.value(tokenCommand)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if command != "" {
		for _, other := range []string{source, fileSource} {
			if other != "" {
				return wrong(other+" and "+commandSource, "both are set; keep one")
			}
		}
		if token, err = printedToken(command); err != nil {
			return wrong(commandSource, "%v", err)
		}
		source = commandSource
	}
	if file != "" {
		if token != "" {
			return wrong(source+" and "+fileSource, "both are set; keep one")
		}
		if tokenItself().MatchString(file) {
			return wrong(fileSource, "this looks like a token and not like the name of a file; put it into GITEA_TOKEN")
		}
		if token, err = c.readTokenFile(file); err != nil {
			return wrong(fileSource, "%v", err)
		}
		source = fileSource
	}
	if token == "" {
		return nil
	}
	if err := tokenProblem(token); err != nil {
		return wrong(source, "%v", err)
	}
	c.Token = token
	return nil
}

// tokenProblem says why a text is no access token.
func tokenProblem(token string) error {
	if len(token) < 8 || len(token) > 1024 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("this is no access token: one is 8 to 1024 printable characters without spaces; make one in Gitea under Settings, Applications")
	}
	if strings.ContainsAny(token, "\"'`") || settingLine().MatchString(token) && strings.ContainsAny(strings.TrimRight(token, "="), "=:") {
		return errors.New("this is more than an access token; write the token alone, without quotes and without a name")
	}
	return nil
}

// readTokenFile reads a token that stands alone in a file.
func (c *Config) readTokenFile(file string) (string, error) {
	token, read, err := operatorfile.Value(file, maxTokenFile)
	c.warn(file, read.Warnings...)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return token, nil
}

// readOperatorFile reads a file's text and notes what there is to warn of. Its
// errors do not name the file.
func (c *Config) readOperatorFile(file string, most int64) (string, error) {
	read, err := operatorfile.Read(file, most)
	if err != nil {
		return "", err
	}
	c.warn(file, read.Warnings...)
	return operatorfile.Decode(read.Raw)
}

func (c *Config) warn(file string, warnings ...string) {
	for _, warning := range warnings {
		c.Warnings = append(c.Warnings, file+": "+warning)
	}
}

// plain drops the system call from a path error: people know files, not calls.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}
