package audit

import "testing"

// By a trace all calls of it are found, and no others.
func TestATraceIsTakenForACall(t *testing.T) {
	t.Parallel()
	const trace, other = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
	traced := func(call, id string) Entry {
		e := sample()
		e.Call, e.Trace = call, id
		return e
	}
	path := of(t, traced("s-1", ""), traced("s-2", "00-"+trace+"-00f067aa0ba902b7-01"), traced("s-3", "00-"+other+"-00f067aa0ba902b7-01"),
		traced("s-4", "00-"+trace+"-b7ad6b7169203331-00"), traced(trace, ""))
	for asked, want := range map[string]string{
		"s-2": "2", trace: "2 4 5", other: "3", "00-" + trace + "-b7ad6b7169203331-00": "4",
		trace[:31]: "", "00f067aa0ba902b7": "", "00-" + trace: "", "01": "",
	} {
		if got, _ := show(t, path, Query{Call: asked}); got != want {
			t.Errorf("%s: %q, want %q", asked, got, want)
		}
	}
}
