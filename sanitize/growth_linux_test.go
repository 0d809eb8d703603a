package sanitize

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"aegis/internal/race"
	"aegis/sanitize/internal/stock"

	"golang.org/x/sys/unix"
)

// entrances are the ways in which a text comes to be scrubbed.
var entrances = []struct {
	name string
	run  func(s *Scrubber, text string)
}{
	{"text", func(s *Scrubber, text string) { s.Text(text, TextOptions{}) }},
	{"all shown", func(s *Scrubber, text string) { s.Text(text, TextOptions{ShowHidden: true}) }},
	{"line", func(s *Scrubber, text string) { s.Line(text) }},
	{"JSON", func(s *Scrubber, text string) { s.JSON(map[string]string{"token": text}) }},
	{"JSON of many", func(s *Scrubber, text string) { s.JSON(map[string]any{"token": inPieces(text)}) }},
	{"decoded", func(s *Scrubber, text string) {
		s.Text(base64.StdEncoding.EncodeToString([]byte(text)), TextOptions{})
	}},
	{"written", func(s *Scrubber, text string) {
		s.Secrets([]Written{{Field: "body", Text: text}, {Field: "title", Text: text}})
	}},
	{"marker", func(_ *Scrubber, text string) { Marker(text) }},
	{"findings", func(s *Scrubber, text string) { s.Findings(text, TextOptions{}) }},
}

func inPieces(text string) (pieces []string) {
	const each = 97
	for len(text) > each {
		pieces, text = append(pieces, text[:each]), text[each:]
	}
	return append(pieces, text)
}

// processorTime is the least that run takes of this thread's processor.
func processorTime(times int, run func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Duration(1 << 62)
	for range times {
		begin := threadTime()
		run()
		best = min(best, threadTime()-begin)
	}
	return best
}

func threadTime() time.Duration {
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Nano())
}

// mostGrowth4 is how many times the processor time four times the text may take.
const mostGrowth4 = 6

// linear measures run for a text and one of four times its length, until it has seen
// that the second takes no more than it may: whatever else the machine does adds
// to some measurements, and not to all. Where it never does, longer texts tell
// what grows from what is too large to be kept for the next text.
func linear(t *testing.T, name string, make func(int) string, size int, run func(text string)) {
	t.Helper()
	var a, b time.Duration
	for _, size := range []int{size, 8 * size} {
		short, long := make(size), make(4*size)
		run(short) // prepares what the first text is waited for
		a, b = time.Duration(1<<62), time.Duration(1<<62)
		for range 8 {
			a, b = min(a, processorTime(1, func() { run(short) })), min(b, processorTime(1, func() { run(long) }))
			if b < mostGrowth4*a {
				return
			}
		}
	}
	t.Errorf("%s: %d bytes take %v, four times as much %v", name, 8*size, a, b)
}

// What scrubbing takes grows with a text, and not with what is in it. This test is
// not parallel, for it measures. Texts have 8 and 32 KiB, and each goes in by every
// entrance. Under the race detector they have 2 and 8 KiB, and each goes in by the
// first entrance and by one of the others in turn.
func TestScrubbingIsLinear(t *testing.T) {
	s := scrubber(t, own)
	size := 1 << 13
	if race.On {
		size = 1 << 11
	}
	for n, name := range slices.Sorted(maps.Keys(hostile)) {
		for i, e := range entrances {
			if race.On && i > 0 && i != 1+n%(len(entrances)-1) || testing.Short() && i%3 != 0 {
				continue
			}
			linear(t, name+", "+e.name, hostile[name], size, func(text string) { e.run(s, text) })
		}
	}
}

// The same for long runs of each byte, with and without something between, and
// of each word that a rule is about, alone and with a value. Texts have 4 and 16 KiB.
// Under the race detector they have 1 and 4 KiB, and of what may stand beside a byte
// or a word each has one in turn.
func TestScrubbingIsLinearInTriggers(t *testing.T) {
	s := scrubber(t, own)
	run := func(text string) { s.Text(text, TextOptions{}); s.Line(text) }
	size := 1 << 12
	if race.On {
		size = 1 << 10
	}
	for b := range 256 {
		for i, before := range []string{"", "a1"} {
			if race.On && i != b%2 || testing.Short() && i > 0 {
				continue
			}
			each := before + string([]byte{byte(b)})
			linear(t, fmt.Sprintf("%q", each), fill(each), size, run)
		}
	}
	seen := make(map[string]bool)
	for _, rule := range stock.Config(t).Rules {
		for _, word := range rule.Keywords {
			if seen[word] || testing.Short() && len(seen)%16 != 0 {
				seen[word] = true
				continue
			}
			seen[word] = true
			for i, after := range []string{"", "=", " = 'a1b2c3d4e5f6a7b8c9d0'\n"} {
				if !race.On || i == len(seen)%3 {
					linear(t, word+after, fill(word+after), size, run)
				}
			}
		}
	}
}

// Scrubbing ends within 50 ms of its context, whatever the text: of the thread's own
// time, for the machine may have others to serve. The race detector makes the same
// work take up to ten times as long, so that it is given 500 ms.
func TestScrubbingEndsInTime(t *testing.T) {
	most := 50 * time.Millisecond
	if race.On {
		most *= 10
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	clock := int32(^unix.Gettid()<<3 | 6) // of this thread, for others
	s := scrubber(t, own)
	for name, make := range hostile {
		if testing.Short() && len(name)%4 != 0 {
			continue
		}
		text := make(1 << 20)
		best := time.Hour
		for try := 1; try <= 5 && best > most; try++ {
			ctx, cancel := context.WithCancel(t.Context())
			var at unix.Timespec
			timer := time.AfterFunc(time.Duration(try)*10*time.Millisecond, func() {
				_ = unix.ClockGettime(clock, &at)
				cancel()
			})
			s.Within(ctx).Text(text, TextOptions{})
			if timer.Stop() { // it was done by then
				best = 0
			} else {
				<-ctx.Done()
				best = min(best, threadTime()-time.Duration(at.Nano()))
			}
			cancel()
		}
		if best > most {
			t.Errorf("%s: ends %v after its context", name, best)
		}
	}
}

// A name that comes often in one case, and never in the other, is looked for once.
// Texts have 32 and 128 KiB: what is scanned over and over is scanned fast.
func TestScrubbingIsLinearInNamesOfOneCase(t *testing.T) {
	s := scrubber(t, own)
	for _, name := range []string{"pwd", "PWD", "Cookie", "COOKIE", "authorization", "AUTHORIZATION", "pass", "PASS"} {
		linear(t, name, func(n int) string { return numbered(name+"=\"${%d", n) }, 1<<15, func(text string) { s.Text(text, TextOptions{}) })
	}
}
