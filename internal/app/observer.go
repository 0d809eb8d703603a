package app

import (
	"aegis/gate"
	"aegis/internal/metrics"
	"aegis/sanitize"
	"aegis/tools"
)

// newObserver makes what all rooms report to. It knows the closed sets that they have.
func newObserver(version string) *metrics.Observer {
	return metrics.New(metrics.Known{
		Version: version,
		Rules:   sanitize.Rules,
		Tools: func() (names []string) {
			for _, tool := range tools.All() {
				names = append(names, tool.Name)
			}
			return names
		},
		Codes: func() (codes []string) {
			for _, code := range gate.Codes() {
				codes = append(codes, string(code))
			}
			return codes
		},
	})
}
