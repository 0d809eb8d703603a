package clienttest

import (
	"encoding/json"
	"strings"
	"testing"
)

// answer is a call's answer as a client hands it to its model.
type answer struct {
	IsError bool `json:"isError"`
	Content []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
}

// checkFile: the record names the call and the commit that was read, and the
// text stands between the two marks of one nonce.
func checkFile(t *testing.T, a *answer) {
	t.Helper()
	if a == nil || a.IsError || len(a.Content) != 2 {
		t.Fatalf("%+v; want a record and a text", a)
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(a.Content[0].Text), &record); err != nil {
		t.Fatalf("%v in %q", err, a.Content[0].Text)
	}
	if id, _ := record["call"].(string); id == "" {
		t.Errorf("no call id in %v", record)
	}
	if commit, _ := record["commit"].(string); len(commit) != 40 {
		t.Errorf("no commit id in %v", record)
	}
	first, rest, _ := strings.Cut(a.Content[1].Text, "\n")
	nonce, ok := strings.CutPrefix(strings.TrimSuffix(first, ">>"), "<<untrusted ")
	text, end := strings.CutSuffix(strings.TrimSuffix(rest, "\n"), "\n<<end "+nonce+">>")
	if !ok || nonce == "" || !end || strings.TrimSpace(text) == "" {
		t.Errorf("no text between marks: %q", a.Content[1].Text)
	}
}

// checkRefused: the refusal says what, by which rule or why, and what to do.
func checkRefused(t *testing.T, a *answer, code string) {
	t.Helper()
	if a == nil || !a.IsError || len(a.Content) != 1 {
		t.Fatalf("%+v; want one refusal", a)
	}
	var body struct {
		Error struct{ Code, Message, Rule, Hint, Call string }
	}
	if err := json.Unmarshal([]byte(a.Content[0].Text), &body); err != nil {
		t.Fatalf("%v in %q", err, a.Content[0].Text)
	}
	e := body.Error
	if e.Code != code || e.Message == "" || e.Call == "" {
		t.Errorf("%+v; want code %s, a message and the call's id", e, code)
	}
	if code == "path_denied" && (!strings.Contains(e.Rule, "paths.deny") || e.Hint == "") {
		t.Errorf("%+v; want the rule that decided and a hint", e)
	}
}
