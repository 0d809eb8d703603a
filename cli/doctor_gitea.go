package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// examined is what an answer of the gate says to a doctor.
type examined struct {
	Login     string `json:"login"`
	Admin     bool   `json:"admin"`
	Anonymous bool   `json:"anonymous"`
	Version   string `json:"gitea_version"`
	Policy    struct {
		Hidden []string `json:"tools_denied"`
	} `json:"policy"`
	Items []struct {
		Name string `json:"full_name"`
	} `json:"items"`
	More  bool `json:"has_more"`
	Error *struct {
		Code    gate.Code `json:"code"`
		Message string    `json:"message"`
		Rule    string    `json:"rule"`
		Hint    string    `json:"hint"`
	} `json:"error"`
}

// scopes are calls that read, each of which takes a scope of its own.
var scopes = []struct{ tool, args, scope string }{
	{"list_repositories", `{"limit":1}`, "read:repository"},
	{"search_issues", `{"query":"aegis","limit":1}`, "read:issue"},
	{"list_organizations", `{"limit":1}`, "read:organization"},
	{"list_notifications", `{"limit":1}`, "read:notification"},
	{"list_packages", `{"owner":"LOGIN","limit":1}`, "read:package"},
}

// checkGitea asks Gitea who the token is, and what it may, through the gate.
func (d *doctor) checkGitea(ctx context.Context) {
	config := d.config
	config.Warnings = nil // told
	if request, err := http.NewRequest(http.MethodGet, config.URL.String(), nil); err == nil {
		if proxy, err := http.ProxyFromEnvironment(request); err == nil && proxy != nil {
			d.note(fine, "proxy", "", "Gitea is asked through %s", proxy.Host)
		}
	}
	door, err := open(config, zerolog.Nop())
	if err != nil {
		d.note(failed, "start", "a session would not start either", "%v", err)
		return
	}
	defer door.Close()
	self, on := door.Caller("doctor", principal()), caller.Connect("")
	on.Client("aegis doctor", Version)
	_ = door.Gate.Begin(context.WithoutCancel(ctx), self, on) // if it fails the calls are denied, and say so
	ask := func(tool, args string) (said examined) {
		at := slices.IndexFunc(tools.All(), func(t tools.Tool) bool { return t.Name == tool })
		answer := door.Gate.Do(ctx, self, on, tools.All()[at].Tool, gate.Call{Args: json.RawMessage(args), Shell: true})
		_ = json.Unmarshal([]byte(answer.Object), &said)
		return said
	}
	d.checkUser(config.URL.Scheme, ask("get_me", "{}"), ask)
	d.checkSigns(door.Signs(), time.Now())
	d.checkWriting(door, self)
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := door.Gate.End(ended, self, on); err != nil {
		d.note(failed, "audit log", "every call is denied while the log can't be kept", "%v", plain(err))
	}
}

// checkUser tells of Gitea, the token's user, and the scopes that can be found out.
func (d *doctor) checkUser(scheme string, me examined, ask func(tool, args string) examined) {
	if me.Error != nil {
		status := failed
		if slices.Contains([]gate.Code{gate.PolicyDenied, gate.RateLimited}, me.Error.Code) {
			status = doubt // it is meant
		}
		d.note(status, "Gitea", me.Error.Hint, "%s: %s", me.Error.Code, me.Error.Message)
		return
	}
	secure := "without TLS"
	if scheme == "https" {
		secure = "by TLS"
	}
	d.note(fine, "Gitea", "", "%s answers %s, version %s", d.config.URL.Host, secure, quoted(me.Version))
	if me.Anonymous {
		return
	}
	d.note(fine, "token", "", "it is %s's", quoted(me.Login))
	d.note(fine, "scope", "", "read:user: the token has it")
	if me.Admin {
		d.note(doubt, "token", "use a token of a user who sees and does only what an agent should", "%s is an administrator of Gitea, and the token reads what everybody has", quoted(me.Login))
	}
	d.checkSeen(ask("list_repositories", `{"limit":50}`))
	for _, each := range scopes {
		if slices.Contains(me.Policy.Hidden, each.tool) {
			continue
		}
		said := ask(each.tool, strings.ReplaceAll(each.args, "LOGIN", me.Login))
		if said.Error != nil {
			d.note(doubt, "scope", "give the token "+each.scope+" if agents are to do that", "%s does not work: %s", each.tool, said.Error.Message)
		} else {
			d.note(fine, "scope", "", "%s: the token has it", each.scope)
		}
	}
}

// checkSeen tells what the token sees, as far as policy shows it.
func (d *doctor) checkSeen(seen examined) {
	if seen.Error != nil {
		return // told as a scope
	}
	var some []string
	for _, each := range seen.Items[:min(len(seen.Items), 3)] {
		some = append(some, quoted(each.Name))
	}
	switch n := count(int64(len(seen.Items)), "repository", "repositories"); {
	case len(some) == 0 && !seen.More:
		d.note(doubt, "token", "give its user access to what agents are to read, or open it in the policy", "it sees no repository that the policy shows")
	case seen.More:
		d.note(fine, "token", "", "it sees more than %s, such as %s", n, strings.Join(some, ", "))
	default:
		d.note(fine, "token", "", "it sees %s that the policy shows, such as %s", n, strings.Join(some, ", "))
	}
}

// Bounds on what is no trouble yet.
const (
	clocksApart     = 2 * time.Minute
	certificateLeft = 14 * 24 * time.Hour
)

// checkSigns looks at Gitea's clock and certificate, as far as it has answered.
func (d *doctor) checkSigns(signs forge.Signs, now time.Time) {
	if signs.Clock {
		status, fix := fine, ""
		if signs.Ahead.Abs() > clocksApart {
			status, fix = doubt, "set both clocks by the network: the log's times and Gitea's are compared after incidents"
		}
		d.note(status, "clock", fix, "Gitea's is %s ahead of the one here", signs.Ahead)
	}
	if ends := signs.Certificate; !ends.IsZero() {
		status, fix := fine, ""
		if ends.Sub(now) < certificateLeft {
			status, fix = doubt, "have it renewed: nothing is read by one that has run out"
		}
		d.note(status, "TLS", fix, "Gitea's certificate counts until %s", ends.UTC().Format(time.DateOnly))
	}
}

// checkWriting says whether something can be written.
func (d *doctor) checkWriting(door *app.App, self *caller.Caller) {
	switch why := door.Gate.WritesNothing(self); {
	case why != "":
		d.note(doubt, "writing", "turn write mode off, or open writing in the policy", "%s", why)
	case d.config.Write:
		d.note(fine, "writing", "", "write mode is on, for %s; scopes to write can't be found out without writing", count(int64(len(d.config.WriteRepos)), "repository", "repositories"))
	default:
		d.note(fine, "writing", "", "write mode is off: nothing is written")
	}
}
