package giteatest

import (
	"encoding/json"
	"fmt"
	"testing"
)

// pen writes to a server of a test's own, and looks at what came of it.
type pen struct {
	t   *testing.T
	s   *Server
	api API
}

// as is the API in the hands of the owner of token.
func (p pen) as(token string) pen { return pen{p.t, p.s, p.s.As(token)} }

// in is the same pen for a subtest.
func (p pen) in(t *testing.T) pen { return pen{t, p.s, p.api} }

// send sends one request and decodes a JSON object's answer.
func (p pen) send(method, path string, body any) (int, reply) {
	p.t.Helper()
	a, err := p.api.Do(p.t.Context(), method, path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	var r reply
	_ = json.Unmarshal(a.Body, &r) // lists and empty answers: look with list, or at the status
	return a.Status, r
}

// must is send where anything but a 2xx ends the test.
func (p pen) must(method, path string, body any) reply {
	p.t.Helper()
	status, r := p.send(method, path, body)
	if status/100 != 2 {
		p.t.Fatalf("%s %s: %d %s", method, path, status, r.text("message"))
	}
	return r
}

// status is send for who wants the status only.
func (p pen) status(method, path string, body any) int {
	p.t.Helper()
	status, _ := p.send(method, path, body)
	return status
}

// list gets a JSON array of objects.
func (p pen) list(path string) []reply {
	p.t.Helper()
	var rows []reply
	if err := p.api.Into(p.t.Context(), "GET", path, nil, &rows); err != nil {
		p.t.Fatal(err)
	}
	return rows
}

func (p pen) settle() {
	p.t.Helper()
	if err := p.s.Settle(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// commit sends files to a branch, and returns the status and the answer.
func (p pen) commit(repo, branch, message string, files ...object) (int, reply) {
	p.t.Helper()
	if files == nil {
		files = []object{} // null is refused
	}
	return p.send("POST", "/repos/"+repo+"/contents", object{"branch": branch, "message": message, "files": files})
}

// change is a file operation; more are further members.
func change(operation, path, content string, more ...string) object {
	o := object{"operation": operation, "path": path, "content": []byte(content)}
	for i := 0; i < len(more); i += 2 {
		o[more[i]] = more[i+1]
	}
	return o
}

// file is the text of a file on a branch, "" if there is none.
func (p pen) file(repo, branch, path string) (text, sha string) {
	p.t.Helper()
	a, err := p.api.Do(p.t.Context(), "GET", "/repos/"+repo+"/contents/"+escapePath(path)+"?ref="+branch, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	var c struct {
		SHA     string `json:"sha"`
		Content []byte `json:"content"`
	}
	if a.Status == 200 {
		if err := json.Unmarshal(a.Body, &c); err != nil {
			p.t.Fatal(err)
		}
	}
	return string(c.Content), c.SHA
}

// tip is the commit a branch points at.
func (p pen) tip(repo, branch string) string {
	p.t.Helper()
	return p.must("GET", "/repos/"+repo+"/branches/"+branch, nil).text("commit", "id")
}

// branch makes a branch from main's tip, by its full name.
func (p pen) branch(repo, name string) {
	p.t.Helper()
	p.must("POST", "/repos/"+repo+"/branches", object{"new_branch_name": name, "old_ref_name": "refs/heads/main"})
}

// reply is a JSON object of Gitea's.
type reply map[string]any

// text follows a path of members to a value and prints it, "" if there is none.
func (r reply) text(path ...string) string {
	var v any = map[string]any(r)
	for _, name := range path {
		o, _ := v.(map[string]any)
		v = o[name]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return fmt.Sprintf("%d", int64(v))
	default:
		return fmt.Sprint(v)
	}
}

// names are the members of a list of users or labels, by one of their members.
func (r reply) names(list, member string) (names []string) {
	rows, _ := r[list].([]any)
	for _, row := range rows {
		o, _ := row.(map[string]any)
		names = append(names, reply(o).text(member))
	}
	return names
}
