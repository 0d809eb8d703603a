package jobs

import (
	"path/filepath"
	"slices"
	"strings"

	"aegis/internal/jobs/document"
	"aegis/internal/jobs/hook"
)

// parser reads a file of jobs.
type parser struct {
	*document.Reader
	tools Catalog
}

// Parse reads a file of jobs and holds it against the tools that there are. Its error is a
// [*document.InvalidError], and there are no jobs then.
func Parse(name string, raw []byte, tools Catalog) (*File, error) {
	reader, root := document.Open(name, raw)
	p := &parser{reader, tools}
	f := new(File)
	if !root.IsZero() {
		p.file(f, root)
	}
	if err := p.Close(); err != nil {
		return nil, err
	}
	return f, nil
}

func (p *parser) file(f *File, root document.Node) {
	version := false
	var jobs []document.Member
	for _, m := range p.Members("the file", root, []string{"version", "webhooks", "jobs"}) {
		switch m.Key {
		case "version":
			version = true
			if n, ok := p.Number("version", m.Value, 1, 1); !ok || n != 1 {
				return
			}
		case "webhooks":
			for _, each := range p.List("webhooks", m.Value) {
				p.webhook(f, each)
			}
		case "jobs":
			jobs = p.Members("jobs", m.Value, nil)
		}
	}
	if !version {
		p.Errorf(document.Place{Line: 1, Column: 1}, "the key version is missing; write: version: 1")
		return
	}
	if len(jobs) > MostJobs {
		p.Errorf(jobs[MostJobs].At, "the file has more than %d jobs; leave some out", MostJobs)
		return
	}
	for _, m := range jobs {
		if !jobName().MatchString(m.Key) {
			p.Errorf(m.At, "a job's name is 1 to 64 of the characters a-z 0-9 . _ - and begins with a letter or a digit")
			p.Skip(m.Value)
			continue
		}
		f.Jobs = append(f.Jobs, p.job(f, m))
	}
}

func (p *parser) webhook(f *File, node document.Node) {
	var w Webhook
	members := p.Members("a webhook", node, []string{"repositories", "secret_file"})
	for _, m := range members {
		switch m.Key {
		case "repositories":
			for _, each := range p.List("repositories", m.Value) {
				text, ok := p.Word("a repository of a webhook", each)
				if !ok {
					continue
				}
				covers, err := hook.ParseCovers(text)
				switch {
				case err != nil:
					p.Errorf(each.Place(), "a webhook has the secret of one repository, as in acme/app, or of all of an owner's, as in \"acme/*\"")
					continue
				case f.covers(covers) || w.covers(covers):
					p.Errorf(each.Place(), "%s has a secret already; remove one of the two", covers)
				}
				w.Covers = append(w.Covers, covers)
			}
		case "secret_file":
			w.SecretFile = p.path("secret_file", m.Value)
		}
	}
	if p.missing("a webhook", node, members, "repositories", "secret_file") {
		return
	}
	f.Webhooks = append(f.Webhooks, w)
	if n := f.secrets(); n > hook.MostSecrets {
		p.Errorf(node.Place(), "there are more than %d secrets; give an owner's repositories one, as in \"acme/*\"", hook.MostSecrets)
	}
}

// missing notes the keys that must be there and are not.
func (p *parser) missing(what string, node document.Node, members []document.Member, keys ...string) (any bool) {
	if !node.IsMapping() {
		return true
	}
	for _, key := range keys {
		found := false
		for _, m := range members {
			found = found || m.Key == key
		}
		if !found {
			p.Errorf(node.Place(), "%s has no %s; write the key %[2]s", what, key)
			any = true
		}
	}
	return any
}

// path reads an absolute path. It is not quoted in errors: somebody may have put the secret
// itself there.
func (p *parser) path(what string, node document.Node) string {
	text, ok := p.Word(what, node)
	switch {
	case !ok:
	case strings.Contains(text, "${"):
		p.Errorf(node.Place(), "%s takes no values; write the path out", what)
	case !filepath.IsAbs(text):
		p.Errorf(node.Place(), "%s must be the absolute path of a file, as in /etc/aegis/bot.token: a service has another working folder than you", what)
	default:
		return text
	}
	return ""
}

// patterns reads a list of repositories. wrong says what is wrong with one, "" for nothing.
func (p *parser) patterns(what string, node document.Node, wrong func(Pattern) string) (all []Pattern) {
	for _, each := range p.List(what, node) {
		text, ok := p.Word("a repository", each)
		if !ok {
			continue
		}
		pattern, err := ParsePattern(text)
		if err != nil {
			p.Errorf(each.Place(), "%s %s", document.Quote(text), err)
			continue
		}
		if slices.Contains(all, pattern) {
			p.Errorf(each.Place(), "%s is there twice; remove one", pattern)
		} else if why := wrong(pattern); why != "" {
			p.Errorf(each.Place(), "%s %s", pattern, why)
		}
		all = append(all, pattern)
	}
	return all
}

func (f *File) covers(c hook.Covers) bool {
	for _, w := range f.Webhooks {
		if w.covers(c) {
			return true
		}
	}
	return false
}

func (w Webhook) covers(c hook.Covers) bool {
	for _, each := range w.Covers {
		if each == c {
			return true
		}
	}
	return false
}

func (f *File) secrets() (n int) {
	for _, w := range f.Webhooks {
		n += len(w.Covers)
	}
	return n
}
