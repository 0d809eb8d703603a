package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// pageTitles are titles of which each is some trouble in an address.
var pageTitles = []string{"Home", "Two words", "C++ & 100% free", "2000-01-02 meeting", "Über uns?", "README.md", "a#b;c", "Keys", "_Sidebar", "_Footer"}

func pages(t *testing.T, c carpenter, d *desk) {
	t.Helper()
	for _, title := range pageTitles {
		content := "This is " + title + ".\n"
		switch title {
		case "Keys":
			content = d.planted + "\n" + c.s.World.Plant.PEM + "\n"
		case "_Sidebar", "_Footer":
			content = "on every page: " + d.planted + "\n"
		}
		c.post(c.s.World.Keeper, reviewedRepo+"/wiki/new", object{"title": title, "content_base64": []byte(content), "message": "Write " + d.planted})
	}
	c.post(c.s.World.Keeper, reviewedRepo+"/wiki/new", object{"title": "Long", "content_base64": []byte(strings.Repeat("a line of a long page\n", 10000)), "message": "Long"})
}

// Every page in the list is read by the name that it has there.
func TestWikiPages(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	open := door(t, s, "version: 1\n")
	list := ok(t, open.Ask("list_wiki_pages", `{"owner":"acme","repo":"reviewed"}`))
	titles := column(list, "title")
	for _, title := range append([]string{"Long"}, pageTitles...) {
		at := slices.Index(titles, title)
		if at < 0 {
			t.Errorf("%q is not in the list: %v", title, titles)
			continue
		}
		row := list.Items()[at]
		a := open.Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":`+raw(row["name"])+`}`)
		if a.IsError {
			t.Errorf("%q by %v: %s", title, row["name"], a.Object)
			continue
		}
		if a.Fields["title"] != title || a.Fields["name"] != row["name"] || a.Fields["commit"] != row["commit"] || a.Fields["visibility"] != "private" {
			t.Errorf("%q: %s", title, a.Object)
		}
		if found := shows(a.All, d.secret, "on every page", "Write "); found != nil && !strings.HasPrefix(title, "_") {
			t.Errorf("%q shows %v", title, found)
		}
		if !strings.HasSuffix(fmt.Sprint(a.Fields["html_url"]), "/acme/reviewed/wiki/"+fmt.Sprint(row["name"])) {
			t.Errorf("%q has the address %v", title, a.Fields["html_url"])
		}
	}
	if found := shows(list.All, d.secret, "/api/v1", "@"); found != nil {
		t.Errorf("the list shows %v: %s", found, list.Object)
	}
	// A title does as well, where it is no other page's name.
	for _, title := range []string{"Home", "Two words", "Über uns?", "Home.md"} {
		ok(t, open.Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":`+raw(title)+`}`))
	}
	keys := ok(t, open.Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":"Keys"}`))
	if shows(keys.All, d.secret, "BEGIN RSA") != nil || keys.Fields["redacted"] == nil {
		t.Errorf("keys: %s", keys.All)
	}
	for _, name := range []string{"Nothing", "../../etc/passwd", "..", ".", `a\b`, "a/b", "..%2f..%2fx"} {
		if a := open.Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":`+raw(name)+`}`); a.Code != "not_found" && a.Code != "invalid_arguments" {
			t.Errorf("%q: %s", name, a.Object)
		}
	}
	long := ok(t, open.Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":"Long"}`))
	next, _ := long.Fields["next_start_line"].(float64)
	if long.Fields["truncated"] != true || next == 0 {
		t.Fatalf("a long page: %s", long.Object)
	}
	on := ok(t, open.Ask("get_wiki_page", fmt.Sprintf(`{"owner":"acme","repo":"reviewed","name":"Long","start_line":%d}`, int(next))))
	if on.Fields["start_line"] != next {
		t.Errorf("going on: %s", on.Object)
	}
	if none := ok(t, open.Ask("list_wiki_pages", `{"owner":"acme","repo":"manyfiles"}`)); len(none.Items()) != 0 {
		t.Errorf("an empty wiki: %s", none.Object)
	}
	refused(t, door(t, s, "version: 1\nrepositories: {acme/reviewed: {read: deny}}\n").Ask("get_wiki_page", `{"owner":"acme","repo":"reviewed","name":"Home"}`), "policy_denied")
}

func TestWikiPaging(t *testing.T) {
	t.Parallel()
	s, _ := atDesk(t)
	open := door(t, s, "version: 1\n")
	for _, limit := range []int{1, 2, 4} {
		var seen []string
		for page := 1; page < 30; page++ {
			a := ok(t, open.Ask("list_wiki_pages", fmt.Sprintf(`{"owner":"acme","repo":"reviewed","limit":%d,"page":%d}`, limit, page)))
			if len(a.Items()) > limit {
				t.Errorf("%d rows where %d were asked for", len(a.Items()), limit)
			}
			seen = append(seen, column(a, "title")...)
			if a.Fields["has_more"] != true {
				break
			}
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != len(pageTitles)+1 || len(seen) != len(pageTitles)+1 {
			t.Errorf("in pages of %d: %v", limit, seen)
		}
	}
}
