package expect

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
)

// WriteJUnit writes reports as JUnit's XML, which CI systems read.
func WriteJUnit(out io.Writer, reports []Report) error {
	tests, failures := 0, 0
	for _, r := range reports {
		tests, failures = tests+len(r.Results), failures+r.Failed()
	}
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s<testsuites tests=\"%d\" failures=\"%d\">\n", xml.Header, tests, failures)
	for _, r := range reports {
		file := escaped(r.File)
		fmt.Fprintf(w, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\">\n", file, len(r.Results), r.Failed())
		for _, result := range r.Results {
			fmt.Fprintf(w, "    <testcase name=\"%s\" classname=\"%s\" file=\"%s\" line=\"%d\">", escaped(result.Title()), file, file, result.Line)
			if result.Failure != "" {
				fmt.Fprintf(w, "\n      <failure message=\"%s\">%s</failure>\n    ", escaped(result.Failure), escaped(result.Told))
			}
			fmt.Fprint(w, "</testcase>\n")
		}
		fmt.Fprint(w, "  </testsuite>\n")
	}
	fmt.Fprint(w, "</testsuites>\n")
	return w.Flush()
}

// escaped is a text as XML has it, between tags or quotes. What XML can't have is replaced.
func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes all
	return b.String()
}
