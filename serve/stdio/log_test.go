package stdio

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// However many frames are refused, the log stays short and quotes none.
func TestTheLogCountsFramesAndQuotesNone(t *testing.T) {
	t.Parallel()
	var script, log bytes.Buffer
	script.WriteString(hello + "\n" + ready + "\n")
	frames := malformedFrames(t)
	for _, m := range frames {
		script.WriteString(m.Frame + "\n")
	}
	transport := &Transport{In: &script, Out: io.Discard, Log: zerolog.New(&log)}
	if err := toyServer(t).Run(context.Background(), transport); err != nil {
		t.Fatal(err)
	}
	got := log.String()
	if n := strings.Count(got, "frame refused"); n != logged {
		t.Errorf("%d refused frames are logged, want %d", n, logged)
	}
	if strings.Count(got, "frames refused or ignored in this session") != 1 {
		t.Error("no summary")
	}
	if len(got) > (2*logged+1)*200 {
		t.Errorf("the log is %d bytes long", len(got))
	}
	for _, quoted := range []string{"a1B2", "garbage", "jsonrpc\\\":", "no_such_tool"} {
		if strings.Contains(got, quoted) {
			t.Errorf("the log quotes %q", quoted)
		}
	}
}
