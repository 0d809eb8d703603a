package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// varying is what differs from run to run in a good answer, and what is
// written in its place.
var varying = []struct {
	pattern *regexp.Regexp
	place   string
}{
	{regexp.MustCompile(`"call":"[a-z2-7]{12}-\d+"`), `"call":"CALL"`},
	{regexp.MustCompile(`<<(untrusted|end) [0-9A-Za-z]{8,}>>`), `<<$1 NONCE>>`},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), `http://FORGE`},
	{regexp.MustCompile(`"(size_kib|id)":\d+`), `"$1":N`},
	{regexp.MustCompile(`"[0-9a-f]{40}"`), `"COMMIT"`},
	{regexp.MustCompile(`"sha256":"[0-9a-f]{12}"`), `"sha256":"DIGEST"`},
	{regexp.MustCompile(`"\d{4}-\d{2}-\d{2}T[0-9:.]+(Z|[+-]\d{2}:\d{2})"`), `"TIME"`},
}

// answers writes the frames of the last output in the order of their ids, one
// a line. If ids are given, only those.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: answers FILE [ID]...")
	}
	var lines []string
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		line = strings.TrimSuffix(line, "\n")
		f, err := parse(line)
		ts.Check(err)
		if id := string(f.ID); len(args) == 1 || slices.Contains(args[1:], id) {
			lines = append(lines, readable(line))
		}
	}
	slices.Sort(lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "")), 0o600))
}

// readable is a frame with its id first and objects in texts unfolded. What
// the server says of itself is told elsewhere.
func readable(line string) string {
	var message struct {
		ID     json.RawMessage
		Method string
		Result map[string]any
		Error  any
	}
	if err := json.Unmarshal([]byte(line), &message); err != nil {
		return line + "\n"
	}
	if _, listed := message.Result["tools"]; listed {
		message.Result["tools"] = "…"
	}
	delete(message.Result, "instructions")
	contents, _ := message.Result["content"].([]any)
	for i, content := range contents {
		text, _ := content.(map[string]any)["text"].(string)
		var object map[string]any
		if json.Unmarshal([]byte(text), &object) == nil {
			contents[i] = object
		} else {
			contents[i] = text
		}
	}
	var show any = message.Result
	if message.Error != nil {
		show = message.Error
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(show); err != nil {
		return line + "\n"
	}
	text := fmt.Sprintf("%s %s%s", message.ID, message.Method, out.String())
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.place)
	}
	return text
}

// frames checks that the last output is one message a line, each id answered
// once unless repeated, and that the last stderr is one JSON object a line.
func frames(ts *testscript.TestScript, _ bool, args []string) {
	repeated := slices.Equal(args, []string{"repeated"})
	seen := map[string]bool{}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		f, err := parse(strings.TrimSuffix(line, "\n"))
		ts.Check(err)
		if id := string(f.ID); id != "null" && seen[id] && !repeated {
			ts.Fatalf("id %s is answered twice", id)
		} else {
			seen[id] = true
		}
	}
	if len(seen) == 0 {
		ts.Fatalf("stdout holds no frame")
	}
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		var event struct{ Level, Time, Message string }
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Level == "" || event.Time == "" {
			ts.Fatalf("stderr holds what is no event: %q", line)
		}
	}
}
