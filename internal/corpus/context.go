package corpus

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Context is a kind of text in which people leave secrets.
type Context struct {
	Name string
	// place returns ways of putting a sample there, the most natural first.
	place func(Sample) []string
}

// Contexts returns the small contexts; [Haystacks] makes large ones.
func Contexts() []Context {
	return []Context{
		{"alone", func(s Sample) []string { return []string{s.Text} }},
		{"very start", func(s Sample) []string {
			return []string{s.Text + "\n" + prose, s.Text + " " + prose}
		}},
		{"very end", func(s Sample) []string {
			return []string{prose + "\n" + s.Text, prose + " " + s.Text}
		}},
		{"JSON", func(s Sample) []string {
			return []string{
				fmt.Sprintf("{\n  \"id\": 7,\n  %q: %s,\n  \"enabled\": true\n}\n", s.name(), quoted(s.Secret)),
				fmt.Sprintf("{\"id\":7,\"note\":%s,\"enabled\":true}", quoted(s.Text)),
				fmt.Sprintf("{\"id\":7,\"note\":%s,\"enabled\":true}", quoted(s.Text+"\n")),
			}
		}},
		{"YAML", func(s Sample) []string {
			return []string{
				fmt.Sprintf("service:\n  replicas: 3\n  %s: %s\n  image: web\n", s.name(), s.Secret),
				fmt.Sprintf("service:\n  replicas: 3\n  %s: \"%s\"\n  image: web\n", s.name(), s.Secret),
				"service:\n  note: |\n" + prefixed(s.Text, "    ") + "\n  image: web\n",
			}
		}},
		{"unified diff", func(s Sample) []string {
			const header = "diff --git a/app.conf b/app.conf\nindex 83db48f..bf269f4 100644\n--- a/app.conf\n+++ b/app.conf\n"
			return []string{
				header + fmt.Sprintf("@@ -1,2 +1,3 @@\n name = web\n+%s = \"%s\"\n port = 80\n", s.name(), s.Secret),
				header + "@@ -1,2 +1,3 @@\n name = web\n" + prefixed(s.Text, "+") + "\n port = 80\n",
				header + "@@ -1,3 +1,2 @@\n name = web\n" + prefixed(s.Text, "-") + "\n port = 80\n",
			}
		}},
		{"log line", func(s Sample) []string {
			line := strings.ReplaceAll(s.Text, "\n", `\n`)
			const stamp = "2025-11-02T08:14:03.221Z INFO  worker[12]: "
			return []string{
				stamp + "settings read " + s.name() + "=" + s.Secret + " in 12ms\n" + stamp + "ready\n",
				stamp + "settings read: " + line + " in 12ms\n" + stamp + "ready\n",
				stamp + "settings read: " + line + "\n" + stamp + "ready\n",
			}
		}},
		{"Markdown", func(s Sample) []string {
			return []string{
				"## Setup\n\nSet `" + s.name() + "=" + s.Secret + "` and start.\n",
				"## Setup\n\n- first this:\n\n```sh\n" + s.Text + "\n```\n\n- then start.\n",
				"## Setup\n\n- use `" + s.Text + "`\n- start\n",
			}
		}},
		{"CRLF lines", func(s Sample) []string {
			return []string{
				"[service]\r\n" + s.name() + " = " + s.Secret + "\r\nport = 80\r\n",
				"[service]\r\n" + strings.ReplaceAll(s.Text, "\n", "\r\n") + "\r\nport = 80\r\n",
			}
		}},
		{"twice in a line", func(s Sample) []string {
			return []string{s.Text + " and " + s.Text, s.Text + "\n" + s.Text}
		}},
		{"HTML", func(s Sample) []string {
			return []string{
				"<p>Your token is <code>" + s.Secret + "</code>.</p>\n",
				"<input name=\"" + s.name() + "\" value=\"" + s.Secret + "\">\n",
				"<pre>\n" + s.Text + "\n</pre>\n",
			}
		}},
		{"once more, bare", func(s Sample) []string {
			return []string{s.Text + "\n\nIf that fails, try " + s.Secret + " by hand.\n"}
		}},
		{"URL", func(s Sample) []string {
			return []string{
				"GET https://api.example/v1/items?" + s.name() + "=" + s.Secret + "&page=2\n",
				"GET https://api.example/v1/items?page=2&" + s.name() + "=" + s.Secret + "\n",
			}
		}},
	}
}

const prose = "The service reads its settings once, when it starts, and again on SIGHUP. " +
	"What it can't read it leaves as it was;\nsee the page on operation for what is logged then."

// name returns what a setting with the secret would be called.
func (s Sample) name() string {
	if len(s.Rule.Keywords) == 0 {
		return "api_token"
	}
	word := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_':
			return r
		case r == '-' || r == '.' || r == ' ':
			return '_'
		}
		return -1
	}, s.Rule.Keywords[0])
	return strings.Trim(word, "_") + "_token"
}

func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func prefixed(text, prefix string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}

// A Haystack is a large ordinary text with samples in it.
type Haystack struct {
	Text    string
	Samples []Sample
}

// Haystacks puts samples at random offsets into ordinary text, in pieces of
// size bytes with at most perText samples each. Every other sample has a line
// for itself; the rest stand in the midst of one.
func Haystacks(samples []Sample, ordinary string, size, perText int, seed uint64) []Haystack {
	random := rand.New(rand.NewPCG(seed, 1))
	order := random.Perm(len(samples))
	var all []Haystack
	var current Haystack
	flush := func() {
		if len(current.Samples) > 0 {
			current.Text = buried(random, current.Samples, piece(random, ordinary, size))
			all = append(all, current)
			current = Haystack{}
		}
	}
	for _, i := range order {
		if samples[i].Rule.Path != "" { // judged by that path: not with others
			all = append(all, Haystack{buried(random, samples[i:i+1], piece(random, ordinary, size)), samples[i : i+1]})
			continue
		}
		current.Samples = append(current.Samples, samples[i])
		if len(current.Samples) == perText {
			flush()
		}
	}
	flush()
	return all
}

func piece(random *rand.Rand, text string, size int) string {
	if len(text) <= size {
		return text
	}
	start := random.IntN(len(text) - size)
	return strings.ToValidUTF8(text[start:start+size], "")
}

// buried spreads samples evenly over text, each at a random place of its share.
func buried(random *rand.Rand, samples []Sample, text string) string {
	var b strings.Builder
	share := len(text) / len(samples)
	for i, s := range samples {
		from, to := i*share, (i+1)*share
		at := from + random.IntN(max(1, to-from))
		before, after := " ", " "
		if random.IntN(2) == 0 {
			before, after = "\n", "\n"
		}
		b.WriteString(text[from:at] + before + s.Text + after + text[at:to])
	}
	return strings.ToValidUTF8(b.String(), "")
}
