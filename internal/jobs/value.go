package jobs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"aegis/internal/jobs/document"
	"aegis/internal/jobs/hook"
)

// Value is what a step gives as an argument: what stands in the file, with values in it.
type Value interface {
	// in makes the value of what is known when the step runs.
	in(s *Scope) (any, error)
}

// The forms of values.
type (
	fixed    struct{ value any } // string, int64 or bool
	template []part              // text with values in it, or one value alone
	written  struct{ template }  // one that is always a text
	list     []Value
	object   map[string]Value
)

// part is a piece of a text: words, or a value.
type part struct {
	text  string
	value *reference // nil for words
}

// reference is ${space.member}, ${steps.ID.member} or ${steps.ID.first.member}.
type reference struct {
	space  string // event, item, steps, rows
	id     string // of a step
	first  bool   // of the step's first row
	member string
	kind   Kind
	of     string // the repository that it is of, as [Query.about] has it
}

func (r *reference) String() string {
	words := []string{r.space}
	if r.id != "" {
		words = append(words, r.id)
	}
	if r.first {
		words = append(words, "first")
	}
	if r.member != "" {
		words = append(words, r.member)
	}
	return "${" + strings.Join(words, ".") + "}"
}

// known is what a value can be taken from at a place of a job.
type known struct {
	event   *hook.Kind // nil for a schedule
	actions []string
	item    map[string]Kind   // nil outside of a loop
	itemOf  string            // the repository that items are of
	steps   map[string]answer // by their ids
	rows    map[string]bool   // ids of loops that make rows
}

// inside is what is known in a loop.
func (k known) inside(item map[string]Kind, of string) known {
	return known{k.event, k.actions, item, of, maps.Clone(k.steps), k.rows}
}

