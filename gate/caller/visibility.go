package caller

// Visibility ranks who may read a repository.
type Visibility string

// The visibilities.
const (
	Private Visibility = "private"  // those who were let in: to the repository, or to its owner's circle
	Limited Visibility = "internal" // everybody with an account
	Public  Visibility = "public"   // everybody
	Unknown Visibility = ""         // nobody can tell
)

// WhenRead is how what is read counts: what is not known to be more open is private.
func (v Visibility) WhenRead() Visibility {
	if v == Unknown {
		return Private
	}
	return v
}

// WhenWritten is how what is written to counts: what is not known to be closed is
// public.
func (v Visibility) WhenWritten() Visibility {
	if v == Unknown {
		return Public
	}
	return v
}

// Rank orders visibilities: the higher, the more people see it. What is none ranks
// lowest.
func (v Visibility) Rank() int {
	switch v {
	case Public:
		return 2
	case Limited:
		return 1
	}
	return 0
}
