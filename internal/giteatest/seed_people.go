package giteatest

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// readScopes is all that a reader can be given; writeScopes adds writing.
var (
	readScopes  = scopes("read")
	writeScopes = scopes("write")
)

func scopes(level string) []string {
	var list []string
	for _, category := range []string{"repository", "issue", "organization", "user", "notification", "package", "misc"} {
		list = append(list, level+":"+category)
	}
	return list
}

// seedPeople makes the first administrator with Gitea's command, and everybody
// else as they.
func seedPeople(ctx context.Context, s *Server, p program, w *World) error {
	w.Keeper = newUser("keeper")
	out, err := s.command(ctx, p, "admin", "user", "create", "--admin", "--must-change-password=false",
		"--username", w.Keeper.Name, "--password", w.Keeper.Password, "--email", "keeper@acme.test",
		"--access-token", "--access-token-name", "tests", "--access-token-scopes", "all").CombinedOutput()
	if err != nil {
		return fmt.Errorf("gitea admin user create: %w\n%s", err, out)
	}
	if w.Keeper.Token = lastToken(string(out)); w.Keeper.Token == "" {
		return fmt.Errorf("gitea admin user create printed no token:\n%s", out)
	}
	sc := &script{ctx: ctx, server: s, api: s.As(w.Keeper.Token), token: w.Keeper.Token}
	var keeper struct {
		ID int64 `json:"id"`
	}
	sc.do("GET", "/user", nil, &keeper)
	w.Keeper.ID = keeper.ID

	w.Reader = sc.user("reader", "public", readScopes)
	w.Writer = sc.user("writer", "public", writeScopes)
	w.Colleague = sc.user("colleague", "public", writeScopes)
	w.Forker = sc.user("forker", "public", writeScopes)
	w.Contractor = sc.user("contractor", "public", readScopes)
	w.Outsider = sc.user("outsider", "public", writeScopes)
	w.Recluse = sc.user("recluse", "private", readScopes)
	w.Neighbour = sc.user("neighbour", "limited", readScopes)
	w.ReaderPublicOnly = sc.newToken(w.Reader, "public", append([]string{"public-only"}, readScopes...))

	w.Acme = sc.org("acme", "public")
	w.Guild = sc.org("guild", "limited")
	w.Cellar = sc.org("cellar", "private")
	sc.org("second", "public")
	sc.org("oldorg", "public")
	w.NewOrg = "neworg"
	return sc.err
}

// newUser is a user yet to be made. The password is no secret worth the name.
func newUser(name string) User {
	return User{Name: name, Password: strings.Repeat(name+"-", 3)}
}

func (sc *script) user(name, visibility string, scopes []string) User {
	u := newUser(name)
	var made struct {
		ID int64 `json:"id"`
	}
	sc.post("/admin/users", object{
		"username": name, "password": u.Password, "email": name + "@example.test", "full_name": "The " + name,
		"must_change_password": false, "visibility": visibility,
	}, &made)
	u.ID = made.ID
	u.Token = sc.newToken(u, "tests", scopes)
	return u
}

// newToken makes a token of u, for which Gitea wants the password.
func (sc *script) newToken(u User, name string, scopes []string) string {
	var made struct {
		SHA1 string `json:"sha1"`
	}
	if sc.err == nil {
		login := API{base: sc.server.URL, basic: &u}
		sc.err = login.Into(sc.ctx, "POST", "/users/"+u.Name+"/tokens", object{"name": name, "scopes": scopes}, &made)
	}
	return made.SHA1
}

func (sc *script) org(name, visibility string) string {
	sc.post("/orgs", object{"username": name, "visibility": visibility, "full_name": "The " + name}, nil)
	return name
}

// lastToken finds the token in what the command printed about it.
func lastToken(out string) (token string) {
	for word := range strings.FieldsSeq(out) {
		if b, err := hex.DecodeString(word); err == nil && len(b) == 20 {
			token = word
		}
	}
	return token
}