var inBraces = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`) })

const forms = "; a value is ${event.NAME}, ${item.NAME}, ${steps.ID.NAME}, ${steps.ID.first.NAME} or ${rows.ID}"

// valueError says what is wrong with a value in a text, and which one it is.
type valueError struct{ value, why string }

func (e *valueError) Error() string { return e.why }

// parseText takes a text apart. Its error is a [*valueError] and says what to write.
func parseText(text string, k *known) (all template, err error) {
	for {
		before, rest, found := strings.Cut(text, "${")
		if before != "" {
			all = append(all, part{text: before})
		}
		if !found {
			return all, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !inBraces().MatchString(name) {
			line, _, _ := strings.Cut(rest, "\n")
			return nil, &valueError{"${" + line, "has a ${ that begins no value" + forms}
		}
		r, err := k.find(strings.Split(name, "."))
		if err != nil {
			return nil, &valueError{"${" + name + "}", err.Error()}
		}
		all, text = append(all, part{value: r}), after
	}
}

// find makes a reference of its words, if there is such a value here.
func (k *known) find(words []string) (*reference, error) {
	r := &reference{space: words[0]}
	switch {
	case r.space == "event" && len(words) == 2:
		return r, k.ofEvent(r, words[1])
	case r.space == "item" && len(words) == 2:
		if k.item == nil {
			return nil, fmt.Errorf("takes ${item.…}, which is there in the do of a for_each alone")
		}
		r.of = k.itemOf
		return r, member(r, "an item of this list", k.item, words[1])
	case r.space == "rows" && len(words) == 2:
		if r.id = words[1]; !k.rows[r.id] {
			return nil, fmt.Errorf("takes rows of %s; a for_each before this step must have that id, and a row in its do", document.Quote(r.id))
		}
		r.kind = Rows
		return r, nil
	case r.space == "steps" && (len(words) == 3 || len(words) == 4 && words[2] == "first"):
		r.id = words[1]
		a, ok := k.steps[r.id]
		if !ok {
			return nil, fmt.Errorf("takes the answer of %s%s; a step before this one must have that id", document.Quote(r.id), document.Closest(r.id, sorted(k.steps)))
		}
		r.of = a.of
		if r.first = len(words) == 4; r.first {
			return r, member(r, "the first row of "+r.id, a.row, words[3])
		}
		if words[2] == "text" && a.text {
			r.member, r.kind = "text", Lines
			return r, nil
		}
		members := a.members
		if a.text {
			members = with(members, "text", Lines)
		}
		return r, member(r, "the answer of "+r.id, members, words[2])
	}
	return nil, fmt.Errorf("has %s, which is no value%s", document.Quote("${"+strings.Join(words, ".")+"}"), forms)
}

// member looks a value up among those that there are.
func member(r *reference, where string, members map[string]Kind, name string) error {
	kind, ok := members[name]
	if !ok {
		has := strings.Join(sorted(members), ", ")
		if has == "" {
			has = "none"
		}
		return fmt.Errorf("takes %s of %s%s, which has these values: %s. What people write is none", document.Quote(name), where, document.Closest(name, sorted(members)), has)
	}
	r.member, r.kind = name, kind
	return nil
}

// eventKinds are the kinds of an event's values.
var eventKinds = map[string]Kind{
	"repository": Repo, "number": Number, "action": Word, "label": Label, "ref": Ref, "sha": SHA, "run_id": Run, "sender": Login,
}

func (k *known) ofEvent(r *reference, name string) error {
	if k.event == nil {
		return fmt.Errorf("takes ${event.%s}, and a schedule has no event; only a job with on: {webhook: …} has", name)
	}
	has := make(map[string]Kind)
	for _, field := range k.event.Fields {
		has[field] = eventKinds[field]
	}
	if err := member(r, "an event "+k.event.Name, has, name); err != nil {
		return err
	}
	if name == "label" && !slices.Equal(k.actions, []string{"label_updated"}) {
		return fmt.Errorf("takes ${event.label}, which is there with action: [label_updated] alone")
	}
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// fits says why a text may not stand at a place, nil if it may.
func (t template) fits(p place, many bool) error {
	alone := len(t) == 1 && t[0].value != nil
	for i, each := range t {
		switch {
		case each.value == nil:
		case alone && slices.Contains(p.whole, each.value.kind):
		case p.text && inText[each.value.kind]:
		case p.blocks && (each.value.kind == Lines || each.value.kind == Rows):
			before, after := i == 0 || strings.HasSuffix(t[i-1].text, "\n"), i == len(t)-1 || strings.HasPrefix(t[i+1].text, "\n")
			if !before || !after {
				return &valueError{each.value.String(), fmt.Sprintf("has %s beside other text; write it on a line of its own", each.value)}
			}
			if t.hasMarkup() {
				return &valueError{each.value.String(), fmt.Sprintf("has %s in a text with HTML, a fence or a formula, which a line of it could end; it is quoted as it is, so remove that", each.value)}
			}
		default:
			return &valueError{each.value.String(), fmt.Sprintf("has %s, a %s; %s", each.value, each.value.kind, p.takes(many))}
		}
	}
	return nil
}

var markup = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("```|~~~|\\$\\$|\\\\\\[|<[a-zA-Z/!?]") })

// hasMarkup reports whether a text has what Markdown leaves as it is up to some end, so that a fence
// in it is none.
func (t template) hasMarkup() bool {
	var b strings.Builder
	for _, each := range t {
		b.WriteString(each.text)
		if each.value != nil {
			b.WriteString("x")
		}
	}
	return markup().MatchString(b.String())
}

// takes says what may stand at a place.
func (p place) takes(many bool) string {
	switch {
	case p.blocks:
		return "here may stand numbers, dates, commit ids, repositories and words of Gitea's, and lines or rows on a line of their own"
	case p.text:
		return "here may stand numbers, dates, commit ids, repositories and words of Gitea's"
	case len(p.whole) == 0:
		return "this takes no value; write it out"
	}
	var kinds []string
	for _, k := range p.whole {
		kinds = append(kinds, string(k))
	}
	if many {
		return "each of this takes one value alone: a " + strings.Join(kinds, " or a ")
	}
	return "this takes one value alone: a " + strings.Join(kinds, " or a ")
}
