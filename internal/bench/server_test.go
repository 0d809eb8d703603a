package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fileSize is the size of the file that is read whole, in bytes.
const fileSize = 5 << 20

// BenchmarkServer measures the program as a client starts it.
func BenchmarkServer(b *testing.B) {
	forge := newForge(b, map[string]string{"large.go": goSource(b, fileSize)})
	probe, aegis := build(b, "aegis/internal/bench/probe", "probe"), buildAegis(b, forge.URL)
	hello := func(frame string) func(*session) { return func(s *session) { s.ask(frame) } }
	b.Run("start/initialize", func(b *testing.B) { start(b, probe, aegis, hello(initialize)) })
	b.Run("start/discover", func(b *testing.B) { start(b, probe, aegis, hello(discover)) })
	b.Run("start/list", func(b *testing.B) { start(b, probe, aegis, (*session).listed) })
	b.Run("list", func(b *testing.B) { list(b, aegis) })
	b.Run("binary", func(b *testing.B) { binary(b, probe, aegis) })
	b.Run("memory/start", func(b *testing.B) { memoryAfterStart(b, probe, aegis) })
	b.Run("memory/file", func(b *testing.B) { memoryAfterFile(b, aegis) })
}

// starts is how often each program is started for a median.
const starts = 20

// start measures from before a program is started to the answer that a client waits for.
func start(b *testing.B, probe, aegis program, wait func(*session)) {
	var stock, ours []time.Duration
	answered := func(p program) time.Duration {
		begin := time.Now()
		s := p.run(b)
		wait(s)
		took := time.Since(begin)
		s.end()
		return took
	}
	answered(probe) // the first ones load the files
	answered(aegis)
	for b.Loop() {
		for range starts {
			stock = append(stock, answered(probe))
			ours = append(ours, answered(aegis))
		}
	}
	b.ReportMetric(milliseconds(median(stock)), "stock-ms")
	b.ReportMetric(milliseconds(median(ours)), "ours-ms")
}

// listed makes the handshake and asks for the list of tools.
func (s *session) listed() {
	s.ask(initialize)
	s.tell(ready)
	s.ask(listTools)
}

// list measures what the list of tools costs a model's context.
func list(b *testing.B, aegis program) {
	s := aegis.run(b)
	defer s.end()
	s.ask(initialize)
	s.tell(ready)
	var answer struct {
		Tools []json.RawMessage `json:"tools"`
	}
	size := 0
	for b.Loop() {
		result := s.ask(listTools)
		if err := json.Unmarshal(result, &answer); err != nil || len(answer.Tools) == 0 {
			b.Fatalf("no tools (%v): %s", err, result)
		}
		size = len(result)
	}
	b.ReportMetric(float64(len(answer.Tools)), "tools")
	b.ReportMetric(float64(size)/float64(len(answer.Tools)), "ours-B/tool")
}

func binary(b *testing.B, probe, aegis program) {
	size := func(p program) float64 {
		file, err := os.Stat(p.path)
		if err != nil {
			b.Fatal(err)
		}
		return megabytes(file.Size())
	}
	b.ReportMetric(size(probe), "stock-MB")
	b.ReportMetric(size(aegis), "ours-MB")
}

// settles is how long a session gets to prepare itself for its first call.
const settles = 500 * time.Millisecond

// memoryAfterStart is what a session holds once a client knows its tools and the
// session is ready for calls.
func memoryAfterStart(b *testing.B, probe, aegis program) {
	var stock, ours []float64
	resident := func(p program) float64 {
		s := p.run(b)
		defer s.end()
		s.listed()
		time.Sleep(settles)
		return s.memory("VmRSS")
	}
	for b.Loop() {
		stock = append(stock, resident(probe))
		ours = append(ours, resident(aegis))
	}
	b.ReportMetric(median(stock), "stock-MB")
	b.ReportMetric(median(ours), "ours-MB")
}

// memoryAfterFile is what a session holds after it has read a large file, and
// the most that it held meanwhile.
func memoryAfterFile(b *testing.B, aegis program) {
	call := fmt.Sprintf(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_file_contents","arguments":{"owner":%q,"repo":%q,"path":"large.go"}}}`,
		strings.Split(repository, "/")[0], strings.Split(repository, "/")[1])
	var after, peak []float64
	var took []time.Duration
	read := func() {
		s := aegis.run(b)
		defer s.end()
		s.ask(initialize)
		s.tell(ready)
		begin := time.Now()
		result := s.ask(call)
		took = append(took, time.Since(begin))
		var answer struct {
			IsError bool `json:"isError"`
			Content []struct{ Text string }
		}
		if err := json.Unmarshal(result, &answer); err != nil || answer.IsError || len(answer.Content) != 2 {
			b.Fatalf("%v, %.500s", err, result)
		}
		after, peak = append(after, s.memory("VmRSS")), append(peak, s.memory("VmHWM"))
	}
	for b.Loop() {
		read()
	}
	b.ReportMetric(median(after), "ours-MB")
	b.ReportMetric(median(peak), "peak-MB")
	b.ReportMetric(milliseconds(median(took)), "read-ms")
}

// memory returns a figure of the kernel's about the program, in MB.
func (s *session) memory(figure string) float64 {
	s.b.Helper()
	if runtime.GOOS != "linux" {
		_ = s.command.Process.Kill()
		s.b.Skip("only Linux tells how much memory another process holds, without help")
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		s.b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, figure+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				s.b.Fatal(err)
			}
			return megabytes(kib << 10)
		}
	}
	s.b.Fatal(errors.New("the kernel does not tell " + figure))
	return 0
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
