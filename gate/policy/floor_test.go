package policy

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// floorAt makes a floor's file, with a folder of its own.
func floorAt(t *testing.T, source string) string {
	t.Helper()
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("only root has files that an administrator has")
	}
	file := filepath.Join(t.TempDir(), "aegis", "policy.yaml")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// What is no floor, what is one, and what is broken, which is never taken for none.
func TestWhatIsAFloor(t *testing.T) {
	t.Parallel()
	const good = "version: 1\n"
	for name, c := range map[string]struct {
		change func(file string) error
		none   bool
		broken string
	}{
		"there is one":          {},
		"no file":               {change: os.Remove, none: true},
		"no folder":             {change: func(file string) error { return os.RemoveAll(filepath.Dir(file)) }, none: true},
		"a link":                {change: func(file string) error { return moved(file, file+".real") }},
		"a link to nothing":     {change: func(file string) error { return link(file, "nothing") }, broken: "no such file"},
		"a folder in its place": {change: func(file string) error { return replaced(file, os.Mkdir) }, broken: "not a regular file"},
		"a folder that is a file": {change: func(file string) error {
			return replaced(filepath.Dir(file), func(name string, _ os.FileMode) error { return os.WriteFile(name, nil, 0o644) })
		}, broken: "not a directory"},
		"a folder that is a link to nothing": {change: func(file string) error { return link(filepath.Dir(file), "nothing") }, broken: "no such file"},
		"no file in somebody's folder": {change: func(file string) error {
			return errors.Join(os.Remove(file), os.Chown(filepath.Dir(file), 4242, 4242))
		}, broken: "somebody else may have removed it"},
		"empty":             {change: func(file string) error { return os.WriteFile(file, nil, 0o644) }, broken: "empty"},
		"another version":   {change: func(file string) error { return os.WriteFile(file, []byte("version: 2\n"), 0o644) }, broken: "version"},
		"somebody's":        {change: func(file string) error { return os.Chown(file, 4242, 4242) }, broken: "belongs to another user"},
		"somebody's folder": {change: func(file string) error { return os.Chown(filepath.Dir(file), 4242, 4242) }, broken: "belongs to another user"},
		"a group's":         {change: func(file string) error { return os.Chmod(file, 0o664) }, broken: "group-writable"},
		"a group's folder":  {change: func(file string) error { return os.Chmod(filepath.Dir(file), 0o775) }, broken: "group-writable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := floorAt(t, good)
			if c.change != nil {
				if err := c.change(file); err != nil {
					t.Fatal(err)
				}
			}
			f, _ := NewFloor(file)
			p, change, err := f.Current()
			switch {
			case c.broken != "" && (p != nil || err == nil || change == nil || !strings.Contains(err.Error(), c.broken) || !strings.Contains(err.Error(), file)):
				t.Errorf("%v, %v, %v", p, change, err)
			case c.broken == "" && (err != nil || change != nil || (p == nil) != c.none):
				t.Errorf("%v, %v, %v", p, change, err)
			}
			if _, change, _ := f.Current(); change != nil {
				t.Errorf("told twice: %v", change)
			}
			s, _, err := NewStore("", nil)
			if err != nil {
				t.Fatal(err)
			}
			s.StandOn(f)
			if _, err := s.InForce(); (err != nil) != (c.broken != "") || (s.Err() != nil) != (c.broken != "") {
				t.Errorf("in force: %v", err)
			}
		})
	}
}

// A floor that is for some people only is told to be none for those who give the names.
func TestAFloorForSomeIsDoubted(t *testing.T) {
	t.Parallel()
	for source, doubts := range map[string]int{
		"version: 1\nrepositories: {acme/x: {read: deny}}\n":                        0,
		"version: 1\nrepositories: {acme/x: {principals: [ann], read: deny}}\n":     1,
		"version: 1\nrepositories: {acme/x: {principals: [\"*\"], write: allow}}\n": 1,
	} {
		f, warnings := NewFloor(floorAt(t, source))
		if p, err := f.Holds(); p == nil || err != nil || len(warnings) != doubts {
			t.Errorf("%s: %v, %v", source, warnings, err)
		}
	}
}

// A policy on a floor of the same text is itself, and on another one both.
func TestOnFloor(t *testing.T) {
	t.Parallel()
	p, same, other := parse(t, "version: 1\n"), parse(t, "version: 1\n"), parse(t, "version: 1\ndefaults: {read: deny}\n")
	q := ask("get_repository", "acme/app")
	if OnFloor(p, nil) != p || OnFloor(p, same) != p || !OnFloor(p, same).Decide(q).Allow || OnFloor(p, other).Decide(q).Allow {
		t.Error("a floor is not what it is")
	}
}

func link(name, to string) error {
	if err := os.RemoveAll(name); err != nil {
		return err
	}
	return os.Symlink(to, name)
}

func moved(name, to string) error {
	if err := os.Rename(name, to); err != nil {
		return err
	}
	return os.Symlink(to, name)
}

func replaced(name string, by func(string, os.FileMode) error) error {
	if err := os.RemoveAll(name); err != nil {
		return err
	}
	return by(name, 0o755)
}

// Where the floor is, no variable of the environment says.
func TestTheFloorsPlaceIsNobodysToMove(t *testing.T) {
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "HOME", "ProgramData", "PROGRAMDATA", "ALLUSERSPROFILE"} {
		t.Setenv(name, t.TempDir())
	}
	want := map[string]string{"darwin": "/Library/Application Support/Aegis/policy.yaml", "windows": `:\ProgramData\Aegis\policy.yaml`}[runtime.GOOS]
	if want == "" {
		want = "/etc/aegis/policy.yaml"
	}
	if got := FloorFile(); !strings.HasSuffix(got, want) {
		t.Error(got)
	}
}
