package canon

import (
	"regexp"
	"strings"
	"testing"
)

const traced = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// A traceparent is one to the letter, or none.
func TestTraces(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		traced:                   traced,
		traced[:53] + "00":       traced[:53] + "00",
		"cc" + traced[2:]:        traced, // a later version, read as this one
		"cc" + traced[2:] + "-x": traced,
	} {
		if got := ParseTrace(in); got.String() != want || got.IsZero() {
			t.Errorf("%s is %q", in, got)
		}
	}
	for _, in := range append(hostile,
		"00", traced+"-x", traced+"x", "cc"+traced[2:]+"x", traced[:54], "ff"+traced[2:], " "+traced, traced+"\n", strings.ToUpper(traced),
		"00-"+strings.Repeat("0", 32)+traced[35:], traced[:36]+strings.Repeat("0", 16)+"-01", strings.Replace(traced, "4", "g", 1),
		strings.ReplaceAll(traced, "-", "_"), strings.Replace(traced, "a", "\u0430", 1), "0x"+traced[2:], traced+","+traced,
	) {
		if got := ParseTrace(in); !got.IsZero() || got.String() != "" {
			t.Errorf("%q is taken for %q", in, got)
		}
	}
}

var traceparent = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

func FuzzParseTrace(f *testing.F) {
	f.Add(traced)
	f.Add("cc" + traced[2:] + "-more")
	f.Fuzz(func(t *testing.T, in string) {
		got := ParseTrace(in)
		if got.IsZero() {
			if traceparent.MatchString(in) && !strings.Contains(in, strings.Repeat("0", 16)) {
				t.Errorf("%q is taken for none", in)
			}
			return
		}
		if !traceparent.MatchString(got.String()) || ParseTrace(got.String()) != got || in[2:traceLength] != got.String()[2:] {
			t.Errorf("%q is %q", in, got)
		}
	})
}
