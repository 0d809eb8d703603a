package hinttest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

type object = map[string]any

// step is a call, and what becomes of it: "" for an answer, or a code.
type step struct {
	tool, args string
	code       string
}

// trail is a call that ends with a hint, and the calls that do what that says.
type trail struct {
	first step
	hint  string // what it begins with
	then  []step
}

// kinds are what a hint wants to be provoked. Each makes repositories of its own.
var kinds = map[string]func(*ground){
	"everyday": everyday, "names": names, "units": units, "files": files, "first commits": firstCommits, "runs": runs,
	"asking": asking, "races of reads": racesOfReads, "races of writes": racesOfWrites, "races of flow": racesOfFlow,
}

// TestHints_EachIsFollowed walks every trail, on one Gitea, and then looks for hints that
// none has led along.
func TestHints_EachIsFollowed(t *testing.T) {
	t.Parallel()
	s := giteatest.StartNew(t)
	seen := &followed{formats: hints(t), seen: make(map[string]bool)}
	t.Run("along", func(t *testing.T) {
		for name, walk := range kinds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				walk(&ground{T: t, s: s, followed: seen})
			})
		}
	})
	t.Run("none is left out", func(t *testing.T) {
		for _, format := range seen.formats {
			if !seen.seen[format] && !slices.Contains(final, format) {
				t.Errorf("nobody follows %q", format)
			}
		}
		for _, format := range final {
			if !slices.Contains(seen.formats, format) {
				t.Errorf("no hint says %q any more", format)
			}
		}
	})
}

// followed are the hints of the source, and those that a trail has begun with.
type followed struct {
	formats []string
	mu      sync.Mutex
	seen    map[string]bool
}

// note marks what a hint was made from: that which it is, or else all that it may be.
func (f *followed) note(hint string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.Contains(f.formats, hint) {
		f.seen[hint] = true
		return
	}
	for _, format := range f.formats {
		if open := strings.Contains(format, "%") || strings.HasSuffix(format, " "); open && asPattern(format).MatchString(hint) {
			f.seen[format] = true
		}
	}
}

// asPattern is what a format makes. One that ends in a blank goes on.
func asPattern(format string) *regexp.Regexp {
	quoted, end := regexp.QuoteMeta(format), "$"
	if strings.HasSuffix(format, " ") {
		end = ""
	}
	return regexp.MustCompile("(?s)^" + strings.NewReplacer("%s", ".*", "%d", "[0-9]+").Replace(quoted) + end)
}

// ground is where a kind of hints is followed.
type ground struct {
	*testing.T
	*followed
	s *giteatest.Server
}

// as does something as a user, who has to succeed.
func (g *ground) as(user giteatest.User, method, path string, body, out any) {
	g.Helper()
	if err := g.s.As(user.Token).Into(g.Context(), method, path, body, out); err != nil {
		g.Fatal(method, path, err)
	}
}

// keeper does something as the administrator.
func (g *ground) keeper(method, path string, body, out any) {
	g.Helper()
	g.as(g.s.World.Keeper, method, path, body, out)
}

// repo makes a private repository of acme's that Writer writes to, and returns its path
// in the API. more is of its settings.
func (g *ground) repo(name string, more object) string {
	g.Helper()
	settings := object{"name": name, "private": true, "default_branch": "main", "auto_init": true, "readme": "Default"}
	for key, value := range more {
		settings[key] = value
	}
	path := "/repos/acme/" + name
	g.keeper("POST", "/orgs/acme/repos", settings, nil)
	g.keeper("PUT", path+"/collaborators/writer", object{"permission": "write"}, nil)
	return path
}

// push makes a branch of what is given, in place of what it had.
func (g *ground) push(name, branch string, files ...giteatest.File) {
	g.Helper()
	if _, err := g.s.Push(g.Context(), g.s.World.Keeper, "acme/"+name, branch, files...); err != nil {
		g.Fatal(err)
	}
}

// commit adds a file to a branch, or changes the one of that name.
func (g *ground) commit(path, branch, file, content string) {
	g.Helper()
	g.keeper("POST", path+"/contents", object{"branch": branch, "message": "m", "files": []object{{"operation": "upload", "path": file, "content": []byte(content)}}}, nil)
}

// branch makes a branch at the default one.
func (g *ground) branch(path, name string) {
	g.Helper()
	g.keeper("POST", path+"/branches", object{"new_branch_name": name}, nil)
}

// open lets acme's repositories be written to, but for their default branches.
const open = "version: 1\nrepositories: {\"acme/*\": {write: allow, automation: allow}}\n"

// door is Writer's, for writing to some of acme's repositories.
func (g *ground) door(policy string, names ...string) *gatetest.Door {
	g.Helper()
	return g.doorTo(g.s.URL, policy, names...)
}

func (g *ground) doorTo(url, policy string, names ...string) *gatetest.Door {
	g.Helper()
	var repos []canon.Repo
	for _, name := range names {
		repo, err := canon.ParseRepo("acme", name)
		if err != nil {
			g.Fatal(err)
		}
		repos = append(repos, repo)
	}
	return gatetest.Open(g.T, gatetest.Config{URL: url, Token: g.s.World.Writer.Token, Policy: policy, Write: true, Repos: repos})
}

// walk walks trails, one after the other.
func (g *ground) walk(d *gatetest.Door, trails ...trail) {
	g.Helper()
	for _, each := range trails {
		a := d.Ask(each.first.tool, each.first.args)
		hint := hintOfAnswer(a)
		if string(a.Code) != each.first.code || !strings.HasPrefix(hint, each.hint) {
			g.Errorf("%s %.300s\nwant %s, %q\n%.600s", each.first.tool, each.first.args, each.first.code, each.hint, a.Object)
		}
		for _, secret := range []string{"hr-people", "locked", "fixed"} {
			if strings.Contains(string(a.Object), secret) && !strings.Contains(each.first.args, secret) {
				g.Errorf("%s %.300s tells of %s: %s", each.first.tool, each.first.args, secret, a.Object)
			}
		}
		g.note(hint)
		for _, next := range each.then {
			if b := d.Ask(next.tool, next.args); string(b.Code) != next.code {
				g.Errorf("after %q\n%s %.300s\n%.600s", hint, next.tool, next.args, b.Object)
			}
		}
	}
}

func hintOfAnswer(a gatetest.Answer) string {
	if a.IsError {
		hint, _ := a.Refusal()["hint"].(string)
		return hint
	}
	hint, _ := a.Fields["hint"].(string)
	return hint
}

// in is the arguments of a call about a repository of acme's.
func in(name, more string) string {
	return fmt.Sprintf(`{"owner":"acme","repo":%q%s}`, name, more)
}

// quoted is a text as JSON has it.
func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// create is what a call that creates a file ends with.
func create(branch, path, content string) string {
	return fmt.Sprintf(`"branch":%q,"message":"m","files":[{"operation":"create","path":%q,"content":%s}]}`, branch, path, quoted(content))
}

// added is the arguments of a commit that creates a file.
func added(name, branch, path, content string) string {
	return in(name, ","+strings.TrimSuffix(create(branch, path, content), "}"))
}

// change is the arguments of a commit that updates a file, or deletes it if there is no content.
func change(name, branch, path, sha, content, more string) string {
	what := `"operation":"delete"`
	if content != "" {
		what = `"operation":"update","content":` + quoted(content)
	}
	return in(name, fmt.Sprintf(`,"branch":%q,"message":"m","files":[{%s,"path":%q,"sha":%q}]%s`, branch, what, path, sha, more))
}

// Before which request something is done.
var writing, nth = giteatest.Changes, giteatest.Nth
