package operatorfile

import (
	"cmp"
	"slices"
)

// Access on Windows is an owner and a list of entries that grant rights. Whether that
// lets anybody but an administrator change something is judged here, on what was read.

// Rights that count, as Windows has them.
const (
	fileWriteData       = 0x2
	fileAppendData      = 0x4
	fileWriteEA         = 0x10
	fileDeleteChild     = 0x40
	fileWriteAttributes = 0x100
	deleteIt            = 0x10000
	writeDAC            = 0x40000
	writeOwner          = 0x80000
	genericAll          = 0x10000000
	genericWrite        = 0x40000000

	// replaces is what it takes to put something else in the place of a folder or of what
	// is in it. Whoever may only add to a folder can do neither.
	replaces = fileDeleteChild | deleteIt | writeDAC | writeOwner | genericAll
	// changes is what it takes to change a file.
	changes = fileWriteData | fileAppendData | fileWriteEA | fileWriteAttributes | deleteIt | writeDAC | writeOwner | genericAll | genericWrite
)

// accessEntry is an entry of a list of access.
type accessEntry struct {
	sid         string
	mask        uint32
	denies      bool
	inheritOnly bool // it is about what is made below, and not about this
	plain       bool // it is of the kind that grants, without conditions
}

// managers are those who administer a machine: SYSTEM, the Administrators and
// TrustedInstaller. The owner stands for itself, and was judged; a creator is nobody yet.
var managers = []string{
	"S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
	"S-1-3-0", "S-1-3-4",
}

// unknownOwner stands for an owner that Windows does not tell.
const unknownOwner = "somebody unknown"

// others returns who besides the administrators may do one of these things, "" for
// nobody. An entry of a kind that is not known grants them.
func others(owner string, entries []accessEntry, rights uint32) string {
	if !slices.Contains(managers[:3], owner) {
		return cmp.Or(owner, unknownOwner)
	}
	for _, e := range entries {
		if e.denies || e.inheritOnly || e.mask&rights == 0 && e.plain || e.plain && slices.Contains(managers, e.sid) {
			continue
		}
		return e.sid
	}
	return ""
}
