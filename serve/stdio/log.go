package stdio

import (
	"sync/atomic"

	"aegis/serve/frame"

	"github.com/rs/zerolog"
)

// logged is how many refused frames of a session are logged one by one. A
// client can send them faster than anybody reads.
const logged = 20

// eventLog tells the operator about frames that went no further. It never
// says what was in them.
type eventLog struct {
	logger  zerolog.Logger
	refuse  atomic.Int64
	ignores atomic.Int64
}

func (l *eventLog) refused(bad *frame.Rejection) {
	if l.refuse.Add(1) <= logged {
		l.logger.Warn().Int64("code", bad.Code).Str("reason", bad.Reason).Msg("frame refused")
	}
}

func (l *eventLog) ignored(what string) {
	if l.ignores.Add(1) <= logged {
		l.logger.Debug().Str("what", what).Msg("frame ignored")
	}
}

func (l *eventLog) summary() {
	refused, ignored := l.refuse.Load(), l.ignores.Load()
	if refused+ignored > 0 {
		l.logger.Info().Int64("refused", refused).Int64("ignored", ignored).Msg("frames refused or ignored in this session")
	}
}
