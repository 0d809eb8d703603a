package audit

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// Who watches a log is told when its end is cut off.
func TestAFollowedLogThatIsCutOff(t *testing.T) {
	t.Parallel()
	path := filled(t, 5)
	following, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	err := Follow(following, path, Place{}, Query{}, func(s Stored) error {
		if s.Seq == 5 {
			return os.Truncate(path, size(t, path)/2)
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "was cut off while it was followed") {
		t.Errorf("%v", err)
	}
}
