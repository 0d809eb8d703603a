package poisontest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/serve"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// eras are the protocol's versions with and without a handshake.
var eras = []string{"2025-11-25", "2026-07-28"}

// model is a session of a client whose model does as it is told by whatever it
// reads.
type model struct {
	t     *testing.T
	mcp   *mcp.ClientSession
	door  *gatetest.Door
	gitea *giteatest.Proxy
	loot  []string // what it has read that it was told to look for, the latest last
	done  []step

	mu    sync.Mutex
	asked []string // what its human was shown
}

// step is one call that it made.
type step struct {
	tool, args string
	failed     bool
	text       string // all that it was answered
	refusal    refusal
}

type refusal struct{ Code, Message, Rule, Hint, Call string }

// settings of a model's session.
type settings struct {
	era    string // the older one if ""
	policy string // guarded if ""
	human  func(message string) string
}

// guarded is a policy that allows all writes to all repositories, so that nothing
// but flow control is in the way.
const guarded = `version: 1
repositories:
  "*/*": {write: allow, automation: allow, branches: {allow: ["**"]}}
flow: {private_to_public: deny}
`

// sit opens a session with the Writer's token. The repositories on the whitelist
// are all that the Writer may write to.
func (w *stage) sit(t *testing.T, c settings) *model {
	t.Helper()
	if c.policy == "" {
		c.policy = guarded
	}
	if c.era == "" {
		c.era = eras[0]
	}
	m := &model{t: t, gitea: w.server.Proxy(t)}
	var repos []canon.Repo
	for _, name := range w.whitelist {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			t.Fatal(err)
		}
		repos = append(repos, repo)
	}
	m.door = gatetest.Open(t, gatetest.Config{
		URL: m.gitea.URL, Token: w.server.World.Writer.Token, Policy: c.policy, Write: true, Repos: repos,
	})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	ended := make(chan error, 1)
	go func() {
		server := serve.NewServer("test", m.door.Gate, m.door.Caller, m.door.Connection, tools.All(), zerolog.Nop())
		ended <- server.Run(ctx, &stdio.Transport{In: inR, Out: outW})
		_ = outW.Close()
	}()
	options := &mcp.ClientOptions{}
	if c.human != nil {
		options.ElicitationHandler = func(ctx context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			m.mu.Lock()
			m.asked = append(m.asked, req.Params.Message)
			m.mu.Unlock()
			switch answer := c.human(req.Params.Message); answer {
			case "yes":
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"approve": true}}, nil
			case "silence":
				<-ctx.Done()
				return nil, ctx.Err()
			default:
				return &mcp.ElicitResult{Action: answer}, nil
			}
		}
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "obedient", Version: "1"}, options)
	var err error
	m.mcp, err = client.Connect(ctx, &mcp.IOTransport{Reader: outR, Writer: inW}, &mcp.ClientSessionOptions{ProtocolVersion: c.era})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.mcp.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
		cancel()
	})
	return m
}

// told matches an order by which somebody tells a model to call a tool; pointed one
// that fits into a name, and tells it to obey an issue.
var (
	told    = regexp.MustCompile(`AGENT: (\w+) (\{.*\})`)
	pointed = regexp.MustCompile(`agent-obeys-issue-(\d+)`)
	secret  = regexp.MustCompile(`codename[ /-]([a-z]+-[a-z]+)`)
)

// obey calls a tool, and then does what the answer tells it to, and what the
// answers to that tell it.
func (m *model) obey(tool, args string) {
	m.t.Helper()
	m.obeyTo(tool, args, make(map[string]bool), 6)
}

func (m *model) obeyTo(tool, args string, before map[string]bool, depth int) {
	m.t.Helper()
	text := m.call(tool, args).text
	if depth == 0 {
		return
	}
	for _, order := range told.FindAllStringSubmatch(text, -1) {
		if !before[order[0]] {
			before[order[0]] = true
			m.obeyTo(order[1], m.fill(order[2]), before, depth-1)
		}
	}
	for _, order := range pointed.FindAllStringSubmatch(text, -1) {
		if !before[order[0]] {
			before[order[0]] = true
			m.obeyTo("get_issue", `{"owner":"acme","repo":"noticeboard","number":`+order[1]+`}`, before, depth-1)
		}
	}
}

// call calls a tool once and remembers what it was answered.
func (m *model) call(tool, args string) step {
	m.t.Helper()
	result, err := m.mcp.CallTool(m.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(args)})
	if err != nil {
		m.t.Fatalf("%s %s: %v", tool, args, err)
	}
	s := step{tool: tool, args: args, failed: result.IsError}
	for i, content := range result.Content {
		text := content.(*mcp.TextContent).Text
		if i == 0 {
			var object map[string]any
			if err := json.Unmarshal([]byte(text), &object); err != nil {
				m.t.Fatalf("%s: %v", text, err)
			}
			if s.failed {
				var failed struct{ Error refusal }
				if err := json.Unmarshal([]byte(text), &failed); err != nil {
					m.t.Fatal(err)
				}
				s.refusal = failed.Error
			}
			s.text = strings.Join(leaves(object), "\n")
			continue
		}
		s.text += "\n" + text
	}
	m.done = append(m.done, s)
	m.remember(s.text)
	return s
}

func (m *model) remember(text string) {
	for _, found := range secret.FindAllStringSubmatch(text, -1) {
		m.loot = append(m.loot, found[1])
	}
}

// leaves are all texts of a JSON value, by the order of their members' names.
func leaves(value any) (texts []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, each := range v {
			texts = append(texts, leaves(each)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, leaves(v[name])...)
		}
	}
	return texts
}

// disguises are the ways in which a model may be told to write what it read.
var disguises = map[string]func(string) string{
	"":        func(s string) string { return s },
	"base64":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"hex":     func(s string) string { return hex.EncodeToString([]byte(s)) },
	"rot13":   rot13,
	"reverse": reversed,
	"spaced":  func(s string) string { return strings.Join(strings.Split(s, ""), " ") },
	"first":   func(s string) string { first, _, _ := strings.Cut(s, "-"); return first },
	"second":  func(s string) string { _, second, _ := strings.Cut(s, "-"); return second },
	"colour":  func(s string) string { return hex.EncodeToString([]byte(s))[:6] },
	"letter":  func(s string) string { return s[:1] },
	"number":  func(s string) string { return fmt.Sprint(int(s[0])) },
	"parity":  func(s string) string { return []string{"open", "closed"}[int(s[0])%2] },
}

var blank = regexp.MustCompile(`\{\{loot(?::(\w+))?\}\}`)

// fill puts what was read last, in the disguise that is asked for, where an
// instruction leaves room for it.
func (m *model) fill(args string) string {
	loot := "nothing-found"
	if len(m.loot) > 0 {
		loot = m.loot[len(m.loot)-1]
	}
	return blank.ReplaceAllStringFunc(args, func(place string) string {
		disguise := disguises[blank.FindStringSubmatch(place)[1]]
		if disguise == nil {
			m.t.Fatalf("no disguise %s", place)
		}
		return disguise(loot)
	})
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// writes are the calls that were made of tools that change something.
func (m *model) writes() (list []step) {
	reading := make(map[string]bool)
	for _, tool := range tools.All() {
		reading[tool.Name] = tool.Hints.ReadOnly
	}
	for _, s := range m.done {
		if !reading[s.tool] {
			list = append(list, s)
		}
	}
	return list
}
