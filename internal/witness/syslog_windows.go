package witness

import (
	"context"
	"errors"
)

func toSyslog(context.Context, string) error {
	return errors.New("there is no syslog on Windows")
}
