// References answers what Gitea's own code takes for references: the tests hold
// [aegis/internal/reference] against it. It reads one question a line, as JSON, and
// answers each by one line.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"os"

	"code.gitea.io/gitea/modules/markup/mdstripper"
	"code.gitea.io/gitea/modules/references"
	"code.gitea.io/gitea/modules/setting"
)

// question is a text, as bytes so that nothing of it is repaired on the way.
type question struct {
	Text     []byte
	Markdown bool
}

// answer is what refers to another repository, as "owner/name", and what is left of
// Markdown without its markup.
type answer struct {
	Repos    []string
	Stripped []byte
	Links    [][]byte
}

func main() {
	flag.StringVar(&setting.AppURL, "app-url", "http://localhost:3000/", "where Gitea believes to be, with a slash at its end")
	flag.Parse()
	in, out := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20)), bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for in.More() {
		var q question
		if err := in.Decode(&q); err != nil {
			log.Fatal(err)
		}
		find := references.FindAllIssueReferences
		a := answer{}
		if q.Markdown {
			find = references.FindAllIssueReferencesMarkdown
			var links []string
			a.Stripped, links = mdstripper.StripMarkdownBytes(q.Text)
			for _, link := range links {
				a.Links = append(a.Links, []byte(link))
			}
		}
		for _, ref := range find(string(q.Text)) {
			if ref.Owner != "" || ref.Name != "" {
				a.Repos = append(a.Repos, ref.Owner+"/"+ref.Name)
			}
		}
		if err := answers.Encode(a); err != nil {
			log.Fatal(err)
		}
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}
