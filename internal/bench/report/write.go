package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// write prints the rows. It fails, having printed all of them, if a row that
// can be measured on this system was not.
func write(out io.Writer, rows []row, found figures, system string) error {
	lines := [][]string{
		{"what", "target", "baseline", "Aegis", "ratio", ""},
		{"---", "---", "---", "---", "---", "---"},
	}
	var missing []string
	for _, r := range rows {
		line, complete := r.cells(found)
		if !complete && (!r.linux || system == "linux") {
			missing = append(missing, r.what)
		}
		lines = append(lines, line)
	}
	width := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var all strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			fill := " "
			if cell == "---" {
				fill = "-"
			}
			all.WriteString("| " + cell + strings.Repeat(fill, width[i]-utf8.RuneCountInString(cell)) + " ")
		}
		all.WriteString("|\n")
	}
	if _, err := io.WriteString(out, all.String()); err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("not measured: %s", strings.Join(missing, "; "))
	}
	return nil
}

// cells returns a row's cells, and whether all of its figures were found.
func (r row) cells(found figures) (cells []string, complete bool) {
	ours, measured := r.ours.in(found)
	baseline, compared := r.baseline.in(found)
	complete = measured && (compared || r.baseline == figure{})

	shown := []string{"not measured", "", ""}
	if measured {
		shown[0] = fmt.Sprintf(r.ours.show, ours)
	}
	ratio := 0.0
	if compared {
		ratio = ours / baseline
		shown[1] = fmt.Sprintf(r.baseline.show, baseline) + " (" + r.beside + ")"
		shown[2] = times(ratio)
	}
	return []string{r.what, r.target(), shown[1], shown[0], shown[2], r.verdict(complete, ours, ratio)}, complete
}

// times shows a ratio to three digits at least.
func times(ratio float64) string {
	switch {
	case ratio < 10:
		return fmt.Sprintf("%.2f ×", ratio)
	case ratio < 100:
		return fmt.Sprintf("%.1f ×", ratio)
	}
	return fmt.Sprintf("%.0f ×", ratio)
}

// in finds the figure; it is a positive number.
func (f figure) in(found figures) (float64, bool) {
	if f.fit {
		power, ok := found.exponent(f.benchmark, f.unit)
		return power * f.scale, ok
	}
	value, ok := found.value(f.benchmark, f.unit)
	if f.inverse {
		return f.scale / value, ok
	}
	return value * f.scale, ok
}

// target is the bound in words.
func (r row) target() string {
	switch {
	case r.most > 0:
		return "at most " + fmt.Sprintf(r.ours.show, r.most)
	case r.least > 0:
		return "at least " + fmt.Sprintf(r.ours.show, r.least)
	case r.mostRatio > 0:
		return "at most " + times(r.mostRatio)
	case r.leastRatio > 0:
		return "at least " + times(r.leastRatio)
	}
	return ""
}

func (r row) verdict(complete bool, ours, ratio float64) string {
	switch {
	case r.target() == "" || !complete:
		return ""
	case r.most > 0 && ours > r.most,
		r.least > 0 && ours < r.least,
		r.mostRatio > 0 && ratio > r.mostRatio,
		r.leastRatio > 0 && ratio < r.leastRatio:
		return "NOT MET"
	}
	return "met"
}
