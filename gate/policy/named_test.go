package policy

import (
	"fmt"
	"slices"
	"testing"
)

// What a forge can be asked about is what is spelt out, each owner once.
func TestWhatAPolicyNames(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
repositories:
  "acme/*": {read: allow}
  "{acme,lab}/hr-*": {read: deny}
  "*/vault": {read: deny}
  "ac*/x": {untrusted: hide}
  "Other/App":
    id: 7
    write: allow
    branches: {allow: [main, "agent/**", refs/tags/v1]}
`)
	var owners, repositories []string
	for _, named := range NamedOwners(p) {
		owners = append(owners, fmt.Sprint(named.Owner, " ", named.Rule))
	}
	for _, named := range Named(p) {
		repositories = append(repositories, fmt.Sprint(named.Repo, " ", named.ID, " ", named.Branches))
	}
	if want := []string{"acme policy.yaml:3 acme/*", "lab policy.yaml:4 lab/hr-*"}; !slices.Equal(owners, want) {
		t.Errorf("%q", owners)
	}
	if want := []string{"other/app 7 [main]"}; !slices.Equal(repositories, want) {
		t.Errorf("%q", repositories)
	}
}
