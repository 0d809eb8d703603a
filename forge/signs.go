package forge

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Signs are what the last answer said of Gitea besides its content.
type Signs struct {
	Ahead       time.Duration // how far Gitea's clock is ahead of ours, to the second
	Clock       bool          // it told its time
	Certificate time.Time     // until when its certificate counts; zero without TLS
}

// Signs returns what the last answer said, of whatever call. It is zero before there was
// one.
func (f *Forge) Signs() Signs {
	if last := f.signs.Load(); last != nil {
		return *last
	}
	return Signs{}
}

// noted are the signs of the last answer.
type noted struct{ atomic.Pointer[Signs] }

func (n *noted) note(resp *http.Response, now time.Time) {
	var s Signs
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		s.Ahead, s.Clock = at.Sub(now).Truncate(time.Second), true
	}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		s.Certificate = resp.TLS.PeerCertificates[0].NotAfter
	}
	n.Store(&s)
}
