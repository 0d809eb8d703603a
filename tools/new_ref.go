package tools

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"aegis/gate"
	"aegis/internal/canon"
)

// maxNewRef bounds the name of a branch or a tag that is made, in bytes.
const maxNewRef = 100

// newRef returns the short name of a branch or a tag that is to be made. Gitea
// and git allow more: names that are read as something else, a commit id or a full
// ref, and names of which a reader sees only a part.
func newRef(argument string, ref canon.Ref) (string, error) {
	name, err := shortRef(argument, ref)
	if err != nil {
		return "", err
	}
	folded := strings.ToLower(name)
	for _, prefix := range []string{"refs/", "heads/", "tags/", "remotes/", "pull/", "for/"} {
		if strings.HasPrefix(folded, prefix) {
			return "", fmt.Errorf("%s must not begin with %s", argument, prefix)
		}
	}
	switch {
	case len(name) > maxNewRef:
		return "", fmt.Errorf("%s is longer than %d bytes", argument, maxNewRef)
	case strings.HasSuffix(folded, "_head"):
		return "", fmt.Errorf("%s must not be a name of git's own", argument)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "", fmt.Errorf("%s contains an invisible character", argument)
	}
	return name, nil
}

// shortRef returns the short name that an argument is.
func shortRef(argument string, ref canon.Ref) (string, error) {
	if _, isCommit := ref.Commit(); isCommit {
		return "", fmt.Errorf("%s must be a name and not a commit id", argument)
	}
	if strings.HasPrefix(ref.String(), "refs/") {
		return "", fmt.Errorf("%s must be a short name, without refs/heads/ or refs/tags/", argument)
	}
	if ref.IsZero() {
		return "", errors.New(argument + " is required")
	}
	return ref.String(), nil
}

// mustRef is ParseRef for what was parsed before under a shorter name. A name that
// is too long with its prefix names nothing.
func mustRef(full string) canon.Ref {
	ref, _ := canon.ParseRef(full)
	return ref
}

// branchMoved is the refusal of what rests on a branch that is elsewhere by now.
func branchMoved(hint string) *gate.Refusal {
	return gate.Refuse(gate.Conflict, "The branch has moved while this call was under way; nothing was written.").WithHint("%s", hint)
}
