package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aegis/audit"
	"aegis/gate/caller"
)

// What a change carries along, as it is recorded.
const (
	carriesFrom     = "from "
	carriesNarrow   = "what few see"
	carriesStranger = "what a stranger made"
	carriesOutward  = "what tells others"
	strangersText   = "stranger"
	humanBy         = "a human by "
)

// note records the case.
func (c *FlowCase) note(e *audit.Case) {
	e.Visibility = string(c.target)
	if c.reaches.repo != "" {
		e.Reaches = c.reaches.String()
	}
	for _, s := range c.shown {
		e.Marks = append(e.Marks, s.recorded(string(s.Visibility)))
	}
	if c.strange != nil {
		e.Marks = append(e.Marks, c.strange.recorded(strangersText))
	}
	for _, from := range c.from {
		e.Carries = append(e.Carries, carriesFrom+from.String())
	}
	for text, is := range map[string]bool{carriesNarrow: c.narrow, carriesStranger: c.carries, carriesOutward: c.outward} {
		if is {
			e.Carries = append(e.Carries, text)
		}
	}
	slices.Sort(e.Carries)
	e.Unasked = slices.Clone(c.unasked)
	if c.tooLate != "" {
		e.Unasked = append(e.Unasked, humanBy+c.tooLate)
	}
}

func (s sight) String() string { return string(s.visibility) + " " + s.repo }

func (s shown) recorded(kind string) string {
	return fmt.Sprintf("%s %s %s %s", kind, s.age, s.Call, s.Repo)
}

// FlowCaseOf returns the case of flow control that an entry of the audit log says was
// decided. ok is false if it is about none: a call that reads, or was refused before.
func FlowCaseOf(s audit.Stored) (c FlowCase, ok bool, err error) {
	if s.Case.Visibility == "" {
		return FlowCase{}, false, nil
	}
	c.target = Visibility(s.Case.Visibility)
	if s.Case.Reaches != "" {
		c.reaches, err = parseSight(s.Case.Reaches)
	}
	for _, text := range s.Case.Marks {
		seen, parseErr := parseShown(text)
		err = errors.Join(err, parseErr)
		if strings.HasPrefix(text, strangersText+" ") {
			c.strange = &seen
			continue
		}
		c.shown = append(c.shown, seen)
	}
	for _, text := range s.Case.Carries {
		from, is := strings.CutPrefix(text, carriesFrom)
		switch {
		case is:
			each, parseErr := parseSight(from)
			c.from, err = append(c.from, each), errors.Join(err, parseErr)
		case text == carriesNarrow:
			c.narrow = true
		case text == carriesStranger:
			c.carries = true
		case text == carriesOutward:
			c.outward = true
		default:
			err = errUnreadable
		}
	}
	for _, text := range s.Case.Unasked {
		if key, is := strings.CutPrefix(text, humanBy); is {
			c.tooLate = key
			continue
		}
		c.unasked = append(c.unasked, text)
	}
	return c, err == nil, err
}

var errUnreadable = errors.New("the entry has a case that can't be read")

func parseSight(text string) (sight, error) {
	visibility, repo, ok := strings.Cut(text, " ")
	if !ok {
		return sight{}, errUnreadable
	}
	return sight{repo, Visibility(visibility)}, nil
}

func parseShown(text string) (shown, error) {
	words := strings.SplitN(text, " ", 4)
	if len(words) < 4 {
		return shown{}, errUnreadable
	}
	age, err := time.ParseDuration(words[1])
	return shown{caller.Seen{Visibility: Visibility(words[0]), Mark: caller.Mark{Call: words[2], Repo: words[3]}}, age}, err
}
