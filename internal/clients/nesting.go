package clients

// mostNested bounds brackets in brackets: the parsers call themselves for each, and a
// program whose stack is full just ends.
const mostNested = 10_000

// tooDeep counts brackets. Those within texts count as well, which come in pairs mostly.
func tooDeep(body string) bool {
	depth := 0
	for i := range len(body) {
		switch body[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if depth > mostNested {
			return true
		}
	}
	return false
}
