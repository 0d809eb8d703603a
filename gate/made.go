package gate

import (
	"encoding/json"
	"strconv"
	"strings"

	"aegis/forge"
)

// made names what Gitea holds after a request that writes: "issue 12", "commit" and its
// id. It is for the audit log, so that nobody has to guess from times what a call did.
// Numbers come from Gitea's answer, or from the request if that named what it changed.
// There is nothing in it that somebody wrote.
func made(w forge.Write, answer json.RawMessage) (names []string) {
	var said struct {
		ID     int64 `json:"id"`
		Number int64 `json:"number"`
		Commit struct {
			SHA     string `json:"sha"`
			ID      string `json:"id"`
			Parents []struct {
				SHA string `json:"sha"`
			} `json:"parents"`
		} `json:"commit"`
		LastCommit struct {
			SHA string `json:"sha"`
		} `json:"last_commit"`
	}
	_ = json.Unmarshal(answer, &said) // an answer that can't be read names nothing
	number := func(what string, n int64) {
		if n > 0 {
			names = append(names, what+" "+strconv.FormatInt(n, 10))
		}
	}
	hash := func(what, id string) {
		if isObjectID(id) {
			names = append(names, what+" "+id)
		}
	}
	path := w.Segments
	if len(path) > 3 && path[0] == "repos" {
		path = path[3:] // after repos, owner and name
	}
	shape := w.Method + " " + strings.Join(numbersAsN(path), "/")
	switch {
	case shape == "POST issues", shape == "PATCH issues/N":
		number("issue", said.Number)
	case shape == "PUT issues/N/labels":
		number("labels of issue", numberIn(path[1]))
	case shape == "POST issues/N/comments", shape == "PATCH issues/comments/N":
		number("comment", said.ID)
	case shape == "POST labels":
		number("label", said.ID)
	case shape == "POST milestones":
		number("milestone", said.ID)
	case shape == "POST branches":
		hash("branch at commit", said.Commit.ID)
	case shape == "POST contents":
		hash("commit", said.Commit.SHA)
		for _, parent := range said.Commit.Parents {
			hash("parent", parent.SHA)
		}
	case shape == "POST pulls", shape == "PATCH pulls/N":
		number("pull request", said.Number)
	case shape == "POST pulls/N/reviews":
		number("review", said.ID)
	case shape == "POST releases", shape == "PATCH releases/N":
		number("release", said.ID)
	case strings.HasPrefix(shape, "POST wiki/"), strings.HasPrefix(shape, "PATCH wiki/"):
		hash("wiki commit", said.LastCommit.SHA)
	case shape == "POST actions/runs/N/rerun":
		number("run", numberIn(path[2]))
	}
	return names
}

// numbersAsN is a path with N for each number.
func numbersAsN(path []string) []string {
	shape := make([]string, len(path))
	for i, segment := range path {
		if shape[i] = segment; numberIn(segment) > 0 {
			shape[i] = "N"
		}
	}
	return shape
}

func numberIn(segment string) int64 {
	n, err := strconv.ParseInt(segment, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// isObjectID reports whether a text is the id of a Git object, in full.
func isObjectID(id string) bool {
	return (len(id) == 40 || len(id) == 64) && strings.Trim(id, "0123456789abcdef") == ""
}
