package tools

import (
	"errors"

	"aegis/forge"
	"aegis/gate"
)

// absent is nil if a look-up found nothing, and else errThere or why it failed.
func absent[T any](_ T, err error) error {
	switch {
	case err == nil:
		return errThere
	case forge.From(err).Kind == forge.NotFound:
		return nil
	}
	return err
}

// orRefusal is a conflict with the message given for errThere, and any other error
// as it is.
func orRefusal(err error, message string) error {
	if err == errThere {
		return gate.Refuse(gate.Conflict, "%s", message).WithHint("Choose another name, or use what is there.")
	}
	return err
}

// errThere says that something is there that should not be.
var errThere = errors.New("it is there")
