package attack_test

import (
	"testing"

	"aegis/gate"
)

// To compare across repositories Gitea fetches the base commit into the head's
// repository. Where that one is public, a read would publish what is private.
func TestAComparisonDoesNotPublish(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	public := w.PublicSite.FullName
	private := st.fork(w.Forker, public, "public-site", true)
	sibling := st.fork(w.Contractor, public, "public-site", false)
	canary := st.commit(w.Forker, private, "plans", "Plans", "plans.txt", "nobody is to know")
	st.do(w.Forker, "POST", "/repos/"+private+"/tags", record{"tag_name": "v9", "target": canary})
	behind := st.commit(w.Keeper, public, "next", "Next", "next.txt", "public news")

	// What happens without Aegis is what makes this a test.
	raw := st.fork(w.Neighbour, public, "raw-inside", true)
	secret := st.commit(w.Neighbour, raw, "plans", "Plans", "plans.txt", "published by Gitea")
	st.do(w.Neighbour, "GET", "/repos/"+raw+"/compare/"+secret+"..."+public+":main", nil)
	if !st.serves("", public, secret) {
		t.Fatal("the attack proves nothing: Gitea's comparison publishes nothing")
	}

	for what, ask := range map[string]args{
		"a branch":             in(private, "base", "plans", "head", "acme:main"),
		"a commit":             in(private, "base", canary, "head", "acme:main"),
		"a tag":                in(private, "base", "v9", "head", "acme:main"),
		"a full ref":           in(private, "base", "refs/heads/plans", "head", "acme:refs/heads/main"),
		"the head by its id":   in(private, "base", "plans", "head", "acme:"+w.PublicSite.Head),
		"another fork's":       in(private, "base", "plans", "head", "contractor:main"),
		"more pages":           in(private, "base", "plans", "head", "acme:main", "page", 2, "limit", 1),
		"another branch there": in(private, "base", "plans", "head", "acme:next"),
	} {
		t.Run(what, func(t *testing.T) {
			s := st.in(t).door(as(forker), under("version: 1\n"))
			refusal := s.refused(gate.Conflict, "compare_refs", ask)
			if hint, _ := refusal["hint"].(string); hint == "" {
				t.Errorf("%v shows no way on", refusal)
			}
			s.never("/compare/")
		})
	}
	for _, repo := range []string{public, sibling} {
		for _, token := range []string{"", w.Outsider.Token} {
			if st.serves(token, repo, canary) {
				t.Errorf("%s gives out the private commit", repo)
			}
		}
	}

	// The other way round nothing new gets anywhere: the fork has what its parent had.
	s := st.door(as(forker), under("version: 1\n"))
	answer := s.shown("compare_refs", in(public, "base", "main", "head", "forker:plans"))
	if items := answer.Items(); len(items) != 1 {
		t.Errorf("the other way round: %s", answer.Object)
	}
	// Nor does what the public one has by now go into the private fork by a read.
	s.refused(gate.Conflict, "compare_refs", in(public, "base", "next", "head", "forker:plans"))
	if st.serves(w.Forker.Token, private, behind) {
		t.Error("a comparison wrote into the private fork")
	}
}
