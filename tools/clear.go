package tools

import (
	"errors"
	"slices"
	"strings"
)

// errNothingGiven refuses a change of nothing.
var errNothingGiven = errors.New("nothing is given that should be changed")

// clearing are the members of an issue or a pull request that can be emptied. An empty
// argument stands for none, because models fill in what they do not mean: what is to be
// emptied is named.
type clearing struct {
	body      **string
	labels    *[]string
	assignees *[]string
	milestone **string
}

// of empties what is named. What is given as well is refused.
func (c clearing) of(names []string) error {
	var wrong []error
	for name, list := range map[string]*[]string{"labels": c.labels, "assignees": c.assignees} {
		if !slices.Contains(names, name) {
			continue
		}
		if *list != nil {
			wrong = append(wrong, errors.New(name+" is given, and is to be cleared"))
		}
		*list = []string{}
	}
	for name, text := range map[string]**string{"body": c.body, "milestone": c.milestone} {
		if !slices.Contains(names, name) {
			continue
		}
		if *text != nil {
			wrong = append(wrong, errors.New(name+" is given, and is to be cleared"))
		}
		*text = new(string)
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(wrong...)
}
