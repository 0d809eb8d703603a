package gate

import (
	"strings"

	"aegis/internal/canon"
	"aegis/sanitize"
)

// codeText is a file's text, scrubbed.
type codeText struct {
	text   string
	masked string // text where a marker of ours is a NUL; text itself if there is none
	skip   string // why there is no text, "" if there is
	report sanitize.Report
}

func (t *codeText) size() int {
	if t.masked == t.text {
		return len(t.text)
	}
	return len(t.text) + len(t.masked)
}

// scrub makes a content fit to be looked at.
func (s *codeSearch) scrub(content []byte) (*codeText, error) {
	text, skip := s.reader.Decode(content)
	if skip != "" {
		return &codeText{skip: skip}, nil
	}
	return s.cleaned(text, sanitize.TextOptions{})
}

// cleaned scrubs a text without the policy's exceptions: it is kept for searches
// under other policies.
func (s *codeSearch) cleaned(text string, options sanitize.TextOptions) (*codeText, error) {
	scrubber := s.world.desk.scrubber.Within(s.world.ctx)
	var clean string
	var report sanitize.Report
	if err := s.world.scrub(len(text), func() { clean, report = scrubber.Text(text, options) }); err != nil {
		return nil, err
	}
	if report.Withheld > 0 {
		return &codeText{skip: "withheld"}, nil
	}
	clean = strings.ReplaceAll(clean, "\r\n", "\n")
	return &codeText{text: clean, masked: Marker().ReplaceAllLiteralString(clean, "\x00"), report: report}, nil
}

func (s *codeSearch) look(text *codeText, paths []canon.Path) error {
	for _, path := range paths {
		if err := s.world.ctx.Err(); err != nil {
			return err
		}
		// Texts are kept by content; a rule about files of some paths is
		// asked for each path that has it.
		text := text
		if text.skip == "" && s.world.desk.scrubber.AsksForPaths() {
			report := text.report
			var err error
			if text, err = s.cleaned(text.text, sanitize.TextOptions{Path: path.String()}); err != nil {
				return err
			}
			text.report.Add(report)
		}
		if text.skip == "" {
			s.reader.Look(CodeFile{Path: path, Text: text.text, Masked: text.masked})
		}
		s.note(text, path)
	}
	return nil
}

func (s *codeSearch) note(text *codeText, path canon.Path) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text.skip != "" {
		s.seen.Skipped[text.skip]++
		return
	}
	s.seen.Files++
	if len(text.report.Redactions) > 0 || text.report.Hidden > 0 {
		if s.world.found.cleaned == nil {
			s.world.found.cleaned = make(cleaned)
		}
		s.world.found.cleaned[path] = text.report
	}
}

// cleaned is what was cut from files that a search has read.
type cleaned map[canon.Path]sanitize.Report

// reportFiles adds what was cut from the files that rows are of.
func (c cleaned) reportFiles(rows []Row, report *sanitize.Report) {
	added := make(map[canon.Path]bool)
	for _, row := range rows {
		if of, ok := c[row.Path]; ok && !added[row.Path] {
			added[row.Path] = true
			report.Add(of)
		}
	}
}
