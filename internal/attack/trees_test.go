package attack_test

import (
	"strings"
	"testing"

	"aegis/gate"
)

func TestI6_ADeniedFolderInTrees(t *testing.T) {
	t.Parallel()
	s := open(t)
	head := s.world.ServiceA.Head
	s.exposed(apiA+"/git/trees/"+head+"?recursive=true", "secrets/nested/deep.txt")
	s.hides("prod.txt", "deep.txt", ".env", "id_rsa", "secrets")

	for _, folder := range []string{"secrets", "SECRETS", "secrets/nested", "secrets/none"} {
		answer := s.Ask("get_file_tree", in(serviceA, "path", folder)) // not searched: a hint may repeat what was asked
		if answer.Code != gate.PathDenied {
			t.Errorf("%s: %s", folder, answer.Object)
		}
	}
	s.untouched()

	root := s.shown("get_file_tree", in(serviceA))
	if root.Fields["withheld"] != 2.0 { // secrets and .env
		t.Errorf("%v of the root are withheld: %s", root.Fields["withheld"], root.Object)
	}
	config := s.shown("get_file_tree", in(serviceA, "path", "config"))
	if rows := config.Items(); len(rows) != 1 || rows[0]["path"] != "config/app.yaml" || config.Fields["withheld"] != 1.0 {
		t.Errorf("config is %s", config.Object)
	}
}

// What a page withholds is counted on that page, and no page hides a row that
// another shows.
func TestI10_PagingThroughATreeWithDeniedRows(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.hides("prod.txt", "deep.txt", ".env", "id_rsa", "secrets")
	whole := s.shown("get_file_tree", in(serviceA, "recursive", true, "limit", 1000))
	if more := whole.Fields["has_more"]; more != false {
		t.Errorf("has_more is %v", more)
	}
	want, withheld := paths(whole.Items()), 0.0
	var got []string
	for page := 1; ; page++ {
		answer := s.shown("get_file_tree", in(serviceA, "recursive", true, "limit", 7, "page", page))
		got = append(got, paths(answer.Items())...)
		n, _ := answer.Fields["withheld"].(float64)
		withheld += n
		if len(answer.Items())+int(n) > 7 {
			t.Errorf("page %d has %d rows and withholds %v", page, len(answer.Items()), n)
		}
		if answer.Fields["has_more"] != true {
			break
		}
		if page > 20 {
			t.Fatal("there is no last page")
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || withheld != whole.Fields["withheld"] || withheld < 6 {
		t.Errorf("pages of 7 have %d rows and withhold %v; the whole has %d and withholds %v", len(got), withheld, len(want), whole.Fields["withheld"])
	}
}

func TestTreesOfThousands(t *testing.T) {
	t.Parallel()
	s := open(t, under("version: 1\nrepositories: {\"acme/manyfiles\": {paths: {deny: [\"src/007/**\"]}}}\n"))
	seen, withheld := 0, 0.0
	for page := 1; page <= 4; page++ {
		answer := s.shown("get_file_tree", in("acme/manyfiles", "recursive", true, "limit", 1000, "page", page))
		truncated, _ := answer.Fields["truncated"].(bool)
		if truncated && answer.Fields["hint"] == nil {
			t.Errorf("a cut page gives no hint: %.200s", answer.Object)
		}
		for _, row := range answer.Items() {
			if strings.HasPrefix(row["path"].(string), "src/007") {
				t.Errorf("%v is shown", row)
			}
		}
		seen += len(answer.Items())
		n, _ := answer.Fields["withheld"].(float64)
		withheld += n
	}
	if withheld != 101 || seen == 0 {
		t.Errorf("%d rows, %v withheld", seen, withheld)
	}
	s.refused(gate.PathDenied, "get_file_tree", in("acme/manyfiles", "path", "src/007"))
}

func paths(rows []map[string]any) (all []string) {
	for _, row := range rows {
		all = append(all, row["path"].(string))
	}
	return all
}
