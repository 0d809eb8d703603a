package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// lookup asks a forge whether what a policy names is there. It does so by calls like any
// other, through the door and into the audit log, in a session of its own that only reads
// and has the built-in policy: the one that is checked may hide what it names.
type lookup struct {
	ctx  context.Context
	gate *gate.Gate
	self *caller.Caller
	on   *caller.Connection
}

// online returns what a policy names and the forge does not have as it is named.
func (s *settings) online(ctx context.Context, env environment, p *policy.Policy) (all []policy.Caution, err error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	config.PolicyFile, config.Write, config.WriteRepos = "", false, nil
	env.knows(config)
	logger := zerolog.New(env.stderr).Level(zerolog.WarnLevel).With().Timestamp().Logger()
	door, err := open(config, logger)
	if err != nil {
		return nil, err
	}
	l := lookup{ctx, door.Gate, door.Caller("stdio", principal()), caller.Connect("")}
	l.on.Client("aegis policy check", Version)
	_ = l.gate.Begin(context.WithoutCancel(ctx), l.self, l.on) // without an audit log the calls are denied
	all, failed := l.all(p)
	if failed != nil {
		err = &failure{exitFailed, failed}
	}
	begun := make(chan struct{})
	close(begun)
	finish(door, config, l.self, l.on, begun, logger)
	return all, err
}

// all is what is not there of all that a policy names.
func (l lookup) all(p *policy.Policy) (all []policy.Caution, err error) {
	for _, named := range policy.NamedOwners(p) {
		switch answer := l.call("list_repositories", map[string]any{"owner": named.Owner.String(), "limit": 1}); {
		case answer.Code == gate.NotFound:
			all = append(all, policy.Caution{Rule: named.Rule.String(), Text: fmt.Sprintf("there is nobody called %s, or the access token is not shown them", named.Owner)})
		case answer.IsError:
			return all, fmt.Errorf("%s can't be looked up: %s", named.Owner, answer.Code)
		}
	}
	for _, named := range policy.Named(p) {
		found, err := l.missing(named)
		if all = append(all, found...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// missing is what is not there of one repository that a policy names. It fails if that can't
// be found out.
func (l lookup) missing(named policy.NamedRepository) (all []policy.Caution, err error) {
	add := func(format string, args ...any) {
		all = append(all, policy.Caution{Rule: named.Rule.String(), Text: fmt.Sprintf(format, args...)})
	}
	args := map[string]any{"owner": named.Repo.Owner(), "repo": named.Repo.Name()}
	answer := l.call("get_repository", args)
	switch {
	case answer.Code == gate.NotFound:
		add("there is no repository %s, or the access token is not shown it", named.Repo)
		return all, nil
	case answer.Code == gate.Moved:
		add("%s is the former name of a repository: name it as it is called now", named.Repo)
		return all, nil
	case answer.IsError:
		return all, fmt.Errorf("%s can't be looked up: %s", named.Repo, answer.Code)
	}
	var record struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(answer.Object, &record); err != nil {
		return all, fmt.Errorf("%s can't be looked up: %w", named.Repo, err)
	}
	if named.ID != 0 && named.ID != record.ID {
		add("%s has the id %d, and not %d", named.Repo, record.ID, named.ID)
	}
	for _, branch := range named.Branches {
		args["ref"], args["limit"] = "refs/heads/"+branch, 1
		switch answer := l.call("list_commits", args); {
		case answer.Code == gate.NotFound:
			add("%s has no branch %s yet", named.Repo, branch)
		case answer.IsError:
			return all, fmt.Errorf("the branches of %s can't be looked up: %s", named.Repo, answer.Code)
		}
	}
	return all, nil
}

func (l lookup) call(tool string, args map[string]any) gate.Answer {
	raw, err := json.Marshal(args)
	if err != nil {
		panic(err) // maps of text and numbers
	}
	at := slices.IndexFunc(tools.All(), func(t tools.Tool) bool { return t.Name == tool })
	return l.gate.Do(l.ctx, l.self, l.on, tools.All()[at].Tool, gate.Call{Args: raw, Shell: true})
}
