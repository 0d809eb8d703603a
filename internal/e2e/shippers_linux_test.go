package e2e

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/audit"

	"github.com/goccy/go-yaml"
)

// shipper is a program that brings a log elsewhere, told as in deploy/.
type shipper struct {
	program, config string
	args            []string      // before the configuration
	looks           time.Duration // how often it looks for new files, and a bit more
}

var shippers = []shipper{
	{"vector", "vector/aegis.yaml", []string{"--config"}, 2 * time.Second},
	{"fluent-bit", "fluent-bit/aegis.yaml", []string{"-c"}, 2 * time.Second},
	{"a stand-in", "", nil, 50 * time.Millisecond},
}

// What a log shipper brings elsewhere while the log is written to and rotated is the log,
// byte by byte: it is verified there as it would be here.
func TestShippedLogs(t *testing.T) {
	t.Parallel()
	for _, s := range shippers {
		t.Run(s.program, func(t *testing.T) {
			t.Parallel()
			folder, arrived := t.TempDir(), t.TempDir()
			log := logIn(folder)
			ship := s.prepare(t, folder, arrived)
			forge := newForge(t)
			session := start(t, folder, forge.URL, nil)
			session.greet()
			id := 1
			ask := func() {
				if f := session.ask(readWebsite(id)); f.code() != "" {
					t.Fatal(f.Line)
				}
				id++
			}
			ask()
			ship(log)
			for range 4 {
				ask()
				time.Sleep(s.looks)
				if out, err := exec.Command(aegis(t), "audit", "rotate", log).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				ask()
			}
			session.end()
			lines, err := exec.Command(aegis(t), "audit", "show", "--json", "--limit", "0", log).Output()
			if err != nil {
				t.Fatal(err)
			}
			found := func() []string {
				all, _ := filepath.Glob(filepath.Join(arrived, "*", "audit.jsonl"))
				return all
			}
			var got []byte
			for patience := time.Now().Add(time.Minute); !bytes.Equal(got, lines); time.Sleep(100 * time.Millisecond) {
				if all := found(); len(all) == 1 {
					got, _ = os.ReadFile(all[0])
				}
				if time.Now().After(patience) {
					t.Fatalf("%d bytes arrived of %d, in %q", len(got), len(lines), found())
				}
			}
			for _, args := range [][]string{{"verify", found()[0]}, {"fleet", arrived}} {
				if out, err := exec.Command(aegis(t), append([]string{"audit"}, args...)...).CombinedOutput(); err != nil {
					t.Errorf("%q: %v\n%s", args, err, out)
				}
			}
		})
	}
}

// prepare returns how the shipper is started. It ends with the test.
func (s shipper) prepare(t *testing.T, folder, arrived string) func(log string) {
	t.Helper()
	if s.config == "" {
		return func(log string) { standIn(t, log, filepath.Join(arrived, "host", "audit.jsonl")) }
	}
	program, err := exec.LookPath(s.program)
	if err != nil {
		t.Skip("NOT RUN: there is no " + s.program + " here")
	}
	return func(log string) {
		state := filepath.Join(folder, "shipper")
		if err := os.Mkdir(state, 0o700); err != nil {
			t.Fatal(err)
		}
		config := strings.NewReplacer("/var/lib/aegis", filepath.Dir(log), "/srv/audit", arrived, "/var/lib/vector", state, "/var/lib/fluent-bit", state).
			Replace(string(s.read(t)))
		file := filepath.Join(folder, "shipper.yaml")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		command := exec.CommandContext(ctx, program, append(slices.Clone(s.args), file)...)
		command.Env = append(os.Environ(), "HOSTNAME=host")
		var said bytes.Buffer
		command.Stdout, command.Stderr = &said, &said
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stop()
			_ = command.Wait()
			if t.Failed() {
				t.Logf("%s said: %.3000s", s.program, said.String())
			}
		})
	}
}

func (s shipper) read(t *testing.T) []byte {
	t.Helper()
	config, err := os.ReadFile(filepath.Join("..", "..", "deploy", s.config))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// standIn does what the configurations tell a shipper: it follows the log by its file, goes
// over to the next once that is at its end, and writes each line as it is.
func standIn(t *testing.T, log, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	stopped, ended := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(stopped)
		<-ended
		_, _ = out.Close(), from.Close()
	})
	go func() {
		defer close(ended)
		lines := bufio.NewReader(from)
		var line []byte
		for {
			part, err := lines.ReadBytes('\n')
			if line = append(line, part...); err == nil {
				_, _ = out.Write(line)
				line = line[:0]
				continue
			}
			select {
			case <-stopped:
				return
			case <-time.After(20 * time.Millisecond):
			}
			here, err := from.Stat()
			there, err2 := os.Stat(log)
			if err != nil || err2 != nil || os.SameFile(here, there) || here.Size() > position(from) {
				continue
			}
			next, err := os.Open(log)
			if err != nil {
				continue
			}
			_ = from.Close()
			from, lines = next, bufio.NewReader(next)
		}
	}()
}

func position(file *os.File) int64 {
	at, _ := file.Seek(0, 1)
	return at
}

// The configurations say what keeps a line's bytes: nothing takes it apart, no length of a
// line is too much, and what is written is the line alone.
func TestShippersKeepTheBytes(t *testing.T) {
	t.Parallel()
	var vector struct {
		Sources    map[string]map[string]any
		Transforms map[string]any
		Sinks      map[string]struct {
			Inputs   []string
			Type     string
			Encoding map[string]any
		}
	}
	if err := yaml.Unmarshal(shippers[0].read(t), &vector); err != nil {
		t.Fatal(err)
	}
	source := vector.Sources["aegis"]
	if most, _ := source["max_line_bytes"].(uint64); source["type"] != "file" || source["read_from"] != "beginning" || source["oldest_first"] != true ||
		most <= audit.MaxLine || source["multiline"] != nil || source["decoding"] != nil || source["encoding"] != nil || len(vector.Transforms) > 0 {
		t.Errorf("vector reads %v, and transforms by %v", source, vector.Transforms)
	}
	for name, sink := range vector.Sinks {
		if !slices.Equal(sink.Inputs, []string{"aegis"}) || sink.Type != "file" || len(sink.Encoding) != 1 || sink.Encoding["codec"] != "text" {
			t.Errorf("vector's %s writes %v", name, sink)
		}
	}
	var bit struct {
		Pipeline struct {
			Inputs, Filters, Outputs []map[string]any
		}
	}
	if err := yaml.Unmarshal(shippers[1].read(t), &bit); err != nil {
		t.Fatal(err)
	}
	p := bit.Pipeline
	if len(p.Inputs) != 1 || len(p.Filters) > 0 || len(p.Outputs) != 1 || len(vector.Sinks) != 1 {
		t.Fatalf("%v", p)
	}
	for key := range p.Inputs[0] {
		if strings.Contains(key, "parser") || strings.Contains(key, "multiline") || key == "docker_mode" || key == "path_key" || key == "offset_key" || key == "processors" {
			t.Errorf("fluent-bit takes lines apart: %s", key)
		}
	}
	if in := p.Inputs[0]; in["name"] != "tail" || in["key"] != "log" || in["buffer_max_size"] != "256k" || in["skip_long_lines"] != "off" || in["read_from_head"] != "on" {
		t.Errorf("fluent-bit reads %v", in)
	}
	if out := p.Outputs[0]; out["name"] != "file" || out["format"] != "template" || out["template"] != "{log}" || out["workers"] != uint64(1) {
		t.Errorf("fluent-bit writes %v", out)
	}
}
