package operatorfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// followManaged resolves links, and judges each folder on the way that was given and on
// the one that it leads to.
func followManaged(name string) (final string, info fs.FileInfo, warnings []string, err error) {
	if name, err = filepath.Abs(name); err != nil {
		return "", nil, nil, err
	}
	if final, info, warnings, err = follow(name); err != nil {
		return "", nil, nil, err
	}
	for _, way := range []string{name, final} {
		for folder := filepath.Dir(way); ; folder = filepath.Dir(folder) {
			if err := onlyManaged("the folder "+folder, folder, replaces); err != nil {
				return "", info, nil, err
			}
			if folder == filepath.Dir(folder) {
				break
			}
		}
	}
	return final, info, warnings, nil
}

func judgeManaged(file string, _ fs.FileInfo) ([]string, error) {
	return nil, onlyManaged("the file", file, changes)
}

// JudgeManagedFolder refuses a folder of which somebody else than the machine's
// administrator could change what is in it, or a folder on the way.
func JudgeManagedFolder(folder string) error {
	final, info, _, err := followManaged(folder)
	if err != nil {
		return reason(err)
	}
	if !info.IsDir() {
		return errNoFolder
	}
	return onlyManaged("the folder "+final, final, replaces)
}

// JudgeFolder judges nothing here.
func JudgeFolder(string) error { return nil }

// onlyManaged refuses what somebody else than an administrator may change.
func onlyManaged(what, name string, rights uint32) error {
	owner, entries, err := accessTo(name)
	if err != nil {
		return fmt.Errorf("who may change %s can't be told: %w", what, err)
	}
	if who := others(owner, entries, rights); who != "" {
		return fmt.Errorf("%s may be changed by %s, and only an administrator may change it: give it to the Administrators, and take from others the rights to write and delete", what, account(who))
	}
	return nil
}

// accessTo reads who owns something, and its list of access. Without a list everybody
// may do everything, which is an error.
func accessTo(name string) (owner string, entries []accessEntry, err error) {
	sd, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return "", nil, err
	}
	sid, _, err := sd.Owner()
	if err != nil {
		return "", nil, err
	}
	list, _, err := sd.DACL()
	if err != nil {
		return "", nil, err
	}
	if list == nil {
		return "", nil, errors.New("it has no list of access, so that everybody may")
	}
	for i := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &ace); err != nil {
			return "", nil, err
		}
		e := accessEntry{mask: uint32(ace.Mask), inheritOnly: ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0}
		switch ace.Header.AceType {
		case windows.ACCESS_ALLOWED_ACE_TYPE:
			e.plain = true
		case windows.ACCESS_DENIED_ACE_TYPE:
			e.plain, e.denies = true, true
		}
		if e.plain {
			e.sid = (*windows.SID)(unsafe.Pointer(&ace.SidStart)).String()
		} else {
			e.sid = "an entry with a condition"
		}
		entries = append(entries, e)
	}
	return sid.String(), entries, nil
}

// account is a principal's name, or its id where it has none.
func account(sid string) string {
	parsed, err := windows.StringToSid(sid)
	if err != nil {
		return sid
	}
	name, domain, _, err := parsed.LookupAccount("")
	if err != nil {
		return sid
	}
	return domain + `\` + name
}
