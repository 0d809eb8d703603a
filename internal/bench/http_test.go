package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	serving "aegis/serve/http"
)

// atOnce is how many callers make calls at the same time.
const atOnce = 32

// distance is how long a forge takes for an answer, as Gitea does on the same machine.
const distance = 10 * time.Millisecond

// BenchmarkHTTP measures calls of many callers, each with a key of their own, through
// aegis serve. Beside it stand a server of the library's with one tool, which asks the
// forge once for the same file and hands it on, and the same one once more that asks for
// as much as Aegis does and syncs two lines a call: what is left between that and Aegis is
// Aegis' own work. All three are processes of their own.
func BenchmarkHTTP(b *testing.B) {
	text := goSource(b, 4<<10)
	c := readFile(b, text)
	forge := newForge(b, map[string]string{"main.go": text})
	bare := build(b, "aegis/internal/bench/bare", "bare")
	aegis := buildAegis(b, "")
	for _, far := range []time.Duration{0, distance} {
		b.Run(fmt.Sprintf("forge=%s", far), func(b *testing.B) {
			slow := slowed(b, forge.Config.Handler, far)
			servers := []*served{
				bareServer(b, "stock", bare, slow, c),
				bareServer(b, "same", bare, slow, c, "-same"),
				aegisServer(b, aegis, slow),
			}
			for b.Loop() {
				for _, s := range servers {
					s.measure(b, c)
				}
			}
			for _, s := range servers {
				b.ReportMetric(median(s.rates), s.name+"-calls/s")
				b.ReportMetric(median(s.lates), s.name+"-p99-ms")
				if len(s.works) > 0 {
					b.ReportMetric(median(s.works), s.name+"-cpu-µs/call")
				}
			}
		})
	}
}

// slowed is a forge that takes its time.
func slowed(b *testing.B, forge http.Handler, by time.Duration) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(by)
		forge.ServeHTTP(w, r)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

// served is a server that runs, and what was measured of it.
type served struct {
	*session
	name, url string
	keys      []string // of the callers

	rates, lates, works []float64
}

// measure makes each caller's calls once. The first time shows nothing: connections are
// made, and rules are prepared.
func (s *served) measure(b *testing.B, c call) {
	if s.rates == nil {
		drive(b, s.url, s.keys, c)
	}
	worked := s.worked()
	rate, late := drive(b, s.url, s.keys, c)
	s.rates, s.lates = append(s.rates, rate), append(s.lates, late)
	if worked >= 0 {
		s.works = append(s.works, microseconds(s.worked()-worked)/float64(len(s.keys)*perDrive))
	}
}

// bareServer is the library's server.
func bareServer(b *testing.B, name string, bare program, forge string, c call, args ...string) *served {
	owner, repo, _ := names(b)
	bare.args = append([]string{
		"-forge", forge, "-owner", owner, "-repo", repo, "-branch", branch, "-commit", commit, "-path", "main.go",
		"-tool", c.tool, "-log", filepath.Join(b.TempDir(), "plain"),
	}, args...)
	bare.env = append(bare.env, "GITEA_TOKEN="+token)
	s := bare.run(b)
	return s.serving(name, s.out, make([]string, atOnce), "")
}

// aegisServer is aegis serve, with a key for each caller.
func aegisServer(b *testing.B, aegis program, forge string) *served {
	folder := b.TempDir()
	aegis.args = []string{"serve"}
	aegis.env = append(aegis.env, "GITEA_URL="+forge, "AEGIS_LISTEN=127.0.0.1:0", "AEGIS_ADMIN_LISTEN=off", "AEGIS_RATE_PER_KEY=0",
		"AUDIT_LOG_PATH="+filepath.Join(folder, "state", "audit.jsonl"), "AEGIS_KEYS_FILE="+filepath.Join(folder, "keys.yaml"))
	var keys []string
	for n := range atOnce {
		add := exec.CommandContext(b.Context(), aegis.path, "keys", "add", fmt.Sprintf("caller-%d", n), "--shared-token")
		add.Env = aegis.env
		key, err := add.Output()
		if err != nil {
			b.Fatal(err)
		}
		keys = append(keys, strings.TrimSpace(string(key)))
	}
	s, said := aegis.runTold(b)
	return s.serving("ours", said, keys, serving.Path)
}

// serving waits until a program says where it listens.
func (s *session) serving(name string, said *bufio.Reader, keys []string, path string) *served {
	s.b.Cleanup(func() {
		_ = s.command.Process.Kill()
		_ = s.command.Wait()
	})
	for {
		line, err := said.ReadBytes('\n')
		if err != nil {
			s.b.Fatalf("%s does not start: %v", s.command.Path, err)
		}
		var at struct{ Listen string }
		if json.Unmarshal(line, &at) == nil && at.Listen != "" {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return &served{session: s, name: name, url: "http://" + at.Listen + path, keys: keys}
		}
	}
}

// tick is Linux' unit of processor time in /proc.
const tick = 10 * time.Millisecond

// worked is the processor time that a program has used, negative where nobody tells.
func (s *session) worked() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return -1
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// perDrive is how many calls each caller makes for one measure.
const perDrive = 20

// drive makes calls, as many at once as there are keys, and returns how many a second
// were answered, and the time in which 99 of 100 were, in milliseconds.
func drive(b *testing.B, url string, keys []string, c call) (rate, late float64) {
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * atOnce}
	defer transport.CloseIdleConnections()
	took := make([]time.Duration, len(keys)*perDrive)
	var group sync.WaitGroup
	began := time.Now()
	for n, key := range keys {
		group.Go(func() {
			for i := range perDrive {
				begin := time.Now()
				if err := callOver(transport, url, key, c); err != nil {
					b.Error(err)
					return
				}
				took[n*perDrive+i] = time.Since(begin)
			}
		})
	}
	group.Wait()
	all := time.Since(began)
	slices.Sort(took)
	return float64(len(took)) / all.Seconds(), milliseconds(took[len(took)*99/100])
}

// callOver makes one call without a session.
func callOver(transport *http.Transport, url, key string, c call) error {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s,`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`, c.tool, c.args)
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer " + key,
		"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": c.tool,
	} {
		r.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && len(answer) < 4000 {
		err = fmt.Errorf("%d %s", response.StatusCode, answer)
	}
	return err
}
