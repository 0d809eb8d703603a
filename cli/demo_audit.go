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
	entries, err := readLogged(g.log)
	if err != nil {
		return err
	}
	decisions := 0
	open := map[string]bool{} // calls that were allowed and have no outcome yet
	for _, e := range entries {
		switch e.Kind {
		case "decision":
			decisions++
			if e.Decision == "allow" { // a refusal is its own outcome
				open[e.Call] = true
			}
		case "outcome":
			if !open[e.Call] {
				return errors.New("an outcome is logged without its decision")
			}
			delete(open, e.Call)
		}
		show.entry(e)
	}
	if decisions != g.calls || len(open) > 0 {
		return fmt.Errorf("%d of %d calls are logged, %d of them without their outcome", decisions, g.calls, len(open))
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
	show.note("A decision is on disk before anything is sent, an outcome before anything is answered. " +
		"Each entry is hashed with the one before it; aegis audit verify checks that. No answer is in there.")
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
