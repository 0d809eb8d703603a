package forge

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"time"
)

// What an answer says besides its content: Gitea's time, and how long its certificate counts.
func TestSignsOfAnAnswer(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	ends := now.AddDate(0, 0, 9)
	secure := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{NotAfter: ends}}}
	for name, c := range map[string]struct {
		date string
		tls  *tls.ConnectionState
		want Signs
	}{
		"nothing":             {"", nil, Signs{}},
		"its time":            {"Mon, 03 Feb 2031 04:10:06 GMT", nil, Signs{Ahead: 5 * time.Minute, Clock: true}},
		"a time that is none": {"soon", nil, Signs{}},
		"a certificate":       {"Mon, 03 Feb 2031 04:05:00 GMT", secure, Signs{-6 * time.Second, true, ends}},
	} {
		f := &Forge{}
		if got := f.Signs(); got != (Signs{}) {
			t.Errorf("before there was one: %+v", got)
		}
		f.signs.note(&http.Response{Header: http.Header{"Date": {c.date}}, TLS: c.tls}, now)
		if got := f.Signs(); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
