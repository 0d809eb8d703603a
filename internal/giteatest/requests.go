package giteatest

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// ReaderAgent is the User-Agent of a client under test that may only read. A test
// that used a server fails if Gitea itself was sent anything but GET and HEAD by
// it, whoever sent it: see [Start].
const ReaderAgent = "aegis/test"

// requests reads Gitea's own record of what it was asked, on and on.
type requests struct {
	mu   sync.Mutex
	file string
	from int64
}

// Asked returns the lines of Gitea's own record that have a text in them.
func (s *Server) Asked(with string) (lines []string) {
	raw, err := os.ReadFile(s.requestLog())
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(raw)) {
		if strings.Contains(line, with) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func (s *Server) requestLog() string { return filepath.Join(s.folder, "requests.log") }

// by returns the requests of an agent, since it was asked last, that do more than
// read. The record is in the form of NCSA's, the agent in quotes at the end.
func (r *requests) by(agent string) (found []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := os.Open(r.file)
	if err != nil {
		return nil
	}
	defer f.Close()
	if _, err := f.Seek(r.from, io.SeekStart); err != nil {
		return nil
	}
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return found // what has no end yet is read the next time
		}
		r.from += int64(len(line))
		_, rest, _ := strings.Cut(line, `"`)
		request, _, _ := strings.Cut(rest, `"`)
		if strings.HasSuffix(strings.TrimSpace(line), `"`+agent+`"`) && !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "HEAD ") {
			found = append(found, request)
		}
	}
}
