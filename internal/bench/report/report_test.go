package main

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const output = `goos: linux
goarch: amd64
pkg: aegis/somewhere
BenchmarkStart-2   	       1	1087332145 ns/op	        12.5 ours-ms	         6.25 stock-ms
BenchmarkRate/stock-2 	 1	7199175283 ns/op	   0.15 MB/s
BenchmarkRate/ours,_all-2	14	  44194191 ns/op	  30.00 MB/s	 4770064 B/op	    7620 allocs/op
BenchmarkTwice-16	14	  7 ns/op
BenchmarkTwice-16	14	  3 ns/op
BenchmarkTwice-16	14	  5 ns/op
BenchmarkAlone	14	  1 ns/op
BenchmarkHalf-2	14	  1
BenchmarkWords-2	14	  many ns/op
BenchmarkNothing-2	14	  0 ns/op	-1 MB/s	NaN x	Inf y	-Inf z
--- BENCH: BenchmarkStart-2
    start_test.go:1: Benchmark 1 2 ns/op
BenchmarkStart-2   	
PASS
ok  	aegis/somewhere	5.210s
`

func TestOutputIsParsed(t *testing.T) {
	t.Parallel()
	got, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	want := figures{
		"Start":          {"ns/op": {1087332145}, "ours-ms": {12.5}, "stock-ms": {6.25}},
		"Rate/stock":     {"ns/op": {7199175283}, "MB/s": {0.15}},
		"Rate/ours,_all": {"ns/op": {44194191}, "MB/s": {30}, "B/op": {4770064}, "allocs/op": {7620}},
		"Twice":          {"ns/op": {7, 3, 5}},
		"Alone":          {"ns/op": {1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if v, ok := got.value("Twice", "ns/op"); v != 5 || !ok {
		t.Errorf("the median is %v, %v", v, ok)
	}
	if _, ok := got.value("Twice", "B/op"); ok {
		t.Error("there is a value that was not measured")
	}
}

func TestTableReads(t *testing.T) {
	t.Parallel()
	found, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	start := row{what: "start", beside: "probe", baseline: in("Start", "stock-ms", asIs, asMS), ours: in("Start", "ours-ms", asIs, asMS)}
	fast := row{what: "rate", beside: "gitleaks", baseline: in("Rate/stock", "MB/s", asIs, "%.2f MB/s"), ours: in("Rate/ours,_all", "MB/s", asIs, "%.2f MB/s")}
	inverse := row{what: "inverse", beside: "gitleaks", baseline: rate("Rate/stock", 1<<20), ours: rate("Rate/ours,_all", 1<<20)}
	one := row{what: "one", ours: in("Twice", "ns/op", toMicros, "%.3f µs")}
	gone := row{what: "gone", ours: in("Gone", "ns/op", asIs, asUS), most: 5}
	unequal := row{what: "unequal", beside: "nothing", baseline: in("Gone", "ns/op", asIs, asUS), ours: in("Twice", "ns/op", asIs, asUS), mostRatio: 2}
	bound := func(r row, set func(*row)) row { set(&r); return r }
	for name, c := range map[string]struct {
		row    row
		system string
		want   string // the cells, "" if the last is
		fails  bool
	}{
		"a ratio that is met":         {row: bound(start, func(r *row) { r.mostRatio = 2 }), want: "start|at most 2.00 ×|6.2 ms (probe)|12.5 ms|2.00 ×|met"},
		"a ratio that is not":         {row: bound(start, func(r *row) { r.mostRatio = 1.9 }), want: "start|at most 1.90 ×|6.2 ms (probe)|12.5 ms|2.00 ×|NOT MET"},
		"a least ratio that is met":   {row: bound(fast, func(r *row) { r.leastRatio = 200 }), want: "rate|at least 200 ×|0.15 MB/s (gitleaks)|30.00 MB/s|200 ×|met"},
		"a least ratio that is not":   {row: bound(fast, func(r *row) { r.leastRatio = 201 }), want: "rate|at least 201 ×|0.15 MB/s (gitleaks)|30.00 MB/s|200 ×|NOT MET"},
		"a bound that is met":         {row: bound(one, func(r *row) { r.most = 0.005 }), want: "one|at most 0.005 µs||0.005 µs||met"},
		"a bound that is not":         {row: bound(one, func(r *row) { r.most = 0.004 }), want: "one|at most 0.004 µs||0.005 µs||NOT MET"},
		"a least that is met":         {row: bound(one, func(r *row) { r.least = 0.005 }), want: "one|at least 0.005 µs||0.005 µs||met"},
		"a least that is not":         {row: bound(one, func(r *row) { r.least = 0.006 }), want: "one|at least 0.006 µs||0.005 µs||NOT MET"},
		"a rate made of a time":       {row: bound(inverse, func(r *row) { r.leastRatio = 162 }), want: "inverse|at least 162 ×|0.15 MB/s (gitleaks)|23.73 MB/s|163 ×|met"},
		"nothing to be met":           {row: one, want: "one|||0.005 µs||"},
		"what was not measured":       {row: gone, want: "gone|at most 5 µs||not measured||", fails: true},
		"what can't be measured here": {row: bound(gone, func(r *row) { r.linux = true }), system: "windows", want: "gone|at most 5 µs||not measured||"},
		"what could be":               {row: bound(gone, func(r *row) { r.linux = true }), system: "linux", want: "gone|at most 5 µs||not measured||", fails: true},
		"without its baseline":        {row: unequal, want: "unequal|at most 2.00 ×||5 µs||", fails: true},
	} {
		var out strings.Builder
		err := write(&out, []row{c.row}, found, c.system)
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
		lines := strings.Split(out.String(), "\n")
		if len(lines) != 4 {
			t.Fatalf("%s: %q", name, lines)
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(lines[2], "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		if got := strings.Join(cells, "|"); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// What is asked for by a name that no benchmark has would never be missed on
// the system that it is not for.
func TestRowsNameBenchmarks(t *testing.T) {
	t.Parallel()
	sources := map[string]string{}
	for _, pattern := range []string{"../*_test.go", "../../../audit/*_test.go", "../../../gate/policy/*_test.go", "../../../sanitize/*_test.go", "../../../sanitize/leaks/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sources[name] = string(text)
		}
	}
	for _, r := range table {
		for _, f := range []figure{r.ours, r.baseline} {
			if f == (figure{}) {
				continue
			}
			function, _, _ := strings.Cut(f.benchmark, "/")
			found := false
			for _, text := range sources {
				found = found || strings.Contains(text, "func Benchmark"+function+"(b *testing.B)")
			}
			if !found {
				t.Errorf("%s: there is no Benchmark%s", r.what, function)
			}
			if f.scale == 0 || f.show == "" {
				t.Errorf("%s is not shown", r.what)
			}
		}
		if (r.baseline == figure{}) != (r.beside == "") {
			t.Errorf("%s: a baseline goes with its name", r.what)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bench.txt")
	if err := os.WriteFile(file, []byte(output), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"standard input": {nil, "not measured"}, // none of the table's rows is in it
		"a file":         {[]string{file}, "not measured"},
		"no such file":   {[]string{file + "x"}, "bench.txtx"},
		"two files":      {[]string{file, file}, "one file"},
	} {
		var out strings.Builder
		if err := run(c.args, strings.NewReader(output), &out); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(output)
	f.Add("Benchmark- 1 1 x\nBenchmark 1 1 x\nBenchmarkA- 1 NaN x Inf y")
	f.Fuzz(func(t *testing.T, text string) {
		found, err := parse(strings.NewReader(text))
		if err != nil {
			return // a line too long
		}
		for name, units := range found {
			for unit := range units {
				if name == "" || unit == "" {
					t.Errorf("%q in %q", name, unit)
				}
				if v, ok := found.value(name, unit); !ok || !(v > 0) || math.IsInf(v, 0) {
					t.Errorf("%s of %s is %v, %v", unit, name, v, ok)
				}
			}
		}
	})
}
