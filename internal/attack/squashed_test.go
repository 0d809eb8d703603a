package attack_test

import (
	"fmt"
	"testing"
)

// Of a pull request that was squashed the base has one commit. Those that it was made of
// stay its own, and its repository's, even when that is gone.
func TestWhatWasSquashedIsNotOfTheRepository(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	target := st.repository(w.Keeper, "acme", "squashed", true)
	st.member(target, w.Forker, "read")
	st.member(target, w.Reader, "read")
	denied := st.fork(w.Forker, target, "squashed", true)
	first := st.commit(w.Forker, denied, "topic", "canary-first", "a.txt", "canary-inner\n")
	squashed := st.pull(w.Forker, target, "forker:topic", "Squashed")
	second := st.commit(w.Forker, denied, "topic", "canary-second", "a.txt", "fine\n")
	merged := st.commit(w.Forker, denied, "merged", "Merged as it is", "b.txt", "fine\n")
	whole := st.pull(w.Forker, target, "forker:merged", "Merged")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.do(w.Keeper, "POST", fmt.Sprintf("/repos/%s/pulls/%d/merge", target, squashed), record{"Do": "squash", "MergeTitleField": "One commit", "MergeMessageField": "-"})
	if err := st.Settle(t.Context()); err != nil { // the other one is looked at anew
		t.Fatal(err)
	}
	st.do(w.Keeper, "POST", fmt.Sprintf("/repos/%s/pulls/%d/merge", target, whole), record{"Do": "merge"})
	st = newStageWithout(t, st, denied)
	if !st.serves(w.Reader.Token, target, first) {
		t.Fatal("the attack proves nothing: Gitea does not serve the commit")
	}
	s := st.door(under("version: 1\nrepositories:\n  \"forker/*\": {read: deny}\n"))
	s.hides("canary-", second)
	for _, tool := range []string{"list_pull_request_commits", "get_pull_request_diff", "list_pull_request_files"} {
		s.ask(tool, in(target, "number", squashed))
	}
	s.ask("get_pull_request", in(target, "number", squashed))
	s.ask("list_pull_requests", in(target, "state", "all"))
	s.ask("get_commit", in(target, "sha", first))
	s.ask("get_file_contents", in(target, "ref", first, "path", "a.txt"))
	s.shown("get_pull_request_diff", in(target, "number", whole))
	s.shown("get_commit", in(target, "sha", merged))
}
