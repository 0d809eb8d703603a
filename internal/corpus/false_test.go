package corpus

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestIdsAndChecksumsStayReadable(t *testing.T) {
	t.Parallel()
	n := 100
	if testing.Short() {
		n = 10
	}
	cut, stock := MeasureReadable(stock(t), scrubber(t), n, 1)
	for _, f := range Forms() {
		if cut[f.Name] > stock[f.Name] {
			t.Errorf("%s: %d of %d are cut, gitleaks would cut %d", f.Name, cut[f.Name], n, stock[f.Name])
		}
		if !strings.HasPrefix(f.Name, beside) && cut[f.Name] > 0 {
			t.Errorf("%s: %d of %d are cut", f.Name, cut[f.Name], n)
		}
	}
}

// What is ordinary holds a few things that look like secrets, and gitleaks would
// report them. Beyond those, next to nothing may be cut.
func TestLittleIsCutFromOrdinaryText(t *testing.T) {
	t.Parallel()
	files, err := Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() { // some of every module
		var some []File
		for i := 0; i < len(files); i += 19 {
			some = append(some, files[i])
		}
		files = some
	}
	f := MeasureFalse(stock(t), scrubber(t), files, 50)
	for _, name := range f.Overlooked {
		t.Errorf("gitleaks finds something in what is left of %s", name)
	}
	var sum Tally
	for _, tally := range f.Tallies {
		sum.Bytes += tally.Bytes
		sum.Cuts += tally.Cuts
		sum.Stock += tally.Stock
		sum.Withheld += tally.Withheld
	}
	mb := float64(sum.Bytes) / megabyte
	if mb < 1 {
		t.Errorf("only %.2f MB of ordinary text", mb)
	}
	if alone := float64(sum.Cuts-sum.Stock) / mb; alone > 1 {
		t.Errorf("%.2f redactions a MB that gitleaks does not ask for", alone)
	}
	if perMB := float64(sum.Cuts) / mb; perMB > 20 {
		t.Errorf("%.2f redactions a MB", perMB)
	}
	if sum.Withheld > 0 {
		t.Errorf("%d ordinary files are withheld", sum.Withheld)
	}
}

func TestOrdinaryTextIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	one := bounded([]File{{"a", "Go", "1"}, {"b", "Go", "2"}, {"c", "lock files", strings.Repeat("x", 3*megabyte)}})
	two := bounded([]File{{"b", "Go", "2"}, {"c", "lock files", strings.Repeat("x", 3*megabyte)}, {"a", "Go", "1"}})
	if len(one) != 2 || len(two) != 2 || one[0] != two[0] || one[1] != two[1] {
		t.Errorf("%v and %v", one, two)
	}
}

func TestMaskedShowsLittle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, prefix, suffix, want string }{
		{`key = "abcdefgh"`, `key = "`, `"`, `key = "«abcd…8»`},
		{`key = "abcdefgh"`, `another `, ``, `«key …16»`},
		{strings.Repeat("x", 60) + "abcdefgh", strings.Repeat("x", 60), "", "…" + strings.Repeat("x", 48) + "«abcd…8»"},
		{"abcdefgh", "", "", "«abcd…8»"},
	} {
		if got := masked(c.line, c.prefix, c.suffix); got != c.want {
			t.Errorf("masked(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}

// Rows of a list stand close together: a name that is a word like "auth" must
// not make a secret of the id beside it.
func TestListsOfFilesStayReadable(t *testing.T) {
	t.Parallel()
	files, err := Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Path string `json:"path"`
		Type string `json:"type"`
		Size int    `json:"size"`
		SHA  string `json:"sha"`
	}
	random, s := rand.New(rand.NewPCG(1, 1)), scrubber(t)
	for page := range slices.Chunk(files[:min(len(files), 2000)], 50) {
		var rows []row
		for _, f := range page {
			rows = append(rows, row{f.Name, "file", len(f.Text), hex.EncodeToString(octets(random, 20))})
		}
		out, report, err := s.JSON(map[string]any{"items": rows})
		if err != nil || len(report.Redactions) > 0 || report.Withheld > 0 {
			t.Errorf("%v, %+v: %s", err, report, out)
		}
	}
}

// What docs/security.md says of Gitea's own source is what is measured.
func TestGiteasSourceIsCutAsDocumented(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("looks through 20 MB")
	}
	root := filepath.Join("..", "..")
	files, err := Gitea(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("Gitea's module is not on this machine")
	}
	var sum Tally
	for _, tally := range MeasureFalse(stock(t), scrubber(t), files, 0).Tallies {
		sum.Bytes += tally.Bytes
		sum.Cuts += tally.Cuts
		sum.Stock += tally.Stock
	}
	mb := float64(sum.Bytes) / 1e6
	measured := fmt.Sprintf("Gitea's source (%.2f MB): %.2f redactions a MB, %.2f without gitleaks", mb, float64(sum.Cuts)/mb, float64(sum.Cuts-sum.Stock)/mb)
	page, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), measured) {
		t.Errorf("docs/security.md does not say: %s", measured)
	}
}
