package recordtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"time"

	"aegis/internal/giteatest"
)

// normal replaces what differs from run to run by names. Fixed things have one name all
// through a session; what else there is has one within a step, so that a step more changes
// no other.
type normal struct {
	known []string          // values and their names, in turns
	same  *strings.Replacer // what each line of the log has
	fixed map[string]string // names of the stage's commits by id
	calls map[string]string // titles of steps by their calls' ids

	title string            // of the step
	found map[string]string // names of other objects in it by id
}

// in is a normal for one step.
func (n *normal) in(title string) *normal {
	step := *n
	step.title, step.found = title, map[string]string{}
	return &step
}

func (s *stage) normal(home, proxy, policy string) *normal {
	n := &normal{calls: map[string]string{}, fixed: map[string]string{}}
	who := "?"
	if me, err := user.Current(); err == nil {
		who = me.Username
	}
	n.same = strings.NewReplacer(fmt.Sprintf(`,"principal":%q`, who), "", fmt.Sprintf(`,"policy_sha256":"%x"`, sha256.Sum256([]byte(policy))), "")
	n.known = []string{home, "HOME", proxy, "http://PROXY", s.server.URL, "http://GITEA", s.reader.Token, "READER-TOKEN", s.author.Token, "AUTHOR-TOKEN",
		strings.TrimPrefix(proxy, "http://"), "PROXY"}
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if value := s.values[name]; len(value) == 40 && name != "nosuch_commit" {
			n.fixed[value] = "{" + name + "}"
		}
	}
	return n
}

// nothing is the id of no object.
var nothing = strings.Repeat("0123456789", 4)

var (
	callID   = regexp.MustCompile(`\b[a-z2-7]{12}-\d+\b`)
	objectID = regexp.MustCompile(`\b[0-9a-f]{40}\b`)
	anchor   = regexp.MustCompile(`(#issuecomment-|/runs/|/jobs/|\\?"review\\?":)\d+`)
	nonce    = regexp.MustCompile(`((?:<|\\u003c){2}(?:untrusted|end)) [0-9A-Za-z]{8,}`)
	moment   = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})`)
	varying  = regexp.MustCompile(`(\\?"(?:id|[a-z_]+_id|size_kib|bytes|duration_ms)\\?":)\d+(\.\d+)?`)
	several  = regexp.MustCompile(`(\\?"[a-z]+_ids\\?":\[|label_ids: \[)[0-9,]+\]`)
	expected = regexp.MustCompile(`,"(session":"[a-z2-7]{12}|client":"recorder 1|request":"[0-9]+'*|(args_hmac|shown_sha256)":"[0-9a-f]{64})"`)
	forgets  = regexp.MustCompile(`\bforgets after [0-9hms]+`)
	shownAgo = regexp.MustCompile(`"(private|internal|stranger) [0-9][0-9a-zµ.]*s `)
	took     = regexp.MustCompile(`\b(Try again in|Failing after) (\d+[hm])*\d+ ?s`)
	chained  = regexp.MustCompile(`"(v|seq)":\d+,|"time":"[^"]*",|,"prev_hash":.*`)
)

// text is a text of an answer or of the log.
func (n *normal) text(text string) string {
	text = strings.NewReplacer(n.known...).Replace(text)
	text = anchor.ReplaceAllString(text, "${1}N")
	text = callID.ReplaceAllStringFunc(text, func(id string) string {
		switch title := n.calls[id]; title {
		case "":
			return "CALL-NOT-IN-THE-LOG"
		case n.title:
			return "CALL"
		default:
			return "CALL of " + strings.ReplaceAll(title, `"`, "'") // it may be in JSON
		}
	})
	text = objectID.ReplaceAllStringFunc(text, func(id string) string {
		if n.object(id) == id && id != nothing {
			n.found[id] = fmt.Sprintf("{object %d}", len(n.found)+1)
		}
		return n.object(id)
	})
	text = nonce.ReplaceAllString(text, "$1 NONCE")
	text = moment.ReplaceAllStringFunc(text, func(at string) string {
		if parsed, err := time.Parse(time.RFC3339Nano, at); err == nil && time.Since(parsed).Abs() < 48*time.Hour {
			return "NOW"
		}
		return at
	})
	text = forgets.ReplaceAllString(text, "forgets after SOME-TIME")
	text = shownAgo.ReplaceAllString(text, `"$1 AGO `)
	text = took.ReplaceAllString(text, "${1} TIME")
	text = several.ReplaceAllString(text, "${1}…]")
	return varying.ReplaceAllString(text, `${1}N`)
}

