package policy

import (
	"fmt"
	"testing"
)

func TestSizesMayHaveUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1000": 1000, "1000B": 1000, "5MB": 5_000_000, "64KiB": 65536, "64kB": 64_000, "64KB": 64_000, "1GiB": 1 << 30, "\"2 GB\"": 2_000_000_000, "1024GiB": 1 << 40,
	} {
		p := parse(t, fmt.Sprintf("version: 1\nlimits: {bytes_per_session: %s}\n", text))
		if got := p.Limits().BytesPerSession; got != want {
			t.Errorf("%s is %d", text, got)
		}
	}
	for _, text := range []string{"0", "0MB", "-1MB", "5 MBs", "1.5MB", "5mb", "5M", "MB", "1025GiB", "9999999999999GiB", "05MB", "5_000MB", "5MB 6MB", "''"} {
		if _, _, err := Parse("policy.yaml", []byte(fmt.Sprintf("version: 1\nlimits: {bytes_per_session: %s}\n", text))); err == nil {
			t.Errorf("%s is taken for a size", text)
		}
	}
}
