package tasktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"aegis/internal/gatetest"
	"aegis/tools"
)

type object = map[string]any

// patience is how often a call is mended before somebody else has to help.
const patience = 8

// agent makes calls, and mends what is refused.
type agent struct {
	door  *gatetest.Door
	calls int
	stuck string // the refusal that it could not get by
}

// call makes a call until it is answered.
func (a *agent) call(tool string, args object) gatetest.Answer {
	args = maps.Clone(args)
	var answer gatetest.Answer
	for range patience {
		if a.stuck != "" {
			return answer
		}
		raw, _ := json.Marshal(args)
		a.calls++
		if answer = a.door.Ask(tool, string(raw)); !answer.IsError {
			return answer
		}
		if !a.mend(tool, args, answer) {
			break
		}
	}
	a.stuck = string(answer.Object)
	return answer
}

var (
	meant    = regexp.MustCompile(`there is no argument "([^"]+)": (\w+)(?: and (\w+))? (?:is|are) meant`)
	unknown  = regexp.MustCompile(`there is no argument "([^"]+)"`)
	required = regexp.MustCompile(`\b(\w+) is required`)
	integer  = regexp.MustCompile(`\b(\w+) must be an integer`)
	listed   = regexp.MustCompile(`\b(\w+) must be a list of strings`)
	leaveOut = regexp.MustCompile(`\b(\w+) must not be empty; leave it out`)
	day      = regexp.MustCompile(`\b(\w+) must be a date and time`)
	atMost   = regexp.MustCompile(`\b(\w+) must be an integer from 1 to (\d+)`)
	choice   = regexp.MustCompile(`\b(\w+) must be one of`)
	passes   = regexp.MustCompile(`^Names that pass in this repository: ([^,;*]+)\*`)
)

// mend changes arguments as the refusal says, or as the tool's schema has them. It
// reports whether it knew how.
func (a *agent) mend(tool string, args object, answer gatetest.Answer) bool {
	refusal := answer.Refusal()
	message, hint := fmt.Sprint(refusal["message"]), fmt.Sprint(refusal["hint"])
	before, _ := json.Marshal(args)
	for _, m := range meant.FindAllStringSubmatch(message, -1) {
		value := args[m[1]]
		delete(args, m[1])
		if text, ok := value.(string); ok && m[3] != "" {
			args[m[2]], args[m[3]], _ = strings.Cut(text, "/")
			continue
		}
		args[m[2]] = value
	}
	for _, m := range required.FindAllStringSubmatch(message, -1) {
		if args[m[1]] == nil {
			guess(tool, m[1], args)
		}
	}
	for _, m := range unknown.FindAllStringSubmatch(message, -1) {
		delete(args, m[1])
	}
	for _, m := range atMost.FindAllStringSubmatch(message, -1) {
		if n, ok := args[m[1]].(int); ok && n > 1 {
			args[m[1]] = json.RawMessage(m[2])
		}
	}
	for _, m := range integer.FindAllStringSubmatch(message, -1) {
		if text, ok := args[m[1]].(string); ok {
			args[m[1]] = json.RawMessage(text)
		}
	}
	for _, m := range listed.FindAllStringSubmatch(message, -1) {
		if text, ok := args[m[1]].(string); ok {
			args[m[1]] = []string{text}
		}
	}
	for _, m := range leaveOut.FindAllStringSubmatch(message, -1) {
		delete(args, m[1])
	}
	for _, m := range day.FindAllStringSubmatch(message, -1) {
		if text, ok := args[m[1]].(string); ok && text == "" {
			delete(args, m[1])
		} else if ok {
			args[m[1]] = text + "T00:00:00Z"
		}
	}
	for _, m := range choice.FindAllStringSubmatch(message, -1) {
		args[m[1]] = strings.ToLower(fmt.Sprint(args[m[1]]))
	}
	if m := passes.FindStringSubmatch(hint); m != nil {
		args["branch"] = m[1] + strings.ReplaceAll(fmt.Sprint(args["branch"]), "/", "-")
	}
	if strings.HasPrefix(hint, "create_branch makes one") || strings.HasPrefix(hint, "Any branch but the default one") {
		if args["branch"] == "main" {
			args["branch"] = "proposal"
		}
		a.call("create_branch", object{"owner": args["owner"], "repo": args["repo"], "branch": args["branch"]})
		return a.stuck == ""
	}
	if strings.Contains(message, "commit id of 40 hex digits") {
		return a.wholeCommit(args)
	}
	after, _ := json.Marshal(args)
	return string(before) != string(after)
}

// guess gives a required argument the value of one that the tool does not have and that
// might be it, as its schema has both.
func guess(tool, name string, args object) {
	at := slices.IndexFunc(tools.All(), func(t tools.Tool) bool { return t.Name == tool })
	known := tools.All()[at].Schema().Properties
	alike := func(other string) int { // what has the name in its own comes first
		if strings.Contains(strings.ToLower(other), name) {
			return 0
		}
		return 1
	}
	others := slices.Sorted(maps.Keys(args))
	slices.SortStableFunc(others, func(a, b string) int { return alike(a) - alike(b) })
	for _, other := range others {
		if known[other] != nil {
			continue
		}
		text := fmt.Sprint(args[other])
		digits := strings.Trim(text, "0123456789") == ""
		switch {
		case name == "owner" || name == "repo":
			if owner, repo, ok := strings.Cut(text, "/"); ok {
				args["owner"], args["repo"] = owner, repo
				delete(args, other)
				return
			}
		case digits == (known[name].Type == "integer"):
			args[name] = args[other]
			delete(args, other)
			return
		}
	}
}

// wholeCommit looks for a commit whose id begins as the one that is given.
func (a *agent) wholeCommit(args object) bool {
	listed := a.call("list_commits", object{"owner": args["owner"], "repo": args["repo"], "limit": 50})
	for _, row := range listed.Items() {
		if short := fmt.Sprint(args["sha"]); strings.HasPrefix(fmt.Sprint(row["sha"]), short) {
			args["sha"] = row["sha"]
			return true
		}
	}
	return false
}
