package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// agreed are the metrics that Aegis has, with their labels; a histogram is there under
// three names. Those of the process are the library's.
var agreed = map[string][]string{
	"aegis_build_info":                     {"version", "go_version"},
	"aegis_calls_total":                    {"tool", "outcome"},
	"aegis_call_duration_seconds":          {"tool", "le"},
	"aegis_calls_running":                  {},
	"aegis_refusals_total":                 {"code"},
	"aegis_gitea_requests_total":           {"method", "status"},
	"aegis_gitea_request_duration_seconds": {"le"},
	"aegis_redactions_total":               {"rule"},
	"aegis_auth_failures_total":            {"reason"},
	"aegis_limits_total":                   {"limit"},
	"aegis_sessions":                       {},
	"aegis_http_connections":               {},
	"aegis_http_requests_total":            {"status"},
	"aegis_audit_appends_total":            {},
	"aegis_audit_failures_total":           {},
	"aegis_audit_ok":                       {},
	"aegis_policy_loads_total":             {"result"},
	"aegis_policy_ok":                      {},
	"aegis_keys_ok":                        {},
	"aegis_state_ok":                       {},
	"aegis_kill_switch":                    {},
	"aegis_jobs_runs_total":                {"name", "outcome"},
	"aegis_jobs_waiting":                   {},
	"aegis_hooks_total":                    {"delivery"},
	"process_resident_memory_bytes":        {},
	"process_cpu_seconds_total":            {},
	"process_start_time_seconds":           {},
	"up":                                   {}, // Prometheus' own
}

// targets are the labels that Prometheus gives to what it asks.
var targets = []string{"job", "instance"}

var (
	ofMetric  = regexp.MustCompile(`\b(?:aegis|process|go)_[a-z0-9_]+\b|\bup\b`)
	selected  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"`)
	grouped   = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	quoted    = regexp.MustCompile(`"[^"]*"`)
	histogram = regexp.MustCompile(`_seconds_(bucket|sum|count)$`)
)

// wrongIn says which metrics of an expression are not agreed, and which labels that it asks
// for none of them has.
func wrongIn(expr string) (wrong []string) {
	bare := grouped.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
	var has []string
	for _, name := range ofMetric.FindAllString(bare, -1) {
		labels, ok := agreed[histogram.ReplaceAllString(name, "_seconds")]
		if !ok {
			wrong = append(wrong, "there is no metric "+name)
		}
		has = append(has, labels...)
	}
	if len(ofMetric.FindAllString(bare, -1)) == 0 {
		wrong = append(wrong, "it asks for no metric")
	}
	var asked []string
	for _, found := range selected.FindAllStringSubmatch(expr, -1) {
		asked = append(asked, found[1])
	}
	for _, found := range grouped.FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(found[1], ",") {
			asked = append(asked, strings.TrimSpace(label))
		}
	}
	for _, label := range asked {
		if !slices.Contains(has, label) && !slices.Contains(targets, label) {
			wrong = append(wrong, "nothing in it has a label "+label)
		}
	}
	return wrong
}

func checkExpression(t *testing.T, where, expr string) {
	t.Helper()
	for _, wrong := range wrongIn(expr) {
		t.Errorf("%s: %s: %s", where, expr, wrong)
	}
}

