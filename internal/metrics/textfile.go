package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Textfile is a file for the textfile collector of Prometheus' node exporter.
//
// Many processes may write the same one, at once and one after the other. Each adds what
// it has counted since it wrote last, so that the file has the sum of all: sessions that
// come and go are one counter that grows. It is replaced whole, under a lock beside it.
// A file that was not written by this package is never replaced.
type Textfile struct {
	name     string
	observer *Observer
	gauges   bool
	added    map[string]float64 // what of the observer's is in the file, by series
}

// TextfileSuffix is how a textfile's name has to end: the collector reads no others.
const TextfileSuffix = ".prom"

// textfileMark begins each textfile. The number is another one if what was written before
// can't be added to.
const (
	textfileMaker = "# Written by aegis"
	textfileMark  = textfileMaker + ", format 1: counters of all its processes, added up.\n"
)

// maxTextfile bounds a textfile, in bytes: all series that there can be, twice over.
const maxTextfile = 4 << 20

// NewTextfile makes a textfile of what an observer counts. gauges says whether it shows
// gauges, too: those are of a process that goes on, and whoever has them has the file alone.
func (o *Observer) NewTextfile(name string, gauges bool) *Textfile {
	return &Textfile{name: name, observer: o, gauges: gauges, added: make(map[string]float64)}
}

// Last is Add for the last time: no gauge stays in the file.
func (t *Textfile) Last(ctx context.Context) error {
	t.gauges = false
	return t.Add(ctx)
}

// Add adds to the file what was counted since it was called last. It waits for the lock
// until ctx is done. What a failure leaves out is added by the next call. It is not to be
// called at once with itself.
func (t *Textfile) Add(ctx context.Context) error {
	unlock, err := t.lock(ctx)
	if err != nil {
		return fmt.Errorf("the lock of the metrics file: %w", err)
	}
	defer unlock()
	before, err := t.read()
	if err != nil {
		return err
	}
	t.observer.fill()
	var all bytes.Buffer
	all.WriteString(textfileMark)
	added := make(map[string]float64)
	for _, f := range families {
		var lines bytes.Buffer
		for _, s := range t.merged(f, before[f.name], added) {
			lines.WriteString(s.series + " " + strconv.FormatFloat(s.value, 'f', -1, 64) + "\n")
		}
		f.write(&all, lines.Bytes())
	}
	if err := replace(t.name, all.Bytes()); err != nil {
		return err
	}
	t.added = added
	return nil
}

// merged are the samples of a family: what the file had and what came to it. What it
// comes from is noted in added.
func (t *Textfile) merged(f family, before []sample, added map[string]float64) (all []sample) {
	if f.kind == gauge {
		if t.gauges {
			all = t.observer.samplesOf(f.name)
		}
		return all
	}
	at := make(map[string]int)
	all = t.observer.samplesOf(f.name)
	for i, s := range all {
		added[s.series] = s.value
		all[i].value = max(s.value-t.added[s.series], 0)
		at[s.series] = i
	}
	for _, s := range before {
		if i, ours := at[s.series]; ours {
			all[i].value += s.value
		} else {
			all = append(all, s)
		}
	}
	return all
}

// read reads what the file has, by family. What this program would not have written is
// left out.
func (t *Textfile) read() (map[string][]sample, error) {
	file, err := os.Open(t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", t.name)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxTextfile))
	switch {
	case err != nil:
		return nil, err
	case len(text) > 0 && !bytes.HasPrefix(text, []byte(textfileMaker)):
		return nil, fmt.Errorf("%s was not written by Aegis and is left as it is; name another file", t.name)
	case !bytes.HasPrefix(text, []byte(textfileMark)): // of another version
		return nil, nil
	}
	return t.observer.parse(text), nil
}

// parse reads the series of a textfile that can be added to, by family.
func (o *Observer) parse(text []byte) map[string][]sample {
	all, seen := make(map[string][]sample), make(map[string]bool)
	for _, s := range samples(text) {
		if name := o.familyOf(s.series); name != "" && !seen[s.series] {
			seen[s.series] = true
			all[name] = append(all[name], s)
		}
	}
	return all
}

var seriesShape = sync.OnceValue(func() *regexp.Regexp { // a session that has no file needs none
	return regexp.MustCompile(`^([a-z_]+?)(_bucket|_sum|_count)?(\{.*\})?$`)
})

// familyOf is the family of a counter's or a histogram's series that this program could
// have written, "" if it could not.
func (o *Observer) familyOf(series string) string {
	parts := seriesShape().FindStringSubmatch(series)
	if parts == nil {
		return ""
	}
	f, ok := o.known[parts[1]]
	values := valuesOf(parts[3])
	le := ""
	if parts[2] == "_bucket" && len(values) > 0 {
		le, values = values[len(values)-1], values[:len(values)-1]
		if le != "+Inf" && !slices.ContainsFunc(bounds, func(bound float64) bool { return fmt.Sprint(bound) == le }) {
			return ""
		}
	}
	if !ok || f.kind == gauge || (f.kind == histogram) != (parts[2] != "") || len(values) != len(f.labels) {
		return ""
	}
	rest := strings.TrimPrefix(o.series(f.name, values), f.name)
	if le != "" {
		rest = strings.TrimSuffix(rest, "}") + "{,"[min(len(values), 1):min(len(values), 1)+1] + `le="` + le + `"}`
	}
	if parts[3] != rest {
		return ""
	}
	return f.name
}

// lock takes the lock beside the file.
func (t *Textfile) lock(ctx context.Context) (unlock func(), err error) {
	name := t.name + ".lock"
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	l := flock.New(name, flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return nil, err
	}
	return func() { _ = l.Unlock() }, nil
}

// replace puts a file in the place of another, whole. Everybody may read it: the collector
// is another user.
func replace(name string, content []byte) error {
	temp := name + ".tmp"
	_ = os.Remove(temp) // of somebody who was killed
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}
