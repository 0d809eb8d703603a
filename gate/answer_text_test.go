package gate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// door opens a gate whose get_me answers result, with an answer bound of 4 KiB.
func answering(t *testing.T, result func() *gate.Result) *gatetest.Door {
	t.Helper()
	tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) { return result(), nil })
	return gatetest.Open(t, gatetest.Config{
		URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nlimits: {bytes_per_answer: 4096}\n",
		Tools: []tools.Tool{tool}, Secrets: []string{secret},
	})
}

const (
	secret = "operators-own-secret-value"
	bound  = 4096
)

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// unwrap takes the envelope off and checks it.
func unwrap(t *testing.T, text string) string {
	t.Helper()
	first, rest, _ := strings.Cut(text, "\n")
	nonce, ok := strings.CutPrefix(first, "<<untrusted ")
	nonce, closed := strings.CutSuffix(nonce, ">>")
	end := "<<end " + nonce + ">>"
	body, ended := strings.CutSuffix(strings.TrimSuffix(rest, "\n"), end)
	if !ok || !closed || !ended || len(nonce) < 8 || strings.Contains(body, nonce) {
		t.Fatalf("no envelope: %q", text)
	}
	return body
}

func TestTextIsCutByLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, last int
		want        string
		start, end  float64
	}{
		"all":            {0, 0, numbered(1, 20), 1, 20},
		"a window":       {5, 7, numbered(5, 7), 5, 7},
		"from a line on": {19, 0, numbered(19, 20), 19, 20},
		"past the end":   {19, 99, numbered(19, 20), 19, 20},
		"one line":       {20, 20, numbered(20, 20), 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := answering(t, func() *gate.Result {
				return &gate.Result{Text: &gate.Text{Body: numbered(1, 20), First: c.first, Last: c.last}}
			}).Ask("get_me", `{}`)
			if got := unwrap(t, answer.Text); got != c.want {
				t.Errorf("got %q", got)
			}
			if answer.Fields["lines"] != 20.0 || answer.Fields["start_line"] != c.start || answer.Fields["end_line"] != c.end || answer.Fields["truncated"] != nil {
				t.Errorf("header %s", answer.Object)
			}
		})
	}
	beyond := answering(t, func() *gate.Result { return &gate.Result{Text: &gate.Text{Body: numbered(1, 20), First: 21}} })
	want(t, beyond.Ask("get_me", `{}`), gate.InvalidArguments)
	empty := answering(t, func() *gate.Result { return &gate.Result{Text: &gate.Text{}} }).Ask("get_me", `{}`)
	if empty.IsError || empty.Fields["lines"] != 0.0 || unwrap(t, empty.Text) != "" {
		t.Errorf("an empty text answers %s %q", empty.Object, empty.Text)
	}
}

// TestI10_TextContinues reads a text of many answers with next_start_line.
func TestI10_TextContinues(t *testing.T) {
	t.Parallel()
	whole := numbered(1, 3000)
	next, got := 1, ""
	for range 100 {
		answer := answering(t, func() *gate.Result { return &gate.Result{Text: &gate.Text{Body: whole, First: next}} }).Ask("get_me", `{}`)
		if size := len(answer.Object) + len(answer.Text); size > bound {
			t.Fatalf("an answer of %d bytes", size)
		}
		got += unwrap(t, answer.Text)
		following, more := answer.Fields["next_start_line"].(float64)
		if more != (answer.Fields["truncated"] == true) {
			t.Fatalf("truncated and next_start_line disagree: %s", answer.Object)
		}
		if !more {
			break
		}
		next = int(following)
	}
	if got != whole {
		t.Errorf("put together it is %d bytes of %d", len(got), len(whole))
	}
}

func TestI10_ALineLongerThanAnAnswer(t *testing.T) {
	t.Parallel()
	answer := answering(t, func() *gate.Result {
		return &gate.Result{Text: &gate.Text{Body: strings.Repeat("ü", 9000) + "\nshort\n"}}
	}).Ask("get_me", `{}`)
	if len(answer.All) > bound+1 || answer.Fields["truncated"] != true || answer.Fields["next_start_line"] != 1.0 || answer.Fields["next_start_column"] == nil || answer.Fields["hint"] == nil {
		t.Errorf("%d bytes, %s", len(answer.All), answer.Object)
	}
}

// TestI3_ScrubbingComesBeforeSlicing asks for lines out of the middle of a
// secret that spans lines: on their own they match no rule.
func TestI3_ScrubbingComesBeforeSlicing(t *testing.T) {
	t.Parallel()
	var key strings.Builder
	key.WriteString("before\n-----BEGIN " + "RSA PRIVATE KEY-----\n")
	for i := range 20 {
		fmt.Fprintf(&key, "MIIEpAIBAAKCAQEAw8Jd5Gd7VtHMnT2zXN1sQmPqLr%022d\n", i*7919)
	}
	key.WriteString("-----END " + "RSA PRIVATE KEY-----\nafter\n")
	for _, lines := range [][2]int{{8, 10}, {1, 5}, {20, 24}} {
		answer := answering(t, func() *gate.Result {
			return &gate.Result{Text: &gate.Text{Body: key.String(), First: lines[0], Last: lines[1]}}
		}).Ask("get_me", `{}`)
		if strings.Contains(answer.All, "MIIEpAI") || answer.Fields["redacted"] == nil {
			t.Errorf("lines %v show the key: %s %s", lines, answer.Object, answer.Text)
		}
		if answer.Fields["lines"] != 24.0 {
			t.Errorf("line numbers are not kept: %s", answer.Object)
		}
	}
}

