package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"aegis/internal/clients"
	"aegis/internal/operatorfile"
)

// checkClients looks at the entries of Aegis in the configuration of clients.
func (d *doctor) checkClients() {
	all, err := d.machine()
	if err != nil {
		return
	}
	found := 0
	for _, c := range all {
		found += d.checkClientsFile(c, false)
	}
	if here, err := os.Getwd(); err == nil {
		for _, c := range all {
			if file := c.InProject(here); file != "" && file != c.file {
				c.file = file
				found += d.checkClientsFile(c, true)
			}
		}
	}
	if found == 0 {
		d.note(doubt, "clients", "\"aegis init\" makes one", "no client here has an entry that starts Aegis")
	}
}

// checkClientsFile looks at a client's file, of its user or of the project in this folder. It
// returns how many entries start Aegis.
func (d *doctor) checkClientsFile(c installed, project bool) (found int) {
	if _, err := os.Stat(c.file); errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	text, err := readClient(c.file)
	if err != nil {
		d.note(doubt, c.Title, "make it readable; the client may not read it either", "%s %v", c.file, err)
		return 0
	}
	servers, err := clients.Entries(c.Client, text)
	if err != nil {
		d.note(doubt, c.Title, "mend the file; the client may not read it either", "%s %v", c.file, err)
		return 0
	}
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		if server := servers[name]; name == clients.Name || programName(server.Command) == "aegis" {
			found++
			d.checkEntry(c, name, server, project)
		}
	}
	return found
}

// programName is a program's name without folder and ending.
func programName(command string) string {
	if i := strings.LastIndexAny(command, `/\`); i >= 0 {
		command = command[i+1:]
	}
	return strings.TrimSuffix(strings.ToLower(command), ".exe")
}

// checkEntry says whether a client would start Aegis by an entry.
func (d *doctor) checkEntry(c installed, name string, s clients.Server, project bool) {
	told := len(d.checks)
	say := func(status, fix, format string, args ...any) {
		d.note(status, c.Title, fix, "entry %s in %s: %s", quoted(name), c.file, fmt.Sprintf(format, args...))
	}
	again, program := "run \"aegis init --client "+c.Name+"\"", shownProgram(s.Command)
	switch {
	case s.Command == "":
		say(failed, again, "it names no command")
	case filepath.IsAbs(s.Command):
		if !executable(s.Command) {
			say(failed, again, "there is no program %s", program)
		}
	case strings.ContainsAny(s.Command, `/\`):
		say(failed, again, "%s is found from one folder alone; write the whole path", program)
	case c.Terminal && d.inPath(s.Command) == "":
		say(failed, again, "%s is in no folder of PATH", program)
	case !c.Terminal && inFolders(s.Command, shortPath()) == "":
		say(doubt, again, "%s is looked for in the client's PATH, which is short if it is started from a menu; write the whole path", program)
	}
	if programName(s.Command) == "aegis" && !slices.Contains(s.Args, "--stdio") {
		say(failed, again, "it lacks the argument --stdio")
	}
	for _, variable := range slices.Sorted(maps.Keys(s.Env)) {
		d.checkVariable(say, c, variable, s.Env[variable], project)
	}
	if s.Off {
		say(doubt, "turn it on in the client", "it is turned off, and the client does not start it")
	}
	if len(d.checks) == told {
		say(fine, "", "it would start %s", program)
	}
}

// shownProgram is a command as an entry has it, if it is the name of a program or of a file.
// A line for a shell may hold anything.
func shownProgram(command string) string {
	if executable(command) || !tokenLike(command) && !strings.ContainsAny(command, " \t=:'\"$") {
		return quoted(command)
	}
	return "its command, which is not shown,"
}

// checkVariable looks at one variable of an entry. What it holds is not shown: it may be a
// token in the wrong place.
func (d *doctor) checkVariable(say func(status, fix, format string, args ...any), c installed, variable, value string, project bool) {
	secret, file := false, false
	for name, row := range allSettings {
		if slices.Contains(row.env, variable) {
			secret, file = row.secret, isFile(name) && name != auditLog && name != killSwitch && name != stateFile && name != metricsFile
		}
	}
	holder := operatorfile.Placeholder(value)
	switch {
	case value == "":
	case holder != "" && !(c.Name == "vscode" && strings.HasPrefix(holder, "${input:")):
		say(doubt, "write the value itself, unless the client fills that in", "%s is still a placeholder", variable)
	case secret && holder == "" && project:
		say(failed, "put the token into a file of mode 0600 outside, name it in GITEA_TOKEN_FILE, and make a new one in Gitea", "%s holds a secret, and a project's file is shared", variable)
	case secret && holder == "":
		say(doubt, "put the token into a file of mode 0600, and name it in GITEA_TOKEN_FILE", "%s holds a secret, and others may read the client's file", variable)
	case file && strings.HasPrefix(value, "~"):
	case file && !filepath.IsAbs(value):
		say(failed, "write the whole path", "%s is found from one folder alone", variable)
	case file && !exists(value):
		say(failed, "run \"aegis init --client "+c.Name+"\"", "%s names a file that is not there", variable)
	case variable == "GITEA_TOKEN_FILE" && readByOthers(value):
		say(doubt, "chmod 600 that file", "%s names a file that everybody on this machine may read", variable)
	}
}

func readByOthers(file string) bool {
	info, err := os.Stat(file)
	return err == nil && operatorfile.OthersCanRead(info)
}

// shortPath is where programs are looked for by a client that was started from a menu.
func shortPath() []string {
	switch runtime.GOOS {
	case "windows":
		return filepath.SplitList(os.Getenv("PATH")) // the same for all
	case "darwin":
		return []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}
	}
	return []string{"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"}
}

// inFolders is where a program is found, "" if it is not.
func inFolders(name string, folders []string) string {
	for _, folder := range folders {
		if file := filepath.Join(folder, name); executable(file) {
			return file
		}
	}
	return ""
}

func executable(file string) bool {
	_, err := exec.LookPath(file)
	return err == nil
}
