// Package metrics counts what the rooms of the house report.
//
// A room is handed an [Observer] and tells it what has happened, in words of its own. What
// is counted, under which name and by which labels, stands in one table here. The value of
// a label comes from a closed set; whatever else is reported counts as "other". So no name,
// text, path, key or address can get into a metric, whoever reports it.
//
// A nil Observer counts nothing, and counting never fails. Nothing is registered before it
// is counted or asked for, and nothing runs by itself.
package metrics

import (
	"fmt"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
)

// Known are the closed sets that this package can't know by itself. Each is asked for once,
// when it is needed first.
type Known struct {
	Version string          // of the program
	Tools   func() []string // names
	Codes   func() []string // of calls that failed
	Rules   func() []string // ids of what redacts by itself; an operator's own rule is "custom"
}

// Observer counts. It is safe for concurrent use. Make one with [New].
type Observer struct {
	known   map[string]counted                // by the families' names
	closed  map[string]func() map[string]bool // by the labels' names
	running atomic.Int64
	jobs    atomic.Pointer[map[string]bool] // names
}

// New makes an observer that has counted nothing.
func New(k Known) *Observer {
	o := &Observer{known: make(map[string]counted, len(families))}
	o.closed = map[string]func() map[string]bool{"tool": setOf(k.Tools), "code": setOf(k.Codes), "rule": setOf(k.Rules)}
	o.closed["job"] = func() map[string]bool { return *o.jobs.Load() }
	o.jobs.Store(new(map[string]bool))
	for label, words := range labels {
		o.closed[label] = setOf(func() []string { return words })
	}
	for _, f := range families {
		o.known[f.name] = counted{f, vm.NewSet()}
	}
	info := fmt.Sprintf("%s{version=%q,go_version=%q}", buildInfo, k.Version, runtime.Version())
	o.known[buildInfo].set.NewGauge(info, func() float64 { return 1 })
	o.Watch(callsRunning, func() float64 { return float64(o.running.Load()) })
	return o
}

func setOf(words func() []string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		set := make(map[string]bool)
		if words != nil {
			for _, word := range words() {
				set[word] = true
			}
		}
		return set
	})
}

// CallBegins counts a call that runs. What it returns is to be called at its end, with its
// outcome, the code of its failure, "" for none, and what was cut from its answer, by rule.
func (o *Observer) CallBegins(tool string) (ends func(outcome, code string, cut map[string]int)) {
	if o == nil {
		return func(string, string, map[string]int) {}
	}
	o.running.Add(1)
	began := time.Now()
	return func(outcome, code string, cut map[string]int) {
		o.running.Add(-1)
		o.count(callsTotal, 1, tool, outcome)
		o.measure(callDuration, time.Since(began), tool)
		if code != "" {
			o.count(refusalsTotal, 1, code)
		}
		for rule, n := range cut {
			o.count(redactionsTotal, n, rule)
		}
	}
}

// GiteaAnswered counts a request to Gitea, and how long its answer took to begin. status is
// an HTTP status, or one of [NoAnswer] and [GivenUp].
func (o *Observer) GiteaAnswered(method string, status int, took time.Duration) {
	o.count(giteaTotal, 1, method, classOf(status))
	o.measure(giteaDuration, took)
}

// What stands for the status of a request that has none.
const (
	NoAnswer = 0
	GivenUp  = -1 // nobody waits for it any more
)

// Appended counts entries of the audit log: appended, or failed to be.
func (o *Observer) Appended(err error) {
	if err != nil {
		o.count(auditFailures, 1)
		return
	}
	o.count(auditAppends, 1)
}

// PolicyRead counts a policy file that has changed, or is read first: it loads or not.
func (o *Observer) PolicyRead(err error) {
	result := "loaded"
	if err != nil {
		result = "failed"
	}
	o.count(policyLoads, 1, result)
}

// AuthFailed counts a request without a key in force.
func (o *Observer) AuthFailed(reason string) { o.count(authFailures, 1, reason) }

// Limited counts what a limit has kept from being done; "" is none.
func (o *Observer) Limited(limit string) {
	if limit != "" {
		o.count(limitsTotal, 1, limit)
	}
}

// Served counts a request of a client by the status that it was answered with.
func (o *Observer) Served(status int) { o.count(httpTotal, 1, classOf(status)) }

// mostJobs bounds how many jobs are told apart while a process lives.
const mostJobs = 200

// Jobs adds to the names of jobs that are told apart. They are the operator's, of the file that
// is in force. It is not to be called at once with itself.
func (o *Observer) Jobs(names ...string) {
	if o == nil {
		return
	}
	all := maps.Clone(*o.jobs.Load())
	if all == nil {
		all = make(map[string]bool)
	}
	for _, name := range names {
		if len(all) < mostJobs {
			all[name] = true
		}
	}
	o.jobs.Store(&all)
}

// JobEnded counts a run of a job.
func (o *Observer) JobEnded(job, outcome string) { o.count(jobRuns, 1, job, outcome) }

// Delivered counts what came as a webhook.
func (o *Observer) Delivered(result string) { o.count(hooksTotal, 1, result) }

// Watch says where the value of a gauge comes from. It is asked whenever the metrics are.
func (o *Observer) Watch(name string, value func() float64) {
	if o == nil {
		return
	}
	set := o.known[name].set
	set.UnregisterMetric(name) // of somebody before
	set.NewGauge(name, value)
}

// count adds to a counter. Values of labels go in the order of the table's.
func (o *Observer) count(name string, n int, values ...string) {
	if o != nil {
		o.known[name].set.GetOrCreateCounter(o.series(name, values)).Add(n)
	}
}

// measure adds to a histogram.
func (o *Observer) measure(name string, took time.Duration, values ...string) {
	if o != nil {
		o.known[name].set.GetOrCreatePrometheusHistogramExt(o.series(name, values), bounds).Update(took.Seconds())
	}
}

// series is a family's name with labels, whose values are in their closed sets.
func (o *Observer) series(name string, values []string) string {
	series := name
	for i, label := range o.known[name].labels {
		series += "{,"[min(i, 1):min(i, 1)+1] + label + `="` + o.within(label, values[i]) + `"`
	}
	if len(values) > 0 {
		series += "}"
	}
	return series
}

// within is a value if it is in the closed set of a label, and else what stands for all
// others.
func (o *Observer) within(label, value string) string {
	switch {
	case o.closed[label]()[value]:
		return value
	case label == "rule":
		return custom
	}
	return other
}

// classOf is the class of an HTTP status.
func classOf(status int) string {
	switch {
	case status == GivenUp:
		return "cancelled"
	case status < 200 || status > 599:
		return "error"
	}
	return string(rune('0'+status/100)) + "xx"
}