func TestI10_LongListsLoseRows(t *testing.T) {
	t.Parallel()
	rows := func(size int) func() *gate.Result {
		return func() *gate.Result {
			list := &gate.List{Page: 1, Limit: 30}
			for i := range 30 {
				list.Rows = append(list.Rows, gate.Row{Value: record{"n": i, "text": strings.Repeat("word ", size/5)}})
			}
			return &gate.Result{List: list}
		}
	}
	door := answering(t, rows(500))
	answer := door.Ask("get_me", `{}`)
	kept := len(answer.Items())
	if entries := door.Entries(); entries[len(entries)-1]["rows"] != float64(kept) {
		t.Errorf("%d rows were kept, and the log says %v", kept, entries[len(entries)-1]["rows"])
	}
	if len(answer.Object) > bound || kept == 0 || kept == 30 || answer.Fields["has_more"] != true || answer.Fields["truncated"] != true ||
		!strings.Contains(answer.Fields["hint"].(string), fmt.Sprintf("limit %d", kept)) {
		t.Errorf("%d bytes: %.300s", len(answer.Object), answer.Object)
	}
	// A row that is too long alone does not hide those behind it.
	answer = answering(t, rows(10000)).Ask("get_me", `{}`)
	if len(answer.Object) > bound || len(answer.Items()) != 1 || answer.Items()[0]["n"] != 0.0 || answer.Fields["has_more"] != true ||
		!strings.Contains(answer.Fields["hint"].(string), "text is 10000 bytes long") {
		t.Errorf("%d bytes: %.300s", len(answer.Object), answer.Object)
	}
	want(t, answering(t, func() *gate.Result {
		return &gate.Result{List: &gate.List{Page: 1, Limit: 1, Rows: []gate.Row{{Value: record{"n": make(map[string]int, 1), "deep": record{"text": strings.Repeat("x ", bound)}}}}}}
	}).Ask("get_me", `{}`), gate.TooLarge)
}

// Arrays beside a list, or without one, lose rows as well, and say so.
func TestI10_LongArraysAreCut(t *testing.T) {
	t.Parallel()
	files := make([]record, 500)
	for i := range files {
		files[i] = record{"path": fmt.Sprintf("folder/file-%d.txt", i)}
	}
	for name, result := range map[string]func() *gate.Result{
		"alone": func() *gate.Result { return &gate.Result{Fields: record{"files": files, "number": 3}} },
		"beside rows": func() *gate.Result {
			list := &gate.List{Page: 1, Limit: 30, Rows: make([]gate.Row, 5)}
			for i := range list.Rows {
				list.Rows[i].Value = record{"n": i}
			}
			return &gate.Result{Fields: record{"files": files, "number": 3}, List: list}
		},
	} {
		answer := answering(t, result).Ask("get_me", `{}`)
		kept := len(answer.Fields["files"].([]any))
		if len(answer.Object) > bound || kept == 0 || kept == 500 || answer.Fields["truncated"] != true || answer.Fields["number"] != 3.0 ||
			!strings.Contains(answer.Fields["hint"].(string), fmt.Sprintf("%d of 500 files", kept)) {
			t.Errorf("%s: %d bytes: %.300s", name, len(answer.Object), answer.Object)
		}
		if name == "beside rows" && (len(answer.Items()) != 5 || answer.Fields["has_more"] != false) {
			t.Errorf("%s: %.300s", name, answer.Object)
		}
	}
}

func TestI10_LongFieldsAreCut(t *testing.T) {
	t.Parallel()
	answer := answering(t, func() *gate.Result {
		return &gate.Result{Fields: record{"title": "t", "body": strings.Repeat("ü\n\"", 5000), "number": 3}}
	}).Ask("get_me", `{}`)
	if len(answer.Object) > bound || answer.Fields["truncated"] != true || answer.Fields["number"] != 3.0 || answer.Fields["title"] != "t" ||
		!strings.Contains(answer.Fields["hint"].(string), "body") {
		t.Errorf("%d bytes: %.300s", len(answer.Object), answer.Object)
	}
}

func TestI3_EverythingInAnAnswerIsScrubbed(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]*gate.Result{
		"a field":       {Fields: record{"a": secret}},
		"a deep field":  {Fields: record{"a": []any{record{"b": []string{"x", "y" + secret}}}}},
		"a member name": {Fields: map[string]string{secret: "x"}},
		"a row":         {List: &gate.List{Page: 1, Limit: 1, Rows: []gate.Row{{Value: record{"a": secret}}}}},
		"text":          {Text: &gate.Text{Body: "x " + secret + " y\n"}},
		"text, escaped": {Text: &gate.Text{Body: "x " + secret + " y\n", ShowHidden: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := answering(t, func() *gate.Result { return result }).Ask("get_me", `{}`)
			if strings.Contains(answer.All, secret) {
				t.Errorf("it shows: %s", answer.All)
			}
		})
	}
	refused := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		return nil, gate.Refuse(gate.NotFound, "no %s", secret).WithHint("try %s", secret)
	})
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{refused}, Secrets: []string{secret}})
	if answer := door.Ask("get_me", `{}`); strings.Contains(answer.All, secret) || !answer.IsError {
		t.Errorf("a refusal shows it: %s", answer.All)
	}
}
