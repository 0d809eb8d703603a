package keys

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's own program be another process that changes keys.
func TestMain(m *testing.M) {
	file, does := os.Getenv("KEYS_TEST_FILE"), os.Getenv("KEYS_TEST_DOES")
	if file == "" {
		os.Exit(m.Run())
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s-%d", does, i%7)
		_, err := Edit(context.Background(), file, func(all []*Key) ([]*Key, error) {
			if find(all, name) != nil {
				return Revoke(all, name)
			}
			more, _, err := Add(all, Key{Name: name}, time.Now())
			return more, err
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if i == 100 && !strings.HasPrefix(does, "endless") {
			return
		}
	}
}

func process(t *testing.T, file, does string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), "KEYS_TEST_FILE="+file, "KEYS_TEST_DOES="+does)
	return command
}

// Processes that add and revoke at once undo nothing of each other's.
func TestEditsOfProcessesAddUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(Key{Name: "stays"})
	done := make(chan string)
	names := []string{"a", "b", "c"}
	for _, name := range names {
		go func() {
			out, err := process(t, d.file, name).CombinedOutput()
			done <- fmt.Sprint(string(out), err)
		}()
	}
	for range names {
		if said := <-done; said != "<nil>" {
			t.Error(said)
		}
	}
	all, _, err := Read(d.file)
	d.do(err)
	// 101 changes of seven names: each was changed 14 times, and three once more.
	if len(all) != 1+3*len(names) || find(all, "stays") == nil {
		t.Errorf("%d keys", len(all))
	}
}

// A process that is killed at any moment leaves a file that reads, and the next change
// goes through.
func TestKilledEditsLeaveAWholeFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	secret := d.add(Key{Name: "stays"})
	s := d.open()
	for i := range 12 {
		command := process(t, d.file, "endless")
		d.do(command.Start())
		time.Sleep(time.Duration(40+7*i) * time.Millisecond)
		d.do(command.Process.Kill())
		_ = command.Wait()
		if _, _, err := Read(d.file); err != nil {
			t.Fatal(err)
		}
		if !knows(s, secret) {
			t.Fatal("a key is lost")
		}
	}
	d.put("keys.yaml.new", "half of", 0o600) // as one leaves that dies before it renames
	d.add(Key{Name: "last"})
	if _, err := os.Stat(d.file + ".new"); err == nil {
		t.Error("what was left behind is still there")
	}
}

func TestEditing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := filepath.Join(d.folder, "sub", "keys.yaml")
	_, err := Edit(t.Context(), file, func(all []*Key) ([]*Key, error) {
		more, _, err := Add(all, Key{Name: "ci"}, time.Now())
		return more, err
	})
	d.do(err)
	info, err := os.Stat(file)
	d.do(err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode())
	}
	before, err := os.ReadFile(file)
	d.do(err)
	for name, change := range map[string]func([]*Key) ([]*Key, error){
		"a doubled name": func(all []*Key) ([]*Key, error) {
			more, _, err := Add(all, Key{Name: "ci"}, time.Now())
			return more, err
		},
		"a name that is bad": func(all []*Key) ([]*Key, error) {
			more, _, err := Add(all, Key{Name: "../x"}, time.Now())
			return more, err
		},
		"an unknown one":     func(all []*Key) ([]*Key, error) { return Revoke(all, "nobody") },
		"rotating nobody":    func(all []*Key) ([]*Key, error) { _, err := Rotate(all, "nobody", 0, time.Now()); return all, err },
		"what can't be read": func(all []*Key) ([]*Key, error) { return append(all, &Key{Name: "x", Policy: "not/absolute"}), nil },
	} {
		if _, err := Edit(t.Context(), file, change); err == nil {
			t.Errorf("%s goes through", name)
		}
	}
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Error("a change that failed has changed the file")
	}
	if _, err := Revoke(nil, "x"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	// A link stays one.
	link := filepath.Join(d.folder, "link.yaml")
	d.do(os.Symlink(file, link))
	_, err = Edit(t.Context(), link, func(all []*Key) ([]*Key, error) { return Revoke(all, "ci") })
	d.do(err)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if after, _ := os.ReadFile(file); string(after) == string(before) {
		t.Error("what the link leads to was not changed")
	}
	d.do(os.Symlink(filepath.Join(d.folder, "nowhere"), filepath.Join(d.folder, "dangling")))
	if _, err := Edit(t.Context(), filepath.Join(d.folder, "dangling"), func(all []*Key) ([]*Key, error) { return all, nil }); err == nil {
		t.Error("a link that leads nowhere is followed")
	}
	// A broken file is not written over.
	d.put("broken.yaml", "version: 1\nkeys: {}\n", 0o600)
	if _, err := Edit(t.Context(), filepath.Join(d.folder, "broken.yaml"), func(all []*Key) ([]*Key, error) { return all, nil }); err == nil {
		t.Error("a broken file is written over")
	}
}

func TestRotationIsBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(Key{Name: "ci", Expires: d.now.Add(time.Hour)})
	for range mostSecrets - 1 {
		d.rotate("ci", time.Minute)
	}
	all, _, err := Read(d.file)
	d.do(err)
	if _, err := Rotate(all, "ci", time.Minute, d.now); err == nil {
		t.Error("a key has more secrets than it may")
	}
	if _, err := Rotate(all, "ci", 0, d.now); err != nil || len(all[0].Secrets) != 1 {
		t.Errorf("%v, %d secrets", err, len(all[0].Secrets))
	}
	if _, err := Rotate(all, "ci", 0, d.now.Add(time.Hour)); err == nil {
		t.Error("an expired key is rotated")
	}
}
