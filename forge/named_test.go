package forge

import (
	"testing"

	"aegis/forge/gitea"
)

// What an answer says of its repository is held by the id, and by the path of an
// address, whatever host it names.
func TestNamed_AnswersAreHeldAgainstTheRecord(t *testing.T) {
	t.Parallel()
	c := &Client{new(Reader)}
	name := repo(t, "acme/website")
	if err := c.isOf(name, 9, "https://git.example/other/one/issues/1"); err != nil {
		t.Error("nothing is expected yet:", err)
	}
	c.Expect(name, &gitea.Repository{ID: 7, HTMLURL: "https://git.example/sub/Acme/website", URL: "https://git.example/sub/api/v1/repos/Acme/website"})
	for address, is := range map[string]bool{
		"":                                     true,
		"https://git.example/sub/acme/website": true,
		"https://git.example/sub/acme/WEBSITE/issues/1#comment":        true,
		"https://elsewhere.example/sub/acme/website/src/commit/x":      true,
		"https://git.example/sub/api/v1/repos/acme/website/releases/1": true,
		"https://git.example/sub/acme/website-two/issues/1":            false,
		"https://git.example/acme/website/issues/1":                    false,
		"https://git.example/sub/acme/other/issues/1":                  false,
		"https://git.example/sub/api/v1/orgs/acme/labels/1":            false,
		"https://git.example/%zz":                                      false,
	} {
		err := c.isOf(name, 7, address)
		if (err == nil) != is || err != nil && From(err).Kind != Exchanged {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := c.isOf(name, 0, "https://git.example/sub/acme/website"); err != nil {
		t.Error("an answer without an id:", err)
	}
	if err := c.isOf(name, 8, ""); From(err).Kind != Exchanged {
		t.Error("another id:", err)
	}
}
