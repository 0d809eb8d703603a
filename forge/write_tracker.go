package forge

import (
	"encoding/json"
	"net/http"
	"strconv"

	"aegis/internal/canon"
)

// in makes a write below a repository.
func in(repo canon.Repo, method string, body any, segments ...string) Write {
	return Write{Method: method, Segments: append([]string{"repos", repo.Owner(), repo.Name()}, segments...), Body: body}
}

// CreateComment writes a comment to an issue or a pull request.
func CreateComment(repo canon.Repo, number int64, body string) Write {
	return in(repo, http.MethodPost, map[string]any{"body": body}, "issues", strconv.FormatInt(number, 10), "comments")
}

// Read decodes Gitea's answer to a write.
func Read[T any](answer json.RawMessage) (*T, error) {
	var value *T
	if err := json.Unmarshal(answer, &value); err != nil || value == nil {
		return nil, notGitea(http.StatusOK)
	}
	return value, nil
}
