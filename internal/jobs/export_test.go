package jobs

import "maps"

// AnsweringTools are those of whose answers something is a value.
func AnsweringTools() []string { return sorted(answers) }

// PlacedParameters are the arguments that take values.
func PlacedParameters() []string { return sorted(places) }

// Quoted is a text as a block.
func Quoted(text string, marked func(string) bool) (string, bool) { return quoted(text, marked) }

// FilterNames are the filters that there are.
func FilterNames() []string { return sorted(filterNeeds) }

// ValuesOf are the values of a tool's answer, and of its rows.
func ValuesOf(tool string) (members, rows map[string]Kind) {
	return maps.Clone(answers[tool].members), maps.Clone(answers[tool].row)
}

// Reads reports whether what an answer has is of a kind.
func Reads(k Kind, found any) bool {
	_, ok := k.read(found)
	return ok
}
