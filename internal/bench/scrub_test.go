package bench

import (
	"testing"
	"time"

	"aegis/internal/cputime"
	"aegis/sanitize"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
)

// BenchmarkScrub is all that is done to a megabyte of source before it is cut:
// finding secrets by rule, in every encoding, and our own; cutting them; showing
// what is hidden; and looking again until nothing is found. Beside it gitleaks
// looks once, as deep into encodings. Both are measured in processor time.
func BenchmarkScrub(b *testing.B) {
	text := goSource(b, 1<<20)
	b.Run("stock", func(b *testing.B) {
		logging.Logger = zerolog.Nop()
		detector, err := detect.NewDetectorDefaultConfig()
		if err != nil {
			b.Fatal(err)
		}
		detector.MaxDecodeDepth = 5
		detector.IgnoreGitleaksAllow = true
		processor(b, func() { detector.DetectString(text) })
	})
	b.Run("ours", func(b *testing.B) {
		scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{token}})
		if err != nil {
			b.Fatal(err)
		}
		scrubber.Text(text, sanitize.TextOptions{}) // prepares the rules
		processor(b, func() {
			if _, report := scrubber.Text(text, sanitize.TextOptions{}); report.Withheld > 0 {
				b.Fatal("source was withheld")
			}
		})
	})
}

// processor reports the processor time of run.
func processor(b *testing.B, run func()) {
	begin := busy(b)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64((busy(b)-begin).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// busy is the processor time that this process has used.
func busy(*testing.B) time.Duration { return cputime.Used() }