// alert is a rule that somebody is told by.
type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal([]byte(read(t, "prometheus", "alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

// panel is what of the dashboard asks Prometheus.
type panel struct {
	Title, Type, Description string
	Targets                  []struct{ Expr string }
}

func panels(t *testing.T) (all []panel) {
	t.Helper()
	var board struct {
		Panels     []panel
		Templating struct {
			List []struct{ Name, Type, Definition string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana", "aegis.json")), &board); err != nil {
		t.Fatal(err)
	}
	for _, each := range board.Templating.List {
		if each.Type == "query" {
			checkExpression(t, "the variable "+each.Name, strings.TrimPrefix(each.Definition, "label_values("))
		}
	}
	return board.Panels
}

// Alerts and dashboard ask for metrics that there are, and for all that matter.
func TestMetricsAreTheAgreedOnes(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, rule := range alerts(t) {
		checkExpression(t, rule.Alert, rule.Expr)
		all.WriteString(rule.Expr + "\n")
		if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" || !slices.Contains([]string{"critical", "warning"}, rule.Labels["severity"]) {
			t.Errorf("%s does not say what, what to do, and how urgent it is", rule.Alert)
		}
	}
	for _, name := range []string{"aegis_audit_ok", "aegis_kill_switch", "aegis_refusals_total", "aegis_policy_ok", "aegis_keys_ok", "aegis_state_ok"} {
		if !strings.Contains(all.String(), name) {
			t.Errorf("no alert looks at %s", name)
		}
	}
	for _, panel := range panels(t) {
		if panel.Type == "row" {
			continue
		}
		if len(panel.Targets) == 0 || panel.Description == "" {
			t.Errorf("the panel %q shows nothing, or does not say what", panel.Title)
		}
		for _, target := range panel.Targets {
			checkExpression(t, panel.Title, target.Expr)
			all.WriteString(target.Expr + "\n")
		}
	}
	for name := range agreed {
		if !strings.Contains(all.String(), name) {
			t.Errorf("nobody looks at %s", name)
		}
	}
}

// The list above is what docs/metrics.md has, where it is.
func TestMetricsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "metrics.md"))
	if err != nil {
		notRun(t, "there is no docs/metrics.md to hold the list against")
	}
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:aegis|process)_[a-z_]+)` \\| \\w+ \\|([^|]*)\\|").FindAllStringSubmatch(string(page), -1) {
		documented[row[1]] = true
		labels, ok := agreed[row[1]]
		if !ok && strings.HasPrefix(row[1], "aegis_") {
			t.Errorf("%s is documented, and not in the list", row[1])
		}
		for _, label := range labels {
			if label != "le" && !strings.Contains(row[2], "`"+label+"`") {
				t.Errorf("%s has no label %s", row[1], label)
			}
		}
	}
	for name := range agreed {
		if !documented[name] && name != "up" {
			t.Errorf("%s is not documented", name)
		}
	}
}

// A metric or label that there is not is found.
func TestOtherMetricsAreFound(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{"aegis_nothing_total", `aegis_audit_ok{tool="x"}`, "sum by (code) (aegis_calls_total)", "1", "go_goroutines"} {
		if len(wrongIn(expr)) == 0 {
			t.Errorf("%s passes", expr)
		}
	}
}

// promtool reads the rules, tells every alert where it is to be told and none elsewhere,
// and reads what the dashboard asks as it would be asked.
func TestPromtool(t *testing.T) {
	t.Parallel()
	promtool := needs(t, "promtool", "Debian's package prometheus")
	folder := t.TempDir()
	for _, name := range []string{"alerts.yaml", "alerts_test.yaml", "prometheus.yaml"} {
		write(t, folder+"/"+name, read(t, "prometheus", name))
	}
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var asked []rule
	filled := strings.NewReplacer("$__rate_interval", "5m", "$job", "aegis", "$instance", ".*")
	for _, panel := range panels(t) {
		for _, target := range panel.Targets {
			asked = append(asked, rule{"asked:by:panel", filled.Replace(target.Expr)})
		}
	}
	board, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": asked}}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder+"/dashboard.yaml", string(board))
	for _, args := range [][]string{
		{"check", "config", "prometheus.yaml"}, {"check", "rules", "--lint=none", "alerts.yaml", "dashboard.yaml"}, {"test", "rules", "alerts_test.yaml"},
	} {
		if said, err := run(t, folder, promtool, args...); err != nil {
			t.Errorf("promtool %q: %v\n%s", args, err, said)
		}
	}
	for _, rule := range alerts(t) {
		if !strings.Contains(read(t, "prometheus", "alerts_test.yaml"), "alertname: "+rule.Alert+", exp_alerts") && !strings.Contains(read(t, "prometheus", "alerts_test.yaml"), "alertname: "+rule.Alert+"\n") {
			t.Errorf("no test tells %s", rule.Alert)
		}
	}
}
