package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/sampleforge"
)

// keysOf runs aegis keys, and returns what is on its standard output.
func keysOf(t *testing.T, file string, args ...string) string {
	t.Helper()
	command := exec.Command(aegis(t), append(append([]string{"keys"}, args...), "--keys", file)...)
	command.Env = []string{"HOME=" + filepath.Dir(file)}
	out, err := command.Output()
	if err != nil {
		t.Fatalf("aegis keys %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// A key counts from when it is made until it is revoked, while the server runs; its secret
// can be changed, and is written down nowhere.
func TestI12_KeysComeAndGo(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	file, token := filepath.Join(folder, "keys.yaml"), filepath.Join(folder, "token")
	if err := os.WriteFile(token, []byte(sampleforge.DemoToken()), 0o600); err != nil {
		t.Fatal(err)
	}
	first := keysOf(t, file, "add", "first", "--shared-token")
	s := serveIn(t, folder, forge.URL, map[string]string{"AEGIS_KEYS_FILE": file, "MAX_AUTH_FAILURES": "1000"})
	if s.url == "" {
		t.Fatal(s.said())
	}
	comes := func(key string, want bool) {
		t.Helper()
		a, err := s.post(key, "get_file_contents", readPrivate, "")
		if err != nil || strings.Contains(a, "untrusted") != want {
			t.Errorf("let in: want %t; %v %.200s", want, err, a)
		}
	}
	comes(first, true)
	comes("", false)
	second := keysOf(t, file, "add", "second", "--gitea-token-file", token)
	comes(second, true)
	abroad := keysOf(t, file, "add", "abroad", "--shared-token", "--from", "203.0.113.0/24")
	comes(abroad, false)
	fresh := keysOf(t, file, "rotate", "first", "--overlap", "1h")
	comes(fresh, true)
	comes(first, true)
	again := keysOf(t, file, "rotate", "first")
	comes(again, true)
	comes(first, false)
	stream, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + second, "Content-Type": "application/json", "Accept": "application/json, text/event-stream"} {
		stream.Header.Set(name, value)
	}
	begun, err := http.DefaultClient.Do(stream)
	if err != nil || begun.StatusCode != http.StatusOK {
		t.Fatalf("no session: %v %v", err, begun)
	}
	defer begun.Body.Close()
	keysOf(t, file, "revoke", "second")
	comes(second, false)
	time.Sleep(1500 * time.Millisecond) // sessions end within a second
	if status, took := s.end(); status != 0 || took > 5*time.Second {
		t.Errorf("status %d after %s", status, took)
	}
	told := s.said()
	revoked := false
	verified(t, logIn(folder))
	raw, err := os.ReadFile(logIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		told += line
		revoked = revoked || strings.Contains(line, `"kind":"session_end"`) && strings.Contains(line, `"principal":"second"`) && strings.Contains(line, "the key is no longer in force")
	}
	if !revoked || !strings.Contains(told, "(abroad): 1") {
		t.Errorf("the log does not tell of it:\n%s", told)
	}
	for _, key := range []string{first, second, abroad, fresh, again, sampleforge.DemoToken()} {
		if strings.Contains(told, key) {
			t.Errorf("%s is written down", key)
		}
	}
}
