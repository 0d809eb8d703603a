package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"
)

// Match reports whether a call had one of some arguments, by what the log at path has of
// them and the key beside it. It fails if there is no such call, or no hash of its arguments.
func Match(ctx context.Context, path, call string, args [][]byte) (bool, error) {
	resolved, err := targetOf(path)
	if err != nil {
		return false, err
	}
	key, err := readKey(filesOf(resolved).key)
	if err != nil {
		return false, fmt.Errorf("audit log %s: the key: %w", path, err)
	}
	stored := ""
	reading, err := Show(ctx, path, Query{Call: call}, func(s Stored) error {
		if s.ArgsHMAC != "" {
			stored = s.ArgsHMAC
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	if len(reading.Problems) > 0 {
		return false, fmt.Errorf("the log is not what it was, and can't vouch for what a call was: %s", reading.Problems[0])
	}
	if stored == "" {
		return false, errors.New("the log has no such call, or no hash of its arguments")
	}
	with := &Log{key: key}
	return slices.ContainsFunc(args, func(b []byte) bool {
		return hmac.Equal([]byte(with.ArgsHMAC(b)), []byte(stored))
	}), nil
}
