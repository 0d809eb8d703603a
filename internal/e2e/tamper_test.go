package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// Whoever touches the log of a running session ends its work, not its record.
func TestI2_ALogThatWasTamperedWithDenies(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]func(log string) error{
		"removed": os.Remove,
		"emptied": func(log string) error { return os.Truncate(log, 0) },
		"cut": func(log string) error {
			return rewrite(log, func(text []byte) []byte { return text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1] })
		},
		"a line more": func(log string) error {
			return rewrite(log, func(text []byte) []byte { return append(text, "{\"v\":1}\n"...) })
		},
		"its last line twice": func(log string) error {
			return rewrite(log, func(text []byte) []byte {
				return append(text, text[bytes.LastIndexByte(text[:len(text)-1], '\n')+1:]...)
			})
		},
		"its last line changed": func(log string) error {
			return rewrite(log, func(text []byte) []byte { text[len(text)-100] ^= 1; return text })
		},
		"replaced by an older one": func(log string) error {
			old, err := os.ReadFile(log + ".old")
			if err != nil {
				return err
			}
			return os.WriteFile(log, old, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			log := logIn(folder)
			s := start(t, folder, forge.URL, nil)
			s.greet()
			s.ask(readWebsite(1))
			old, err := os.ReadFile(log)
			if err == nil {
				err = os.WriteFile(log+".old", old, 0o600)
			}
			s.ask(readWebsite(2))
			if err != nil {
				t.Fatal(err)
			}
			if err := tamper(log); err != nil {
				t.Fatal(err)
			}
			s.denied(forge, readWebsite(3))
			s.denied(forge, readWebsite(4))

			next := start(t, folder, forge.URL, nil)
			next.greet()
			next.denied(forge, readWebsite(1))
			next.end()
			s.end()
			if out, err := exec.Command(aegis(t), "audit", "verify", log).CombinedOutput(); err == nil {
				t.Errorf("it verifies: %s", out)
			}
		})
	}
}

func rewrite(path string, change func([]byte) []byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, change(text), 0o600)
}
