package audit

import "testing"

// BenchmarkShow reads a log of ten compressed files for all that it has, for its last lines,
// and in numbers.
func BenchmarkShow(b *testing.B) {
	const files, each = 10, 5_000
	path := newPath(b)
	l := openAt(b, path)
	l.maxSize = -1
	for range files {
		appendTo(b, l)
		writeChain(b, l, each-1)
		if _, err := l.Rotate(ctx, Entry{Session: "by hand"}); err != nil {
			b.Fatal(err)
		}
	}
	appendTo(b, l)
	writeChain(b, l, each-1)
	for _, c := range []struct {
		name string
		read func() error
	}{
		{"verify baseline", func() error { _, err := Verify(ctx, path); return err }},
		{"all", func() error { _, err := Show(ctx, path, Query{}, func(Stored) error { return nil }); return err }},
		{"the last 50", func() error {
			_, err := Show(ctx, path, Query{Limit: 50}, func(Stored) error { return nil })
			return err
		}},
		{"in numbers", func() error { _, _, err := Summarise(ctx, path, Query{}); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.read(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((files+1)*each*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
