package jobs

// AnsweringTools are those of whose answers something is a value.
func AnsweringTools() []string { return sorted(answers) }

// PlacedParameters are the arguments that take values.
func PlacedParameters() []string { return sorted(places) }

// Quoted is a text as a block.
func Quoted(text string) string { return quoted(text) }

// FilterNames are the filters that there are.
func FilterNames() []string { return sorted(filterNeeds) }