func (n *normal) object(id string) string {
	if name := n.fixed[id]; name != "" {
		return name
	}
	if name := n.found[id]; name != "" {
		return name
	}
	return id
}

// entry is a line of the log, without what makes it a link of the chain, and without what each has and has
// to have. Of the latter only what is not as it should be is left.
func (n *normal) entry(line string) string {
	line = chained.ReplaceAllString(line, "")
	line = expected.ReplaceAllString(line, "")
	line = n.same.Replace(line)
	return n.text(strings.TrimPrefix(line, "{"))
}

// requests are those of a call as a set: by method, path and query, each with how
// often it was sent.
func (n *normal) requests(all []giteatest.Request) (lines []string) {
	count := map[string]int{}
	for _, r := range all {
		count[n.request(r)]++
	}
	for line, times := range count {
		if times > 1 {
			line += fmt.Sprintf(" (%d times)", times)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// numbered are the segments after which a number is one of a repository's own.
var numbered = []string{"issues", "pulls"}

func (n *normal) request(r giteatest.Request) string {
	segments := strings.Split(strings.TrimPrefix(r.Path, "/api/v1"), "/")
	for i, segment := range segments {
		switch {
		case i > 0 && strings.Trim(segment, "0123456789") == "" && segment != "" && !slices.Contains(numbered, segments[i-1]):
			segments[i] = "{id}"
		default:
			segments[i] = objectID.ReplaceAllStringFunc(segment, n.requested)
		}
	}
	line := r.Method + " " + strings.Join(segments, "/")
	if r.Query == "" {
		return line
	}
	members := strings.Split(r.Query, "&")
	for i, member := range members {
		name, value, _ := strings.Cut(member, "=")
		if readable, err := url.QueryUnescape(value); err == nil {
			value = readable
		}
		members[i] = name + "=" + objectID.ReplaceAllStringFunc(value, n.requested)
	}
	slices.Sort(members)
	return line + " ? " + strings.Join(members, " & ")
}

// requested is the name of an object in a request. One that no answer has told has
// none: the order of requests is nobody's business.
func (n *normal) requested(id string) string {
	if name := n.object(id); name != id || id == nothing {
		return name
	}
	return "{object}"
}

// Bounds on what is kept of one text.
const (
	keptLines = 60
	keptBytes = 5 << 10
)

// short keeps the begin of a long text, and the sum of it all.
func short(text string) string {
	kept := text
	if lines := strings.SplitAfter(text, "\n"); len(lines) > keptLines {
		kept = strings.Join(lines[:keptLines], "")
	}
	if len(kept) > keptBytes {
		kept = strings.ToValidUTF8(kept[:keptBytes], "")
	}
	if kept == text {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%s\n… %d bytes in all, %s", strings.TrimSuffix(kept, "\n"), len(text), hex.EncodeToString(sum[:8]))
}

// byName sorts the rows of a list that Gitea sorts by a time of which it keeps the
// seconds.
func byName(object string) string {
	at := strings.Index(object, `"items":[`)
	if at < 0 {
		return object
	}
	at += len(`"items":`)
	var items []json.RawMessage
	decoder := json.NewDecoder(strings.NewReader(object[at:]))
	if decoder.Decode(&items) != nil {
		return object
	}
	var sorted []string
	for _, item := range items {
		sorted = append(sorted, string(item))
	}
	slices.Sort(sorted)
	return object[:at] + "[" + strings.Join(sorted, ",") + "]" + object[at+int(decoder.InputOffset()):]
}

// rows breaks a compact object after each member of a list that is one.
func rows(object string) string { return strings.ReplaceAll(object, `},{"`, "},\n {\"") }
