package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// systemd finds no fault with the unit, and rates its exposure among the lowest that a
// service on the network can have.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	analyze := needs(t, "systemd-analyze", "it comes with systemd 250 or later")
	folder := t.TempDir()
	program := filepath.Join(folder, "aegis")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(folder, "aegis.service")
	write(t, unit, strings.Replace(read(t, "systemd", "aegis.service"), "/usr/local/bin/aegis", program, 1))
	said, err := run(t, folder, analyze, "verify", "--man=no", unit)
	if strings.Contains(said, "Failed to") && strings.Contains(said, "manager") {
		notRun(t, "systemd-analyze can't verify here: "+firstLine(said))
	}
	if err != nil || strings.TrimSpace(said) != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	// In tenths: 0 is none, 100 is all.
	if said, err := run(t, folder, analyze, "security", "--offline=true", "--no-pager", "--threshold=15", unit); err != nil {
		if strings.Contains(said, "offline") {
			notRun(t, "this systemd-analyze rates no unit that is not loaded: "+firstLine(said))
		}
		t.Errorf("systemd-analyze security: %v\n%s", err, said)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// The unit's settings hold no secret, and name what its sandbox lets it read and write.
func TestSystemdSettings(t *testing.T) {
	t.Parallel()
	unit, settings := read(t, "systemd", "aegis.service"), read(t, "systemd", "aegis.env")
	for _, secret := range []string{"TOKEN", "MCP_API_KEYS", "PASSWORD"} {
		if strings.Contains(settings, secret+"=") || strings.Contains(unit, secret) {
			t.Errorf("%s stands in the settings", secret)
		}
	}
	for _, line := range []string{
		"StateDirectory=aegis", "XDG_STATE_HOME=/var/lib", "ProtectSystem=strict", "ReadOnlyPaths=/etc/aegis", "RestartPreventExitStatus=2", "MemoryMax=512M",
		"CapabilityBoundingSet=\n", "NoNewPrivileges=yes", "User=aegis",
	} {
		if !strings.Contains(unit, line) {
			t.Errorf("the unit has no %q", line)
		}
	}
	if !strings.HasPrefix(strings.Split(read(t, "systemd", "aegis.sysusers"), "\n")[1], "u aegis ") {
		t.Error("the user is another one")
	}
}
