package tools

import (
	"context"

	"aegis/gate"
)

type getMeArgs struct{}

func getMe() Tool {
	return read(definition[getMeArgs]{
		name:        "get_me",
		title:       "Who am I",
		description: "The Gitea user that this session acts as, and whether the session may write.",
		target:      func(getMeArgs) gate.Target { return gate.Everywhere() },
		run: func(_ context.Context, v *gate.Visit, _ getMeArgs) (*gate.Result, error) {
			user, _, err := v.Gitea().GetMyUserInfo()
			if err != nil {
				return nil, err
			}
			about := v.Session()
			return &gate.Result{Fields: struct {
				Login     string `json:"login"`
				Name      string `json:"name,omitempty"`
				ID        int64  `json:"id"`
				Admin     bool   `json:"admin,omitempty"`
				URL       string `json:"html_url,omitempty"`
				WriteMode bool   `json:"write_mode"`
				Policy    string `json:"policy"`
			}{user.UserName, user.FullName, user.ID, user.IsAdmin, user.HTMLURL, about.WriteMode, about.Policy}}, nil
		},
	})
}
