package metrics

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	vm "github.com/VictoriaMetrics/metrics"
)

// ContentType is the type of what [Observer.Write] writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Write writes all that there is in Prometheus' text format: each family with what it
// says and what it is, then what is known of the process.
func (o *Observer) Write(w io.Writer) error {
	o.fill()
	var all bytes.Buffer
	for _, f := range families {
		var values bytes.Buffer
		o.known[f.name].set.WritePrometheus(&values)
		f.write(&all, values.Bytes())
	}
	writeProcess(&all)
	_, err := w.Write(all.Bytes())
	return err
}

// write writes a family that has values.
func (f family) write(w io.Writer, values []byte) {
	if len(values) > 0 {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s", f.name, f.help, f.name, f.kind, values)
	}
}

// process are the metrics of the process: those of the library's that every system's
// monitoring knows, where the system tells them.
var process = []family{
	{"process_cpu_seconds_total", counter, "Time of processors that was used.", nil},
	{"process_resident_memory_bytes", gauge, "Memory that is resident.", nil},
	{"process_resident_memory_anon_bytes", gauge, "Memory that is resident and belongs to no file.", nil},
	{"process_virtual_memory_bytes", gauge, "Memory that is addressed.", nil},
	{"process_start_time_seconds", gauge, "When the process was started, in seconds since 1970.", nil},
	{"process_num_threads", gauge, "Threads of the operating system.", nil},
	{"process_open_fds", gauge, "File descriptors that are open.", nil},
	{"process_max_fds", gauge, "File descriptors that may be open.", nil},
}

func writeProcess(w io.Writer) {
	var told bytes.Buffer
	vm.WriteProcMetrics(&told)
	vm.WriteFDMetrics(&told)
	lines := slices.Collect(bytes.Lines(told.Bytes()))
	for _, f := range process {
		for _, line := range lines {
			if bytes.HasPrefix(line, []byte(f.name+" ")) {
				f.write(w, line)
			}
		}
	}
}

// sample is a series with its value.
type sample struct {
	series string
	value  float64
}

// samples reads a family's series from its text. What is none is left out.
func samples(text []byte) (all []sample) {
	for line := range strings.Lines(string(text)) {
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSuffix(line[at+1:], "\n"), 64)
		if err == nil && value >= 0 && value <= maxValue {
			all = append(all, sample{line[:at], value})
		}
	}
	return all
}

// maxValue is the largest value that is counted exactly.
const maxValue = 1 << 53

// Counters is what was counted at all, by metric and, within it, by the values of its
// labels: for a line of a log. Times are not in it.
func (o *Observer) Counters() map[string]any {
	all := make(map[string]any)
	if o == nil {
		return all
	}
	for _, f := range families {
		if f.kind != counter {
			continue
		}
		for _, s := range o.samplesOf(f.name) {
			if s.value > 0 {
				put(all, append([]string{f.name}, valuesOf(s.series)...), int64(s.value))
			}
		}
	}
	return all
}

// samplesOf are the samples of a family.
func (o *Observer) samplesOf(name string) []sample {
	var text bytes.Buffer
	o.known[name].set.WritePrometheus(&text)
	return samples(text.Bytes())
}

// put puts a number below a path of names.
func put(into map[string]any, path []string, n int64) {
	for ; len(path) > 1; path = path[1:] {
		below, ok := into[path[0]].(map[string]any)
		if !ok {
			below = make(map[string]any)
			into[path[0]] = below
		}
		into = below
	}
	into[path[0]] = n
}

// valuesOf are the values of a series' labels. None has a quote in it.
func valuesOf(series string) (values []string) {
	for i, part := range strings.Split(series, `"`) {
		if i%2 == 1 {
			values = append(values, part)
		}
	}
	return values
}
