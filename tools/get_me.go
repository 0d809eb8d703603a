package tools

import (
	"context"
	"errors"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
)

type getMeArgs struct{}

func getMe() Tool {
	return read(definition[getMeArgs]{
		name:        "get_me",
		title:       "Who am I",
		description: "The user that this session acts as, and what it may do: what may be written where, policy, limits. Call it before you write.",
		target:      func(getMeArgs) gate.Target { return gate.Everywhere().OnlyNames() },
		run:         runGetMe,
	})
}

// meFields is a session: its user, if it has a token, and its bounds.
type meFields struct {
	*userFields
	Anonymous  bool     `json:"anonymous,omitempty"`
	Version    string   `json:"gitea_version,omitempty"`
	WriteMode  bool     `json:"write_mode"`
	WriteRepos []string `json:"write_repositories,omitempty"`
	Writing    []opened `json:"writing,omitempty"`      // of the first of these
	More       int      `json:"writing_more,omitempty"` // repositories that writing leaves out
	Policy     rules    `json:"policy"`
	Hint       string   `json:"hint,omitempty"`
}

// opened is what may be written to a repository.
type opened struct {
	Repository string   `json:"repository"`
	Write      bool     `json:"write"`
	Automation bool     `json:"automation"`
	Tools      []string `json:"tools,omitempty"`    // if not all that change something
	Branches   string   `json:"branches,omitempty"` // where files may be changed
	Paths      string   `json:"write_paths,omitempty"`
	Ask        []string `json:"a_human_is_asked_before,omitempty"`
}

func openedBy(o gate.Opening) opened {
	row := opened{Repository: o.Repo, Write: o.Write, Automation: o.Automation, Ask: o.Ask}
	if !o.All {
		row.Tools = o.Tools
	}
	if row.Branches = o.Branches.String(); row.Branches == "" && o.Write {
		row.Branches = "any but the default one" + denied(o.Branches)
	}
	if row.Paths = o.WritePaths.String(); row.Paths == "" && o.Write {
		row.Paths = "any but those that CI runs" + denied(o.WritePaths)
	}
	return row
}

func denied(p policy.Passage) string {
	if p.Denies() {
		return " and what a rule denies"
	}
	return ""
}

type userFields struct {
	Login string `json:"login"`
	Name  string `json:"name,omitempty"`
	ID    int64  `json:"id"`
	Admin bool   `json:"admin,omitempty"` // not where the session may write: others don't see it, and this is no reading
	URL   string `json:"html_url,omitempty"`
}

// rules is a policy in short. Refusals name the rules one by one; here they are
// counted, so that nothing hidden is named.
type rules struct {
	Source   string   `json:"source"`
	SHA256   string   `json:"sha256"`                 // its first 12 digits, as the audit log has them
	Floor    string   `json:"floor_sha256,omitempty"` // likewise, of the machine's managed floor
	Default  string   `json:"read_default"`           // allow or deny
	Sections int      `json:"repository_sections,omitempty"`
	Denied   int      `json:"sections_denying_read,omitempty"`
	Allowed  int      `json:"sections_allowing_read,omitempty"`
	Paths    int      `json:"path_rules,omitempty"`
	Hidden   []string `json:"tools_denied,omitempty"`
	Limits   limits   `json:"limits"`
}

type limits struct {
	CallsPerMinute        int   `json:"calls_per_minute,omitempty"`
	CallsPerMinutePerTool int   `json:"calls_per_minute_per_tool,omitempty"`
	CallsPerHour          int   `json:"calls_per_hour,omitempty"`
	WritesPerSession      int64 `json:"writes_per_session,omitempty"`
	BytesPerSession       int64 `json:"bytes_per_session,omitempty"`
	BytesPerAnswer        int   `json:"bytes_per_answer"`
}

func runGetMe(_ context.Context, v *gate.Visit, _ getMeArgs) (*gate.Result, error) {
	about := v.Session()
	fields := &meFields{
		Anonymous: v.Gitea().Anonymous(), WriteMode: about.WriteMode, WriteRepos: about.WriteRepos, Policy: rulesOf(about),
	}
	if fields.Anonymous {
		fields.Hint = "There is no token: only what Gitea shows to everybody can be read. GITEA_TOKEN (or GITEA_TOKEN_FILE) would be one."
	} else {
		user, err := v.Gitea().Me()
		if err != nil {
			return nil, err
		}
		fields.userFields = &userFields{user.UserName, user.FullName, user.ID, user.IsAdmin && !about.WriteMode, user.HTMLURL}
	}
	for _, each := range about.Writing {
		fields.Writing = append(fields.Writing, openedBy(each))
	}
	fields.More = len(about.WriteRepos) - len(about.Writing)
	if about.WritesNothing != "" {
		fields.Hint = strings.TrimSpace(fields.Hint + " " + about.WritesNothing)
	}
	var err error
	fields.Version, err = version(v)
	return &gate.Result{Fields: fields}, err
}

// version is Gitea's, "" where Gitea does not tell it.
func version(v *gate.Visit) (string, error) {
	version, err := v.Gitea().Version()
	var failure *forge.Error
	if errors.As(err, &failure) {
		switch failure.Kind {
		case forge.Unauthorized, forge.Forbidden:
			return "", nil
		}
	}
	return version, err
}

// short is what is shown of a hash.
func short(sha256 string) string { return sha256[:min(12, len(sha256))] }

func rulesOf(about gate.About) rules {
	p := about.Policy
	r := rules{
		Source: p.Source, SHA256: short(p.SHA256), Floor: short(about.Floor), Default: "deny",
		Sections: p.Sections, Denied: p.ReadDenied, Allowed: p.ReadAllowed, Paths: p.PathRules, Hidden: about.Hidden,
		Limits: limits(p.Limits),
	}
	if p.ReadByDefault {
		r.Default = "allow"
	}
	return r
}
