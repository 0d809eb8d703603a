package tools

import (
	"errors"
	"strings"
	"unicode"
)

// given is a text that was given, nil for "".
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// showsIfGiven refuses a text that is given and of which nothing shows.
func showsIfGiven(name string, text *string) error {
	if text != nil && !shows(*text) {
		return errors.New(name + " must not be blank")
	}
	return nil
}

// shows reports whether anything of a text shows.
func shows(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}
