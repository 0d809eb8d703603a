package cli

import (
	"context"
	"time"

	"aegis/internal/app"
	"aegis/internal/metrics"

	"github.com/rs/zerolog"
)

// countedWithin bounds how long the end of a session waits for the metrics file, which
// other sessions write as well.
const countedWithin = 200 * time.Millisecond

// countEvery is how often a server writes its metrics file.
const countEvery = 15 * time.Second

// countIn adds what was counted to a metrics file, if there is one. A failure is told, and
// nothing else.
func countIn(observer *metrics.Observer, file string, logger zerolog.Logger) {
	if file == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), countedWithin)
	defer cancel()
	if err := observer.NewTextfile(file, false).Add(ctx); err != nil {
		logger.Warn().Err(err).Msg("the metrics file is not written")
	}
}

// keepCounting keeps a server's metrics file, if there is one, until what it returns is called. look
// is run before each time that it is written.
func (c Config) keepCounting(door *app.App, look func(context.Context), logger zerolog.Logger) (end func()) {
	if c.MetricsFile == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	file := door.Metrics.NewTextfile(c.MetricsFile, true)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		keepCounting(ctx, file, look, logger)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// keepCounting adds to a server's metrics file from time to time until ctx is done, and
// once more then. look is run before. What fails is told once.
func keepCounting(ctx context.Context, file *metrics.Textfile, look func(context.Context), logger zerolog.Logger) {
	told := ""
	add := func(ctx context.Context, add func(context.Context) error) {
		ctx, cancel := context.WithTimeout(ctx, countEvery)
		defer cancel()
		err := add(ctx)
		switch {
		case err == nil && told != "":
			logger.Info().Msg("the metrics file is written again")
			told = ""
		case err != nil && err.Error() != told:
			logger.Warn().Err(err).Msg("the metrics file is not written")
			told = err.Error()
		}
	}
	every := time.NewTicker(countEvery)
	defer every.Stop()
	for {
		look(ctx)
		add(ctx, file.Add)
		select {
		case <-every.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), countedWithin)
			defer cancel()
			add(last, file.Last)
			return
		}
	}
}
