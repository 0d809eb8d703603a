package tools

import (
	"encoding/base64"

	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// contentOf decodes a file. Gitea leaves out the content of files that are
// larger than its own bound, 10 MiB by default.
func contentOf(entry *gitea.ContentsResponse) ([]byte, error) {
	if entry.Content == nil || *entry.Content == "" && entry.Size > 0 {
		return nil, gate.Refuse(gate.TooLarge, "The file is %d bytes long; Gitea does not give out files of that size.", entry.Size)
	}
	raw, err := base64.StdEncoding.DecodeString(*entry.Content)
	if err != nil {
		return nil, gate.Refuse(gate.GiteaError, "Gitea's answer holds a file that can't be decoded.")
	}
	return raw, nil
}
