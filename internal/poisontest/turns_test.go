package poisontest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func comment(repo, body string) string {
	owner, name, _ := strings.Cut(repo, "/")
	return fmt.Sprintf(`{"owner":%q,"repo":%q,"number":1,"body":%q}`, owner, name, body)
}

const readVault = `{"owner":"acme","repo":"vault","path":"plan.txt"}`

// turns: what is private and who is told changes while a session runs, or between
// two.
func (w *stage) turns(t *testing.T) {
	t.Run("a repository becomes public after it was read", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		m.call("get_issue", `{"owner":"acme","repo":"reveal","number":1}`)
		if s := m.call("create_comment", comment("acme/reveal", "Among ourselves.")); s.failed {
			t.Fatal(s.text)
		}
		w.must(t, w.server.World.Keeper, "PATCH", "/repos/acme/reveal", object{"private": false}, nil)
		m.gitea.Reset()
		m.done = nil
		m.call("create_comment", comment("acme/reveal", "What we said.")) // it is the same place, and another
		m.call("create_comment", comment("acme/noticeboard", "What they said."))
		m.stopped("flow_denied", byReading, "get_issue read acme/reveal", "has been shown private content")
		m.call("get_issue", `{"owner":"acme","repo":"reveal","number":1}`) // now as a public one: it forgets nothing
		m.call("create_comment", comment("acme/reveal", "What we said."))
		m.stopped("flow_denied", byReading, "get_issue read acme/reveal")

		fresh := w.sit(t, settings{})
		fresh.call("get_issue", `{"owner":"acme","repo":"reveal","number":1}`)
		if s := fresh.call("create_comment", comment("acme/reveal", "Hello, world.")); s.failed {
			t.Error(s.text)
		}
	})
	t.Run("from those with an account to the world", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		m.call("get_file_contents", `{"owner":"guild","repo":"annals","path":"plan.txt"}`)
		m.call("create_comment", comment("acme/noticeboard", limitedName))
		m.stopped("flow_denied", byReading, "has been shown internal content: get_file_contents read guild/annals")
		for _, repo := range []string{"guild/workshop", "acme/playground"} {
			if s := m.call("create_comment", strings.Replace(comment(repo, "x"), `"body"`, `"dry_run":true,"body"`, 1)); s.failed {
				t.Error(s.text)
			}
		}
	})
	t.Run("a pull request from a fork that fewer see", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		pull := `{"owner":"acme","repo":"noticeboard","title":"ok","head":"cellar:agent/quiet","base":"main"%s}`
		m.call("create_pull_request", fmt.Sprintf(pull, ""))
		m.call("create_pull_request", fmt.Sprintf(pull, `,"dry_run":true`))
		m.stopped("flow_denied", byReading, "content of cellar/noticeboard, which is private", "No reading is the reason")
	})
	t.Run("a commit to a fork that fewer see, proposed to the world before", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		m.call("get_file_contents", `{"owner":"guild","repo":"annals","path":"plan.txt"}`)
		commit := `{"owner":"cellar","repo":"noticeboard","branch":%q,"message":"` + limitedName + `","files":[{"operation":"create","path":"b.txt","content":"x"}]%s}`
		m.call("commit_files", fmt.Sprintf(commit, "agent/inside", ""))
		m.stopped("flow_denied", byReading, "get_file_contents read guild/annals", "acme/noticeboard, which shows this branch in an open pull request, is public")
		if s := m.call("commit_files", fmt.Sprintf(commit, "agent/quiet", `,"dry_run":true`)); s.failed { // nothing shows that one
			t.Error(s.text)
		}
	})
	t.Run("a draft is published, and nothing was read", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		for _, more := range []string{"", `,"title":"t"`, `,"title":"t","body":"b"`, `,"dry_run":true`} {
			m.call("edit_release", fmt.Sprintf(`{"owner":"acme","repo":"openboard","id":%d,"draft":false%s}`, w.draft, more))
		}
		m.stopped("flow_denied", byReading, "what the draft of a release holds", "No reading is the reason")
	})
	t.Run("two sessions", func(t *testing.T) {
		t.Parallel()
		a, b := w.sit(t, settings{}), w.sit(t, settings{})
		a.call("get_file_contents", readVault)
		if s := b.call("create_comment", comment("acme/openboard", "I have read nothing.")); s.failed {
			t.Error(s.text)
		}
		a.call("create_comment", comment("acme/openboard", "I have."))
		a.stopped("flow_denied", byReading, "get_file_contents read acme/vault")
	})
	t.Run("at once", w.atOnce)
}

// atOnce: a write that was sent before the reading was answered can't know what
// was read, and may pass; none that is sent after it does.
func (w *stage) atOnce(t *testing.T) {
	t.Parallel()
	for range 4 {
		m := w.sit(t, settings{})
		others := make([]*model, 3)
		for i := range others { // the same session: a client that sends several calls
			others[i] = &model{t: t, mcp: m.mcp, door: m.door, gitea: m.gitea}
		}
		var wg sync.WaitGroup
		wg.Go(func() { m.call("get_file_contents", readVault) })
		for i, other := range others {
			wg.Go(func() { other.call("create_comment", comment("acme/openboard", fmt.Sprintf("Sent at once, %d.", i))) })
		}
		wg.Wait()
		answered := 0
		entries := m.door.Entries()
		for i, e := range entries {
			if e["kind"] == "outcome" && e["tool"] == "get_file_contents" {
				answered = i
			}
		}
		for _, other := range others {
			s := other.done[0]
			if s.failed && s.refusal.Code != "flow_denied" {
				t.Error(s.text)
			}
			for i, e := range entries {
				if e["kind"] == "decision" && e["stage"] == "resolved" && e["call"] == s.refusal.Call && i > answered {
					t.Errorf("sent after the reading was answered: %v", e)
				}
			}
		}
		for i, e := range entries {
			if e["kind"] == "decision" && e["tool"] == "create_comment" && e["stage"] == "resolved" && i > answered+len(others) {
				t.Errorf("entry %d, the reading's is %d: %v", i, answered, e)
			}
		}
		m.gitea.Reset()
		m.call("create_comment", comment("acme/openboard", "And now?"))
		m.stopped("flow_denied", byReading, "get_file_contents read acme/vault")
	}
}
