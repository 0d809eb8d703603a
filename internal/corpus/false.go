package corpus

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/report"

	"aegis/sanitize"
)

// A Tally is what was cut from ordinary files of a kind.
type Tally struct {
	Kind  string
	Files int
	Bytes int
	// Cuts counts redactions, Stock those of them that gitleaks asks for too,
	// Withheld files that were not shown at all.
	Cuts, Stock, Withheld int
}

// A Cut is a redaction in an ordinary file.
type Cut struct {
	Rule, File string
	Line       int
	Shown      string // the line around it, what was cut masked but for its begin
	Stock      bool   // gitleaks asks for it too
}

// Falsehood is what was cut from ordinary text.
type Falsehood struct {
	Tallies []Tally // by kind, in the order the kinds came
	Cuts    []Cut   // at most one a line
	// Overlooked are files in which gitleaks finds what we did not cut.
	Overlooked []string
}

// MeasureFalse scrubs ordinary files. gitleaks looks at every file from which
// something was cut, and at one in every of the others.
func MeasureFalse(stock *Stock, scrubber *sanitize.Scrubber, files []File, every int) *Falsehood {
	type outcome struct {
		report sanitize.Report
		cuts   []Cut
		stock  int
		over   bool
	}
	outcomes := make([]outcome, len(files))
	parallel(len(files), func(i int) {
		f, o := files[i], &outcomes[i]
		out, report := scrubber.Text(f.Text, sanitize.TextOptions{})
		o.report = report
		if len(report.Redactions) == 0 {
			o.over = (every > 0 && i%every == 0) && overlooked(stock.Find(f.Text, ""))
			return
		}
		theirs := make(map[string]int)
		for _, found := range stock.Find(f.Text, "") {
			theirs[found.RuleID]++
		}
		for rule := range report.Redactions {
			if _, waits := fittingPaths[rule]; waits {
				for _, found := range stock.Find(f.Text, f.Name) {
					if found.RuleID == rule {
						theirs[rule]++
					}
				}
			}
		}
		for rule, n := range report.Redactions {
			o.stock += min(n, theirs[rule])
		}
		o.over = overlooked(stock.Find(out, ""))
		o.cuts = cuts(f, out, theirs)
	})
	result := &Falsehood{}
	at := make(map[string]int)
	for i, o := range outcomes {
		f := files[i]
		n, ok := at[f.Kind]
		if !ok {
			n = len(result.Tallies)
			at[f.Kind] = n
			result.Tallies = append(result.Tallies, Tally{Kind: f.Kind})
		}
		t := &result.Tallies[n]
		t.Files++
		t.Bytes += len(f.Text)
		t.Stock += o.stock
		t.Withheld += o.report.Withheld
		for _, n := range o.report.Redactions {
			t.Cuts += n
		}
		result.Cuts = append(result.Cuts, o.cuts...)
		if o.over {
			result.Overlooked = append(result.Overlooked, f.Name)
		}
	}
	return result
}

// moduleSum is a line of go.sum, the promise's one exception: its hash is no secret.
var moduleSum = regexp.MustCompile(`^[+-]?\s*[a-z0-9.-]+\.[a-z]{2,}(?:/[\w.~!-]+)* v\d+\.\d+\.\d+[\w.+-]*(?:/go\.mod)? h1:([A-Za-z0-9+/]{43}=)\r?$`)

// overlooked reports whether gitleaks has found more than the exception allows.
func overlooked(found []report.Finding) bool {
	return slices.ContainsFunc(found, func(f report.Finding) bool {
		sum := moduleSum.FindStringSubmatch(strings.Trim(f.Line, "\n"))
		return sum == nil || !strings.Contains("h1:"+sum[1], f.Secret)
	})
}

var marker = regexp.MustCompile(`\[redacted:([a-z0-9-]+)\]`)

// cuts lists the lines of a file that were changed by a redaction. Lines
// correspond: the scrubber keeps their number.
func cuts(f File, out string, theirs map[string]int) []Cut {
	var all []Cut
	before, after := strings.Split(f.Text, "\n"), strings.Split(out, "\n")
	for i := range min(len(before), len(after)) {
		if before[i] == after[i] {
			continue
		}
		for _, at := range marker.FindAllStringSubmatchIndex(after[i], 1) {
			rule := after[i][at[2]:at[3]]
			all = append(all, Cut{rule, f.Name, i + 1, masked(before[i], after[i][:at[0]], after[i][at[1]:]), theirs[rule] > 0})
		}
	}
	return all
}

// masked returns a line with what stood between a prefix and a suffix masked
// but for its first four characters.
func masked(line, prefix, suffix string) string {
	if !strings.HasPrefix(line, prefix) {
		prefix = ""
	}
	gone := line[len(prefix):]
	gone = strings.TrimSuffix(gone, suffix)
	head := strings.TrimSpace(prefix)
	if r := []rune(head); len(r) > 48 {
		head = "…" + string(r[len(r)-48:])
	}
	r := []rune(gone)
	return fmt.Sprintf("%s«%s…%d»", head, string(r[:min(4, len(r))]), len(r))
}
