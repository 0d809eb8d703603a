package forge

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Reason narrows down what a Kind says. It is found in what Gitea answered with, by
// words that are looked for; no word of the answer goes on from there. Whoever
// answers can choose a Reason, and no more.
type Reason string

// The reasons. The zero Reason is none that is known.
const (
	LacksScope     Reason = "lacks a scope"
	PublicOnly     Reason = "limited to what is public"
	NoPassword     Reason = "password to be changed"
	NotActivated   Reason = "account not activated"
	NoLogin        Reason = "account may not sign in"
	SignInRequired Reason = "nothing without a token"
	NoWriter       Reason = "may not write"
	NoReader       Reason = "may not read"
	NoCommit       Reason = "may not commit to the branch"
	PathProtected  Reason = "path is protected"
	TagProtected   Reason = "tag is protected"
	IsMirror       Reason = "a mirror"
	IsArchived     Reason = "archived"
	NothingYet     Reason = "nothing there yet"
	TurnedOff      Reason = "turned off"          // as the repository's record says
	Redirected     Reason = "redirected"          // to another place than a repository
	Foreign        Reason = "not Gitea's answer"  // but somebody's who stands before it or in its place
	Unlike         Reason = "not in Gitea's form" // which a Gitea's own answers have; see [Reader.explained]
	Unrelated      Reason = "no common history"
	Shadowed       Reason = "named like a commit" // a branch or a tag is, which Gitea takes for it
	NoRoute        Reason = "no such address"     // in the API of whatever answers
	Unknown        Reason = ""
)

// words are what Gitea says, by what it means.
var words = []struct {
	says   string
	reason Reason
}{
	{"token does not have at least one of required scope", LacksScope},
	{"token scope is limited to public", PublicOnly},
	{"You must change your password", NoPassword},
	{"This account is not activated", NotActivated},
	{"This account is prohibited from signing in", NoLogin},
	{"Only signed in user is allowed to call APIs", SignInRequired},
	{"user should have a permission to write to", NoWriter},
	{"user should have specific read permission", NoReader},
	{"user should have specific permission", NoReader},
	{"user should have any permission to read", NoReader},
	{"user cannot commit to", NoCommit},
	{"Not allowed to push to protected branch", NoCommit},
	{"path is protected", PathProtected},
	{"release tag name is protected", TagProtected},
	{"Git Repository is a mirror", IsMirror},
	{" is archived", IsArchived},
}

// maxFailure bounds how much of a refusal is read, in bytes.
const maxFailure = 64 << 10

// readReason reads the body of an answer that is no success, and says what it tells.
func readReason(resp *http.Response, stop func()) Reason {
	if resp.StatusCode < 200 || resp.Request != nil && resp.Request.Method == http.MethodHead {
		return Unknown
	}
	timer := time.AfterFunc(200*time.Millisecond, stop) // what is long or slow is not waited for
	defer timer.Stop()
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxFailure))
	if err != nil {
		return Unknown
	}
	return reasonIn(resp.StatusCode, resp.Header.Get("Content-Type"), content)
}

// reasonIn finds the reason in a refusal's body.
func reasonIn(status int, contentType string, content []byte) Reason {
	content = bytes.TrimSpace(content)
	kind, _, _ := mime.ParseMediaType(contentType)
	switch {
	case kind == "text/html":
		return Foreign
	case len(content) == 0, string(content) == "null":
		return Unknown
	case string(content) == "404 page not found": // of Go's routers, Gitea's among them
		return NoRoute
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(content, &said) != nil {
		return Foreign
	}
	var message string
	_, addressed := said["url"] // of Gitea's own documentation: it is in each of its 404s
	_, other := said["error"]
	switch {
	case other, said["message"] != nil && json.Unmarshal(said["message"], &message) != nil:
		return Foreign
	case status == http.StatusNotFound && !addressed:
		return Unlike
	}
	for _, word := range words {
		if strings.Contains(message, word.says) {
			return word.reason
		}
	}
	var details []string
	if status == http.StatusNotFound && json.Unmarshal(said["errors"], &details) == nil && len(details) == 1 &&
		(strings.HasPrefix(details[0], "object does not exist") || details[0] == "no such file or directory") {
		return NothingYet
	}
	return Unknown
}
