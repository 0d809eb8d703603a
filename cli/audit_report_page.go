package cli

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
	"time"

	"aegis/audit"
)

// reportHead is the page up to its body: its style, and that nothing is to be loaded or run.
//
//go:embed audit_report.html
var reportHead string

// report is what the page shows. It is written by hand: the template library would make
// the program a sixth larger.
type report struct {
	audit.Summary
	log, base string
	chosen    []string // flags that leave out a part of the log
	made      time.Time
	reading   audit.Reading
}

// page writes HTML. All that is not its own goes through text.
type page struct{ *bufio.Writer }

// text is a text of somebody else's, as HTML: as audit show prints it, so that nothing in
// it hides, reorders or runs on.
func text(s string) string { return html.EscapeString(quotedWords(s)) }

func (p page) put(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (r report) write(out io.Writer) error {
	p := page{bufio.NewWriter(out)}
	p.put("%s<h1>Aegis audit log</h1>\n", reportHead)
	r.chain(p)
	r.tiles(p)
	r.overTime(p)
	p.put("<div class=\"tables\">\n")
	for _, table := range []struct {
		title, counted string
		rows           []audit.Count
	}{
		{"Tools", "calls", r.ByTool}, {"Repositories", "calls", r.ByRepo}, {"Principals", "calls", r.ByPrincipal}, {"Clients", "calls", r.Client},
		{"Refusals and failures", "calls", r.Denials}, {"Redactions", "findings", r.Redactions},
	} {
		p.table(table.title, table.counted, table.rows)
	}
	p.put("</div>\n")
	r.writes(p)
	r.sessions(p)
	p.put("</body>\n</html>\n")
	return p.Flush()
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// chain says whether the log is what it was.
func (r report) chain(p page) {
	span := "no calls"
	if r.Calls > 0 {
		span = minute(r.First) + " to " + minute(r.Last) + " UTC"
	}
	p.put("<p class=\"soft\">%s, %s. Written %s UTC.</p>\n", text(r.log), span, minute(r.made))
	if len(r.chosen) > 0 {
		p.put("<p><b>Of a part of the log only:</b> %s</p>\n", text(strings.Join(r.chosen, " ")))
	}
	if len(r.reading.Problems) == 0 {
		p.put("<p class=\"good\">The chain holds from the first entry to the last.</p>\n")
	} else {
		p.put("<p class=\"bad\"><b>The log is not what it was.</b></p>\n")
	}
	for _, problem := range r.reading.Problems {
		p.put("<p class=\"bad\">%s</p>\n", text(problem.String()))
	}
	if r.reading.More > 0 {
		p.put("<p class=\"bad\">and %d more</p>\n", r.reading.More)
	}
	for _, note := range r.reading.Notes {
		p.put("<p class=\"soft\">%s</p>\n", text(note))
	}
}

func (r report) tiles(p page) {
	p.put("<div class=\"tiles\">\n")
	for _, tile := range []struct {
		n    int64
		what string
	}{
		{r.Calls, "calls"}, {r.Allowed, "allowed"}, {r.Denied, "denied"}, {r.Failed, "failed"}, {r.Wrote, "wrote"},
		{r.Redacted, "findings redacted"}, {r.Withheld, "items withheld"},
	} {
		p.put("<div><b>%d</b>%s</div>\n", tile.n, tile.what)
	}
	p.put("</div>\n")
}

// overTime draws a bar for each hour, day, month or year.
func (r report) overTime(p page) {
	if len(r.OverTime) == 0 {
		return
	}
	most := int64(1)
	for _, point := range r.OverTime {
		most = max(most, point.N)
	}
	first, last := r.OverTime[0], r.OverTime[len(r.OverTime)-1]
	unit := map[int]string{len("2006"): "year", len("2006-01"): "month", len(time.DateOnly): "day"}[len(first.Name)]
	if unit == "" {
		unit = "hour"
	}
	p.put("<h2>Calls by %s</h2>\n<div class=\"bars\" role=\"img\" aria-label=\"Calls by %s: %d on the busiest\">", unit, unit, most)
	for _, point := range r.OverTime {
		p.put("<span title=\"%s: %d, %d denied\"><i style=\"height:%s\"></i><i class=\"denied\" style=\"height:%s\"></i></span>",
			text(point.Name), point.N, point.OfDenials, share(point.N-point.OfDenials, most), share(point.OfDenials, most))
	}
	p.put("</div>\n<p class=\"axis soft\"><span>%s</span><span>at most %d calls; the upper part was denied</span><span>%s</span></p>\n",
		pointOf(first.Name), most, pointOf(last.Name))
}

// share is a height, and never so small that it can't be seen.
func share(n, most int64) string {
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("max(%d%%, 2px)", 100*n/most)
}

// pointOf is a point in time for people.
func pointOf(name string) string {
	if day, hour, ok := strings.Cut(name, "T"); ok {
		return text(day + " " + hour + ":00")
	}
	return text(name)
}

// rowsShown is how many rows of a table the page has.
const rowsShown = 20

func (p page) table(title, counted string, rows []audit.Count) {
	if len(rows) == 0 {
		return
	}
	p.put("<section><h2>%s</h2><table>\n", title)
	p.put("<tr><th>name</th><th class=\"n\">%s</th><th>share</th></tr>\n", counted)
	for _, row := range rows[:min(len(rows), rowsShown)] {
		denied := ""
		if row.OfDenials > 0 && row.OfDenials < row.N {
			denied = fmt.Sprintf(" <span class=\"bad\">(%d denied)</span>", row.OfDenials)
		}
		p.put("<tr><td>%s</td><td class=\"n\">%d%s</td><td><div class=\"share\"><i style=\"width:%s\"></i></div></td></tr>\n",
			text(row.Name), row.N, denied, share(row.N, rows[0].N))
	}
	p.put("</table>")
	if n := len(rows) - rowsShown; n > 0 {
		p.put("<p class=\"soft\">and %d more</p>", n)
	}
	p.put("</section>\n")
}

// row writes a row of a table; its cells are HTML.
func (p page) row(tag string, cells ...string) {
	p.put("<tr>")
	for _, cell := range cells {
		p.put("<%s>%s</%s>", tag, cell, tag)
	}
	p.put("</tr>\n")
}

func (r report) writes(p page) {
	p.put("<h2>What was written</h2>\n")
	if len(r.Writes) == 0 {
		p.put("<p>Nothing.</p>\n")
		return
	}
	p.put("<div class=\"wide\"><table>\n")
	p.row("th", "when (UTC)", "tool", "repository", "made", "principal", "client", "call")
	for i := len(r.Writes) - 1; i >= 0; i-- {
		e := r.Writes[i]
		p.row("td", minute(e.Time), text(e.Tool), text(e.Repo), r.madeBy(e), text(e.Principal), text(e.Client), text(e.Call))
	}
	p.put("</table></div>\n")
	if r.WritesLeftOut > 0 {
		p.put("<p class=\"soft\">%d earlier writes are not listed</p>\n", r.WritesLeftOut)
	}
}

func (r report) madeBy(e audit.Write) (cell string) {
	if len(e.Made) == 0 {
		return count(int64(e.Requests), "request", "requests")
	}
	for i, made := range e.Made {
		if i > 0 {
			cell += "<br>"
		}
		said, href := linkTo(r.base, e.Repo, made)
		if href == "" {
			cell += text(said)
			continue
		}
		cell += `<a href="` + html.EscapeString(href) + `">` + text(said) + "</a>"
	}
	return cell
}

func (r report) sessions(p page) {
	p.put("<h2>Sessions</h2>\n")
	if len(r.Sessions) == 0 {
		p.put("<p>None.</p>\n")
		return
	}
	p.put("<div class=\"wide\"><table>\n")
	p.row("th", "session", "principal", "client", "from (UTC)", "to", "calls", "denied")
	for _, one := range r.Sessions {
		ended := "no end recorded"
		if !one.Ended.IsZero() {
			ended = minute(one.Ended)
		}
		p.row("td", text(one.ID), text(one.Principal), text(one.Client), minute(one.Begun), ended, strconv.FormatInt(one.Calls, 10), strconv.FormatInt(one.Denied, 10))
	}
	p.put("</table></div>\n")
	if r.SessionsLeftOut > 0 {
		p.put("<p class=\"soft\">%d earlier sessions are not listed</p>\n", r.SessionsLeftOut)
	}
}
