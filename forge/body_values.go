package forge

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"aegis/internal/canon"
)

// What a member of a body may be. Each function is a word of the egress list;
// the bounds are those of the tools' arguments.

// Bounds on texts in bodies, in bytes.
const (
	maxTitle   = 255
	maxProse   = 65536
	maxContent = 512 << 10
	maxList    = 100
)

// prose is a text of several lines.
func prose(v any) bool {
	s, ok := v.(string)
	return ok && len(s) <= maxProse && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// title is a line that is not empty.
func title(v any) bool {
	s, ok := v.(string)
	return ok && s != "" && isText(s, maxTitle)
}

// id is a number that Gitea gave something.
func id(v any) bool {
	n, ok := v.(json.Number)
	return ok && isNumber(string(n))
}

// idOrNone is an id, or 0 for taking away what there is.
func idOrNone(v any) bool { return v == json.Number("0") || id(v) }

// count is an integer from 0.
func count(v any) bool { return idOrNone(v) }

// line is a line's number in a file.
func line(v any) bool { return id(v) }

// ids is a list of ids, none of them twice.
func ids(v any) bool {
	items, ok := v.([]any)
	seen := make(map[any]bool)
	for _, item := range items {
		if !id(item) || seen[item] {
			return false
		}
		seen[item] = true
	}
	return ok && len(items) <= maxList
}

// people is a list of logins.
func people(v any) bool {
	return each(0, maxList, func(v any) bool {
		s, ok := v.(string)
		return ok && login(s)
	})(v)
}

func truth(v any) bool {
	_, ok := v.(bool)
	return ok
}

func isTrue(v any) bool { return v == true }

func dateTime(v any) bool {
	s, ok := v.(string)
	return ok && moment(s)
}

func openOrClosed(v any) bool { return v == "open" || v == "closed" }

// color is # and six hex digits.
func color(v any) bool {
	s, ok := v.(string)
	return ok && len(s) == 7 && s[0] == '#' && strings.Trim(strings.ToLower(s[1:]), "0123456789abcdef") == ""
}

func only(words ...string) func(any) bool {
	return func(v any) bool {
		s, ok := v.(string)
		return ok && slices.Contains(words, s)
	}
}

// commit is the id of a commit, or of a file's content.
func commit(v any) bool {
	s, ok := v.(string)
	return ok && commitID(s)
}

// aPath is a canonical path.
func aPath(v any) bool {
	s, ok := v.(string)
	return ok && filePath(s)
}

// shortRef is a branch's or a tag's short name, and nothing that Gitea or git
// take for something else: a full ref, or the id of a commit.
func shortRef(v any) bool {
	s, ok := v.(string)
	return ok && isShortRef(s) && !canon.IsCommitID(s) && !strings.HasPrefix(strings.ToLower(s), "refs/")
}

// fullRef is refs/heads/… or refs/tags/….
func fullRef(v any) bool {
	s, _ := v.(string)
	return ownRef(s)
}

// headRef is a branch, or owner/name:branch. Of an owner alone Gitea chooses one
// of the owner's repositories itself.
func headRef(v any) bool {
	s, _ := v.(string)
	if name, branch, ok := strings.Cut(s, ":"); ok {
		repo, err := canon.ParseFullName(name)
		return err == nil && repo.String() == name && shortRef(branch)
	}
	return shortRef(s)
}

// comesFromReadable reports whether the repository that a pull request comes from, if
// its head names one, is one that the call may read: Gitea takes any that the token
// reads, and shows its commits to all who see the target.
func comesFromReadable(_ []string, body any, readable func(canon.Repo) bool) bool {
	object, _ := body.(map[string]any)
	head, _ := object["head"].(string)
	name, _, other := strings.Cut(head, ":")
	if !other {
		return true
	}
	repo, err := canon.ParseFullName(name)
	return err == nil && readable != nil && readable(repo)
}

// fileContent is a file's content in base64.
func fileContent(v any) bool {
	s, ok := v.(string)
	if !ok || base64.StdEncoding.DecodedLen(len(s)) > maxContent+2 || strings.ContainsAny(s, "\r\n") {
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}

// texts is an object of strings.
func texts(v any) bool {
	object, ok := v.(map[string]any)
	for name, value := range object {
		s, isString := value.(string)
		if !isString || !isText(name, maxTitle) || !prose(s) {
			return false
		}
	}
	return ok && len(object) <= maxList
}

// each is a list of least to most items.
func each(least, most int, item func(any) bool) func(any) bool {
	return func(v any) bool {
		items, ok := v.([]any)
		if !ok || len(items) < least || len(items) > most {
			return false
		}
		for _, each := range items {
			if !item(each) {
				return false
			}
		}
		return true
	}
}

// either is an object that matches one of several.
func either(objects ...members) func(any) bool {
	return func(v any) bool {
		return slices.ContainsFunc(objects, func(m members) bool { return m.match(v) })
	}
}

// isWorkflow is the file name of a workflow.
func isWorkflow(s string) bool {
	path, err := canon.ParsePath(s)
	return err == nil && path.String() == s && !strings.Contains(s, "/") && isText(s, 255)
}
