package metrics

import (
	"slices"
	"strings"

	vm "github.com/VictoriaMetrics/metrics"
)

// family is a metric: its name, what it says, and the labels that it has.
type family struct {
	name   string
	kind   string
	help   string
	labels []string
}

const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// Gauges that somebody has to [Observer.Watch].
const (
	Sessions        = "aegis_sessions"
	HTTPConnections = "aegis_http_connections"
	AuditOK         = "aegis_audit_ok"
	PolicyOK        = "aegis_policy_ok"
	KeysOK          = "aegis_keys_ok"
	StateOK         = "aegis_state_ok"
	KillSwitch      = "aegis_kill_switch"
	JobsWaiting     = "aegis_jobs_waiting"
)

const (
	buildInfo       = "aegis_build_info"
	callsTotal      = "aegis_calls_total"
	callDuration    = "aegis_call_duration_seconds"
	callsRunning    = "aegis_calls_running"
	refusalsTotal   = "aegis_refusals_total"
	giteaTotal      = "aegis_gitea_requests_total"
	giteaDuration   = "aegis_gitea_request_duration_seconds"
	redactionsTotal = "aegis_redactions_total"
	authFailures    = "aegis_auth_failures_total"
	limitsTotal     = "aegis_limits_total"
	httpTotal       = "aegis_http_requests_total"
	auditAppends    = "aegis_audit_appends_total"
	auditFailures   = "aegis_audit_failures_total"
	policyLoads     = "aegis_policy_loads_total"
	jobRuns         = "aegis_jobs_runs_total"
	hooksTotal      = "aegis_hooks_total"
)

// families is the table of what is counted, in the order in which it is shown.
var families = []family{
	{buildInfo, gauge, "1, with the version of the program and of Go.", []string{"version", "go_version"}},
	{callsTotal, counter, "Calls of tools, by how they ended.", []string{"tool", "outcome"}},
	{callDuration, histogram, "Time that a call took, from when it had a place to run in to its answer.", []string{"tool"}},
	{callsRunning, gauge, "Calls that run.", nil},
	{refusalsTotal, counter, "Calls that were refused or failed, by the code of their answer.", []string{"code"}},
	{giteaTotal, counter, "Requests to Gitea, by method and class of status.", []string{"method", "status"}},
	{giteaDuration, histogram, "Time until an answer of Gitea's began, or until it was known that there is none.", nil},
	{redactionsTotal, counter, "Values that were cut from answers, by rule.", []string{"rule"}},
	{authFailures, counter, "Requests without a key in force, by what was wrong.", []string{"reason"}},
	{limitsTotal, counter, "Requests that a limit has kept from being served.", []string{"limit"}},
	{Sessions, gauge, "Sessions of the older protocol that are open.", nil},
	{HTTPConnections, gauge, "Connections of clients.", nil},
	{httpTotal, counter, "Requests of clients, by class of status.", []string{"status"}},
	{auditAppends, counter, "Entries that were appended to the audit log.", nil},
	{auditFailures, counter, "Entries that could not be appended to the audit log.", nil},
	{AuditOK, gauge, "Whether the audit log can be appended to.", nil},
	{policyLoads, counter, "Policy files that were read first or have changed, callers' own among them.", []string{"result"}},
	{PolicyOK, gauge, "Whether the policy file, as it is now, loads.", nil},
	{KeysOK, gauge, "Whether the keys file, as it is now, loads.", nil},
	{StateOK, gauge, "Whether the state file can be written.", nil},
	{KillSwitch, gauge, "Whether the kill switch is on: every call is denied.", nil},
	{jobRuns, counter, "Runs of jobs, by how they ended.", []string{"job", "outcome"}},
	{JobsWaiting, gauge, "Runs of jobs that wait.", nil},
	{hooksTotal, counter, "Deliveries of webhooks, by what became of them.", []string{"delivery"}},
}

// labels are the closed sets that are known here.
var labels = map[string][]string{
	"outcome": {"ok", "asked", "refused", "failed", "cancelled", "done", "later", "unknown", "dropped"},
	"method":  {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"},
	"status":  {"2xx", "3xx", "4xx", "5xx", "error", "cancelled"},
	"reason":  {"no_key", "malformed", "unknown", "not_in_force", "wrong_address"},
	"limit":   {"rate_key", "rate_address", "auth_throttled", "sessions", "pending", "bodies", "body", "slow_body", "connections", "hooks"},
	"result":  {"loaded", "failed"},
	"delivery": {
		"accepted", "double", "unwanted", "full", "no_state", "method", "content_type", "too_large", "unreadable", "signature", "repository",
		"malformed", "headers", "old", "future", "unsupported",
	},
}

// Others stand for what is in no closed set.
const (
	other  = "other"
	custom = "custom" // a rule
)

// bounds are the upper bounds of a histogram's buckets, in seconds. Whoever changes them
// gives [textfileMark] another number.
var bounds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// counted is a family with what was counted of it.
type counted struct {
	family
	set *vm.Set
}

// fill makes counters that have counted nothing yet, where there are few: the first
// failure then shows as an increase.
func (o *Observer) fill() {
	for _, f := range families {
		switch {
		case f.name == hooksTotal && len(o.closed["job"]()) == 0: // nobody waits for any
		case f.kind != counter || slices.Contains(f.labels, "tool") || slices.Contains(f.labels, "rule"):
		case len(f.labels) == 0:
			o.count(f.name, 0)
		case len(f.labels) == 1:
			for word := range o.closed[f.labels[0]]() {
				if f.name != httpTotal || strings.HasSuffix(word, "xx") { // a client is always answered
					o.count(f.name, 0, word)
				}
			}
		}
	}
}
