package audit

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Machine is what is known of the log of one machine of many, gathered in a folder.
type Machine struct {
	Name    string    `json:"name"`
	Status  string    `json:"status"` // "ok", "stale", "missing", "unreadable", "copy", or a [Sort]
	Says    string    `json:"says,omitempty"`
	Files   int       `json:"files,omitempty"`
	Entries int64     `json:"entries,omitempty"`
	From    int64     `json:"from,omitempty"`
	Seq     int64     `json:"seq,omitempty"`
	Head    string    `json:"head,omitempty"`
	First   time.Time `json:"first,omitzero"`
	Last    time.Time `json:"last,omitzero"`

	Checkpoints int   `json:"checkpoints,omitempty"` // that were gathered with it
	Covered     int64 `json:"covered,omitempty"`     // number of the last entry that one of them is of

	begins string
}

// FleetOptions say what is expected of machines. The zero FleetOptions expect nothing.
type FleetOptions struct {
	Hosts []string // that must be there
	Keys  []string // public keys of checkpoints; without them each machine's own
	Stale time.Duration
	Now   time.Time
}

// Fleet verifies the logs of many machines, each in a folder of its name below dir: files
// that end in .jsonl, with what was rotated beside them. Files with "checkpoint" in their
// names are checkpoints that the log is held against. The error is of reading dir, or
// ctx's; what is wrong with a log is said of its machine.
func Fleet(ctx context.Context, dir string, o FleetOptions) ([]Machine, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all, links := make([]Machine, 0, len(names)), []Machine{}
	for _, entry := range names {
		switch {
		case entry.IsDir():
			all = append(all, Machine{Name: entry.Name()})
		case entry.Type()&fs.ModeSymlink != 0:
			links = append(links, Machine{Name: entry.Name(), Status: "unreadable", Says: "it is a link, which is not followed"})
		}
	}
	var working sync.WaitGroup
	next := make(chan *Machine)
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for m := range next {
				m.verify(ctx, filepath.Join(dir, m.Name), o)
			}
		})
	}
	for i := range all {
		next <- &all[i]
	}
	close(next)
	working.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tellCopies(all)
	all = append(all, links...)
	for _, host := range o.Hosts {
		if !slices.ContainsFunc(all, func(m Machine) bool { return m.Name == host }) {
			all = append(all, Machine{Name: host, Status: "missing", Says: "nothing was gathered of it"})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, nil
}

func (m *Machine) verify(ctx context.Context, folder string, o FleetOptions) {
	log, notes, err := gathered(folder)
	switch {
	case err != nil:
		m.Status, m.Says = "unreadable", err.Error()
		return
	case log == "":
		m.Status, m.Says = "missing", "no log was gathered of it"
		return
	}
	checkpoints, err := m.checkpoints(log, notes, o.Keys)
	if err != nil {
		m.Status, m.Says = string(Forked), err.Error()
		return
	}
	report, err := VerifyAgainst(ctx, log, checkpoints)
	if err != nil {
		m.Status, m.Says = "unreadable", err.Error()
		return
	}
	m.Files, m.Entries, m.From, m.Seq, m.Head, m.First, m.Last = report.Files, report.Entries, report.From, report.Seq, report.Head, report.First, report.Last
	m.begins, m.Checkpoints = report.Begins, len(checkpoints)
	for _, c := range checkpoints {
		m.Covered = max(m.Covered, c.Seq)
	}
	switch age := o.Now.Sub(m.Last); {
	case report.Problem != nil:
		m.Status, m.Says = string(report.Problem.Sort()), report.Problem.String()
	case o.Stale > 0 && age < -aClock:
		m.Status, m.Says = "stale", fmt.Sprintf("its last entry is of %s, which is to come: how old it is can't be told", m.Last.Format(time.RFC3339))
	case o.Stale > 0 && age > o.Stale:
		m.Status, m.Says = "stale", fmt.Sprintf("its last entry is %s old", age.Round(time.Minute))
	default:
		m.Status = "ok"
	}
}

func (m *Machine) checkpoints(log string, notes, keys []string) (all []Checkpoint, err error) {
	if len(keys) == 0 && len(notes) > 0 {
		if keys, err = KnownKeys(log); err != nil {
			return nil, err
		}
	}
	for _, path := range notes {
		read, err := ReadCheckpoints(path, keys)
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	return all, nil
}

// gathered finds the log and the checkpoints in a machine's folder.
func gathered(folder string) (log string, notes []string, err error) {
	names, err := os.ReadDir(folder)
	if err != nil {
		return "", nil, err
	}
	for _, entry := range names {
		switch name := entry.Name(); {
		case !entry.Type().IsRegular(), strings.HasSuffix(name, ".checkpoint.key"), strings.HasSuffix(name, ".checkpoint.pub"):
		case strings.HasSuffix(name, ".jsonl") && log != "":
			return "", nil, fmt.Errorf("there are several logs, %q and %q", filepath.Base(log), name)
		case strings.HasSuffix(name, ".jsonl"):
			log = filepath.Join(folder, name)
		case strings.Contains(name, "checkpoint"):
			notes = append(notes, filepath.Join(folder, name))
		}
	}
	return log, notes, nil
}

// tellCopies finds logs that began as the same: a machine that was cloned, or one that
// hands in what is another's.
func tellCopies(all []Machine) {
	first := map[string]*Machine{}
	for i := range all {
		m := &all[i]
		if m.begins == "" || !slices.Contains([]string{"ok", "stale"}, m.Status) {
			continue
		}
		other := first[m.begins]
		if other == nil {
			first[m.begins] = m
			continue
		}
		for _, pair := range [][2]*Machine{{m, other}, {other, m}} { // which of them it is of can't be told
			name := strconv.Quote(pair[1].Name)
			if m.Head == other.Head {
				pair[0].Status, pair[0].Says = "copy", "it has the same log as "+name
			} else {
				pair[0].Status, pair[0].Says = string(Forked), "its log began as that of "+name+" did, and goes another way"
			}
		}
	}
}
