package reference_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/giteatest"
	"aegis/internal/reference"
)

// appURLs are where Gitea may believe to be.
var appURLs = []string{"https://git.example.org/", "https://git.example.org/git/", "http://git.example.org:3000/", "https://GIT.Example.org/Git/Sub/"}

// A gitea is Gitea's own code at each of appURLs.
type gitea []*giteatest.References

func startGitea(tb testing.TB) (all gitea) {
	for _, appURL := range appURLs {
		all = append(all, giteatest.StartReferences(tb, appURL))
	}
	return all
}

// missed returns what Gitea finds in a text and we don't, and how much Gitea found. It
// fails if Markdown is not parsed exactly as Gitea parses it.
func (g gitea) missed(tb testing.TB, text string, at int, as reference.Syntax) (missed []string, found int) {
	tb.Helper()
	seen, err := g[at].Find(text, as == reference.Markdown)
	if err != nil {
		tb.Fatalf("Gitea on %q: %v", text, err)
	}
	told, err := url.Parse(appURLs[at])
	if err != nil {
		tb.Fatal(err)
	}
	missed = beyond(seen.Repos, text, as, told)
	// It is reached at another address, too.
	reached := &url.URL{Scheme: "http", Host: "gitea:3000", Path: "/"}
	missed = append(missed, beyond(seen.Repos, text, as, reached, told)...)
	if as == reference.Markdown {
		stripped, links, ok := reference.Strip(text, told)
		same := func(ours string, theirs []byte) bool { return ours == string(theirs) }
		if ok && (stripped != string(seen.Stripped) || !slices.EqualFunc(links, seen.Links, same)) {
			tb.Errorf("at %s: %q is\n%q %q to Gitea, and\n%q %q to us", told, text, seen.Stripped, seen.Links, stripped, links)
		}
	}
	return missed, len(seen.Repos)
}

// beyond returns which of names are not among what text refers to.
func beyond(names []string, text string, as reference.Syntax, instances ...*url.URL) (missed []string) {
	repos, unclear := reference.Find(text, as, instances...)
	for _, name := range names {
		if unclear || slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return part == "." || part == ".." }) {
			continue // there is none of that name
		}
		repo, err := canon.ParseFullName(strings.TrimSuffix(strings.ToLower(name), ".git"))
		if err != nil || !slices.Contains(repos, repo) {
			missed = append(missed, name)
		}
	}
	return missed
}

// Whatever Gitea's own code finds in a text is found, or the text is unclear.
func TestDifferential_NothingThatGiteaFindsIsMissed(t *testing.T) {
	t.Parallel()
	g := startGitea(t)
	random := rand.New(rand.NewPCG(1, 26))
	texts, found := 0, 0
	for range 6000 {
		data := make([]byte, 2+random.IntN(40))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		for at, appURL := range appURLs {
			for _, as := range []reference.Syntax{reference.Plain, reference.Markdown} {
				text := compose(data, appURL)
				missed, n := g.missed(t, text, at, as)
				texts, found = texts+1, found+n
				if missed != nil {
					t.Errorf("at %s, syntax %d: %q refers to %v", appURL, as, text, missed)
				}
			}
		}
	}
	t.Logf("Gitea found %d references in %d texts", found, texts)
	if found < texts/20 {
		t.Error("too few: the texts are not what they should be")
	}
}

// FuzzDifferential is the same without an end. Half of the texts are put together of
// pieces by the data, half are the data.
func FuzzDifferential(f *testing.F) {
	g := startGitea(f)
	for i := range byte(len(appURLs) * 4) {
		f.Add([]byte{0, 1, 2, 3}, i)
		f.Add([]byte("acme/\\\nsite#1"), i)
		f.Add([]byte("/  \n> owner/\\\nrepo#1"), i)
	}
	for _, text := range texts {
		for i := range byte(len(appURLs) * 4) {
			at := int(i) % len(appURLs)
			f.Add([]byte(fmt.Sprintf(text+"%[6]s", "acme/site", 1, appURLs[at], "acme", "site", "")), i&^byte(len(appURLs)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, how byte) {
		if len(data) > 4096 {
			return
		}
		at, composed, as := int(how)%len(appURLs), how/byte(len(appURLs))%2 == 1, reference.Markdown
		if how/byte(len(appURLs))/2%4 == 3 {
			as = reference.Plain
		}
		text := string(data)
		if composed {
			text = compose(data, appURLs[at])
		}
		if missed, _ := g.missed(t, text, at, as); missed != nil {
			t.Errorf("at %s, syntax %d: %q refers to %v", appURLs[at], as, text, missed)
		}
	})
}

// The corpus is what was missed once, by whatever found it: a file each, with what
// Gitea finds in it.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	var g gitea
	if !testing.Short() {
		g = startGitea(t)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			c := readCase(t, file)
			told, err := url.Parse(c.at)
			if err != nil {
				t.Fatal(err)
			}
			if missed := beyond(c.refers, c.text, c.as, told); missed != nil {
				t.Errorf("%q refers to %v", c.text, missed)
			}
			if g == nil {
				return
			}
			missed, _ := g.missed(t, c.text, slices.Index(appURLs, c.at), c.as)
			seen, err := g[slices.Index(appURLs, c.at)].Find(c.text, c.as == reference.Markdown)
			if err != nil || missed != nil || !slices.Equal(seen.Repos, c.refers) {
				t.Errorf("Gitea finds %q in %q, not %q; missed: %q %v", seen.Repos, c.text, c.refers, missed, err)
			}
		})
	}
}

// corpusCase is a file of the corpus.
type corpusCase struct {
	at     string // an appURL
	as     reference.Syntax
	text   string
	refers []string // owner/name, in Gitea's order
}

// readCase reads a file of lines "key: value"; the text is quoted as in Go.
func readCase(t *testing.T, file string) (c corpusCase) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "at":
			c.at = value
		case "as":
			c.as = map[string]reference.Syntax{"plain": reference.Plain, "markdown": reference.Markdown}[value]
		case "refers":
			c.refers = strings.Fields(value)
		case "text":
			if c.text, err = strconv.Unquote(value); err != nil {
				t.Fatal(file, err)
			}
		case "", "#":
		default:
			t.Fatalf("%s: what is %q?", file, key)
		}
	}
	if err := lines.Err(); err != nil || !slices.Contains(appURLs, c.at) {
		t.Fatal(file, c.at, err)
	}
	return c
}
