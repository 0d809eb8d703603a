package expect

import (
	"encoding/xml"
	"io"
)

type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	File    string       `xml:"file,attr"`
	Line    int          `xml:"line,attr"`
	Failure *testFailure `xml:"failure"`
}

type testFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes reports as JUnit's XML, which CI systems read.
func WriteJUnit(out io.Writer, reports []Report) error {
	var all testSuites
	for _, r := range reports {
		suite := testSuite{Name: r.File, Tests: len(r.Results), Failures: r.Failed()}
		for _, result := range r.Results {
			one := testCase{Name: result.Title(), Class: r.File, File: r.File, Line: result.Line}
			if result.Failure != "" {
				one.Failure = &testFailure{result.Failure, result.Told}
			}
			suite.Cases = append(suite.Cases, one)
		}
		all.Tests, all.Failures, all.Suites = all.Tests+suite.Tests, all.Failures+suite.Failures, append(all.Suites, suite)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
