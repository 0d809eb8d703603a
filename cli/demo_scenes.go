package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// scene is one thing that the demo shows. play fails if it does not turn out
// as it must.
type scene struct {
	title string
	play  func(context.Context, *screen, *guest) error
}

var scenes = []scene{
	{"An MCP client connects", sceneConnect},
	{"It asks which repositories there are", sceneRepositories},
	{"It reads a file", sceneFile},
	{"A file has an access key in it", sceneSecret},
	{"A path that the policy denies", sceneDeniedPath},
	{"A repository that the policy denies", sceneDeniedRepository},
	{"A repository that was renamed", sceneMoved},
	{"An issue says more than one sees", sceneHidden},
	{"All of it is in the audit log", sceneAudit},
}

func playScenes(ctx context.Context, show *screen, g *guest) error {
	show.title()
	for i, s := range scenes {
		show.scene(i+1, s.title)
		if err := s.play(ctx, show, g); err != nil {
			return fmt.Errorf("scene %d, %q: %w", i+1, s.title, err)
		}
	}
	return nil
}

func sceneConnect(ctx context.Context, show *screen, g *guest) error {
	hello := g.InitializeResult()
	if hello == nil || hello.ServerInfo == nil {
		return errors.New("the server did not say who it is")
	}
	show.asks("tools/list")
	listed, err := g.ListTools(ctx, nil)
	if err != nil {
		return err
	}
	if len(listed.Tools) == 0 {
		return errors.New("no tools are listed")
	}
	var names []string
	for _, tool := range listed.Tools {
		if tool.Annotations == nil || !tool.Annotations.ReadOnlyHint {
			return fmt.Errorf("%s is listed although write mode is off", tool.Name)
		}
		names = append(names, tool.Name)
	}
	show.says("%s %s, MCP %s", hello.ServerInfo.Name, hello.ServerInfo.Version, hello.ProtocolVersion)
	show.says("%d tools: %s", len(names), strings.Join(names, ", "))
	show.note("Write mode is off, so that only tools that read are listed.")
	return nil
}

func sceneRepositories(ctx context.Context, show *screen, g *guest) error {
	show.asks("list_repositories")
	r, err := g.call(ctx, "list_repositories", nil)
	if err != nil {
		return err
	}
	for _, row := range r.Items {
		if strings.Contains(row.FullName, "hr-") {
			return errors.New("a denied repository is listed")
		}
		kind := row.Visibility
		if row.Empty {
			kind += ", empty"
		}
		show.says("%-18s %s", row.FullName, kind)
	}
	if len(r.Items) < 3 || r.Withheld != 1 {
		return fmt.Errorf("%d repositories, %d withheld; want three or more, and one withheld", len(r.Items), r.Withheld)
	}
	show.good("withheld: 1")
	show.note("The token sees one more, the policy does not show it.")
	return nil
}

func sceneFile(ctx context.Context, show *screen, g *guest) error {
	show.asks("get_file_contents acme/website README.md")
	r, err := g.call(ctx, "get_file_contents", file("acme/website", "README.md"))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(r.text, "<<untrusted ") || !strings.Contains(r.text, "# Website") {
		return errors.New("the file did not come in its frame")
	}
	show.quotes(r.text)
	show.note("The frame tells the model that this is somebody's text, and no instruction.")
	return nil
}

func sceneSecret(ctx context.Context, show *screen, g *guest) error {
	show.asks("get_file_contents acme/service config/deploy.env")
	r, err := g.call(ctx, "get_file_contents", file("acme/service", "config/deploy.env"))
	if err != nil {
		return err
	}
	if r.Redacted == 0 || !strings.Contains(r.text, "AWS_ACCESS_KEY_ID=[redacted:") || !strings.Contains(r.text, "REPLICAS=2") {
		return errors.New("the key was not redacted, or more than the key")
	}
	show.quotes(r.text)
	show.good("redacted: %d", r.Redacted)
	show.note("The key that the file holds never left Aegis; the rest of it is as it was.")
	return nil
}

func sceneDeniedPath(ctx context.Context, show *screen, g *guest) error {
	show.asks("get_file_contents acme/service secrets/production.env")
	r, err := g.call(ctx, "get_file_contents", file("acme/service", "secrets/production.env"))
	if err != nil {
		return err
	}
	if err := show.refused(r, "path_denied", "policy.yaml:"); err != nil {
		return err
	}
	show.note("The rule is named, with its line in the policy. Gitea was never asked.")
	return nil
}

func sceneDeniedRepository(ctx context.Context, show *screen, g *guest) error {
	show.asks("list_issues acme/hr-people")
	r, err := g.call(ctx, "list_issues", repository("acme/hr-people"))
	if err != nil {
		return err
	}
	if err := show.refused(r, "policy_denied", "people data stays out of model context"); err != nil {
		return err
	}
	show.note("The token could read it. The model is told why it can't.")
	return nil
}

func sceneMoved(ctx context.Context, show *screen, g *guest) error {
	show.asks("get_repository acme/old-name")
	r, err := g.call(ctx, "get_repository", repository("acme/old-name"))
	if err != nil {
		return err
	}
	if err := show.refused(r, "moved", "acme/website"); err != nil {
		return err
	}
	show.note("Gitea answers a redirect. Following it would bypass a rule on the new name.")
	return nil
}

func sceneHidden(ctx context.Context, show *screen, g *guest) error {
	show.asks("get_issue acme/website #3")
	args := repository("acme/website")
	args["number"] = 3
	r, err := g.call(ctx, "get_issue", args)
	if err != nil {
		return err
	}
	if r.Hidden == 0 || !strings.Contains(r.Body, "Firefox") || !strings.Contains(r.Body, "post it here") {
		return errors.New("the hidden text was not shown")
	}
	show.says("%q by %s", r.Title, r.Author)
	show.quotes(r.Body)
	show.good("hidden characters: %d", r.Hidden)
	show.note("Gitea's page shows neither the comment nor the characters without width. " +
		"A model would have read both; now it is told what they are.")
	return nil
}

func repository(fullName string) arguments {
	owner, name, _ := strings.Cut(fullName, "/")
	return arguments{"owner": owner, "repo": name}
}

func file(fullName, path string) arguments {
	args := repository(fullName)
	args["path"] = path
	return args
}
