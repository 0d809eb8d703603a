package reference

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"mvdan.cc/xurls/v2"
)

// linkify makes links of bare addresses where Gitea does. Gitea has a variant of its
// own of the library's extension: other patterns, which also end within a word, and
// no look at where a match begins.
type linkify struct{}

// Extend adds it to a parser.
func (linkify) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(linkify{}, 999)))
}

// Trigger returns what may stand before an address; a space means the begin of a
// line, too.
func (linkify) Trigger() []byte { return []byte(" *_~(") }

// address is Gitea's pattern for one with a scheme.
var address = sync.OnceValue(func() *regexp.Regexp {
	re, err := xurls.StrictMatchingScheme("https?://")
	if err != nil {
		panic(err)
	}
	return re
})

// Parse makes a link of the address that block goes on with, if there is one.
func (linkify) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	lead := 0
	if strings.IndexByte(" *_~(", line[0]) >= 0 {
		lead = 1
	}
	line = line[lead:]
	kind := ast.AutoLinkURL
	var protocol []byte
	begin, length := withScheme(line, segment.Start+lead, segment.Stop, pc)
	if length == 0 && bytes.HasPrefix(line, []byte("www.")) {
		length, protocol = withoutScheme(line), []byte("http") // which stays, if it is mail
	}
	if length > 0 {
		length = begin + withoutTail(line[begin:length])
	} else {
		kind = ast.AutoLinkEmail
		if length = mailbox(line, segment.Stop, pc); length == 0 {
			return nil
		}
	}
	if lead > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+1))
	}
	block.Advance(lead + length)
	start := segment.Start + lead
	made := ast.NewAutoLink(kind, ast.NewTextSegment(text.NewSegment(start, start+length)))
	made.Protocol = protocol
	return made
}

// searched is what a search for an address found in a line. It holds for each
// search that begins between from and what was found: without that, a line of
// addresses that are none costs its square.
type searched struct{ from, stop, start, end int }

var searchedKey = parser.NewContextKey()

// withScheme returns how long the address is that line begins with. What begins like
// one goes on to the end of the next that is one, which begins at begin.
func withScheme(line []byte, from, stop int, pc parser.Context) (begin, length int) {
	begins := func(scheme string) bool { return bytes.HasPrefix(line, []byte(scheme)) }
	if !begins("http:") && !begins("https:") && !begins("ftp:") {
		return 0, 0
	}
	last, ok := pc.Get(searchedKey).(searched)
	if !ok || last.stop != stop || from < last.from || from > last.start {
		last = searched{from: from, stop: stop, start: stop, end: stop}
		if at := address().FindIndex(line); at != nil {
			last.start, last.end = from+at[0], from+at[1]
		}
		pc.Set(searchedKey, last)
	}
	if last.end == last.start {
		return 0, 0
	}
	return last.start - from, last.end - from
}

// withoutScheme returns how long the address is that line begins with, from "www." on:
// a host of which the last part has 2 to 6 letters, and a path. A longer word is cut.
func withoutScheme(line []byte) int {
	host := len("www.")
	most := host
	for most < len(line) && most-host < 256 && isHost(line[most]) {
		most++
	}
	for dot := most; dot >= host+2; dot-- {
		if dot == len(line) || line[dot] != '.' {
			continue
		}
		end := dot + 1
		for end < len(line) && end-dot <= 6 && 'a' <= line[end] && line[end] <= 'z' {
			end++
		}
		if end-dot < 3 {
			continue
		}
		if end < len(line) && strings.IndexByte("/#?", line[end]) >= 0 {
			for end++; end < len(line) && (isHost(line[end]) || strings.IndexByte("!?&/();,'\">^{}[]`", line[end]) >= 0); {
				end++
			}
		}
		return end
	}
	return 0
}

func isHost(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("-@:%._+~#=", b) >= 0
}

// withoutTail returns how long address is without the end of the sentence that it
// stands in: a full stop, brackets that close more than were opened, an entity.
func withoutTail(address []byte) int {
	n := len(address)
	switch address[n-1] {
	case '.':
		return n - 1
	case ')':
		return n - max(0, bytes.Count(address, []byte(")"))-bytes.Count(address, []byte("(")))
	case ';':
		i := n - 2
		for i > 0 && util.IsAlphaNumeric(address[i]) {
			i--
		}
		if i != n-2 && address[i] == '&' {
			return i
		}
	}
	return n
}

// unmailedKey is for the offset of a line's end behind whose last "@" parsing is: a
// line of what may begin such an address, and does not, would cost its square.
var unmailedKey = parser.NewContextKey()

// mailbox returns how long the address of mail is that line begins with.
func mailbox(line []byte, stop int, pc parser.Context) int {
	if len(line) == 0 || util.IsPunct(line[0]) || pc.Get(unmailedKey) == stop {
		return 0
	}
	if bytes.IndexByte(line, '@') < 0 {
		pc.Set(unmailedKey, stop)
		return 0
	}
	end := util.FindEmailIndex(line)
	if end < 0 {
		return 0
	}
	if at := bytes.IndexByte(line, '@'); bytes.IndexByte(line[at:end-1], '.') < 0 {
		return 0
	}
	if line[end-1] == '.' {
		end--
	}
	if end < len(line) && (line[end] == '-' || line[end] == '_') {
		return 0
	}
	return end
}
