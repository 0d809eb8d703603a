package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"aegis/audit"
)

// logged is what the demo shows of an audit entry.
type logged struct {
	Seq        int            `json:"seq"`
	Kind       string         `json:"kind"`
	Call       string         `json:"call"`
	Tool       string         `json:"tool"`
	Repo       string         `json:"repo"`
	Paths      []string       `json:"paths"`
	Decision   string         `json:"decision"`
	Code       string         `json:"code"`
	Redactions map[string]int `json:"redactions"`
	Withheld   int            `json:"withheld"`
	Bytes      int            `json:"bytes"`
}

// sceneAudit ends the session, shows its entries and verifies the chain.
func sceneAudit(ctx context.Context, show *screen, g *guest) error {
	g.end()
	show.asks("aegis audit verify")
	entries, err := readLogged(g.log)
	if err != nil {
		return err
	}
	open := map[string]bool{} // calls decided on and not yet accounted for
	for _, e := range entries {
		switch e.Kind {
		case "decision":
			open[e.Call] = true
		case "outcome":
			if !open[e.Call] {
				return errors.New("an outcome is logged without its decision")
			}
			delete(open, e.Call)
		}
		show.entry(e)
	}
	if len(open) > 0 || len(entries) < 2*g.calls {
		return fmt.Errorf("%d entries are logged, and %d calls have no outcome", len(entries), len(open))
	}
	report, err := audit.Verify(ctx, g.log)
	switch {
	case err != nil:
		return err
	case report.Problem != nil:
		return errors.New(report.Problem.String())
	case report.Entries != int64(len(entries)):
		return fmt.Errorf("%d entries are verified of %d", report.Entries, len(entries))
	}
	show.good("verified: %d entries, one chain, last entry %s...", report.Entries, report.Head[:12])
	show.note("Each call has a decision, written before anything was sent, and an outcome. Every entry")
	show.note("is hashed with the one before it. No text of arguments or answers is in there.")
	return nil
}

func readLogged(file string) (entries []logged, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, plain(err)
	}
	if err := seemly(string(raw)); err != nil {
		return nil, fmt.Errorf("the audit log: %w", err)
	}
	lines := bufio.NewScanner(strings.NewReader(string(raw)))
	lines.Buffer(nil, audit.MaxLine+1)
	for lines.Scan() {
		var e logged
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, errors.New("the audit log has a line that is no entry")
		}
		entries = append(entries, e)
	}
	return entries, lines.Err()
}
