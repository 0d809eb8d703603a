package operatorfile

import "testing"

// What Windows' lists of access let others do to a file, and to a folder on the way.
func TestOthersByListsOfAccess(t *testing.T) {
	t.Parallel()
	const (
		system, admins, installer = "S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
		everybody, users, alice   = "S-1-1-0", "S-1-5-32-545", "S-1-5-21-1-2-3-1001"
		creator                   = "S-1-3-0"
		all, reads                = 0x1f01ff, 0x1200a9
	)
	grants := func(sid string, mask uint32) accessEntry { return accessEntry{sid: sid, mask: mask, plain: true} }
	below := func(e accessEntry) accessEntry { e.inheritOnly = true; return e }
	for _, c := range []struct {
		name    string
		owner   string
		entries []accessEntry
		rights  uint32
		want    string
	}{
		{"an installer's file", admins, []accessEntry{grants(system, all), grants(admins, all), grants(users, reads)}, changes, ""},
		{"SYSTEM's", system, []accessEntry{grants(installer, all)}, changes, ""},
		{"TrustedInstaller's", installer, nil, changes, ""},
		{"a user's own", alice, []accessEntry{grants(admins, all)}, changes, alice},
		{"nobody knows whose", "", nil, changes, unknownOwner},
		{"users may write", admins, []accessEntry{grants(users, 0x2)}, changes, users},
		{"users may append", admins, []accessEntry{grants(users, 0x4)}, changes, users},
		{"users may delete", admins, []accessEntry{grants(users, 0x10000)}, changes, users},
		{"users may say who may", admins, []accessEntry{grants(users, 0x40000)}, changes, users},
		{"users may take it", admins, []accessEntry{grants(users, 0x80000)}, changes, users},
		{"everybody may all", admins, []accessEntry{grants(everybody, genericAll)}, changes, everybody},
		{"everybody writes", admins, []accessEntry{grants(everybody, genericWrite)}, changes, everybody},
		{"one user, among others", admins, []accessEntry{grants(system, all), grants(alice, all)}, changes, alice},
		{"what is denied grants nothing", admins, []accessEntry{{sid: users, mask: all, denies: true, plain: true}}, changes, ""},
		{"what is made below is another", admins, []accessEntry{below(grants(creator, all)), below(grants(users, all))}, replaces, ""},
		{"a creator is nobody", admins, []accessEntry{grants(creator, all)}, replaces, ""},
		{"users may add to ProgramData", system, []accessEntry{grants(users, 0x1201bf&^0x2), grants(users, 0x2)}, replaces, ""},
		{"users may take from a folder", system, []accessEntry{grants(users, fileDeleteChild)}, replaces, users},
		{"with a condition", admins, []accessEntry{{sid: users, mask: reads}}, changes, users},
	} {
		if got := others(c.owner, c.entries, c.rights); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
