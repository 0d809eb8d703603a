package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"aegis/forge"
	"aegis/internal/clients"
)

// wanted is what is to be set up.
type wanted struct {
	server clients.Server

	tokenFile, token   string // where a token is to be kept, "" for nowhere, and which
	policyFile, policy string // likewise; "" for one that is there
	folders            []string
}

// wanted finds out what is to be set up, and asks for what nobody has said.
func (s *settings) wanted(env environment, p *plan, f initFlags) (w wanted, err error) {
	var c Config
	address, err := s.address(p)
	if err != nil {
		return w, err
	}
	if err := s.readWrite(&c); err != nil {
		return w, err
	}
	if err := s.readPolicy(&c); err != nil {
		return w, err
	}
	program, err := s.program()
	if err != nil {
		return w, err
	}
	w.server = clients.Server{Command: program, Args: []string{"--stdio"}, Env: map[string]string{"GITEA_URL": address}}
	if insecure, _ := s.flag(insecureHTTP); insecure {
		w.server.Args = append(w.server.Args, "--insecure-http")
	}
	for name, variable := range map[string]string{auditLog: "AUDIT_LOG_PATH", caFile: "GITEA_CA_FILE"} {
		if err := s.passOn(&w, name, variable); err != nil {
			return w, err
		}
	}
	if err := s.wantToken(env, p, f, &w); err != nil {
		return w, err
	}
	if err := s.wantPolicy(p, &w, &c, f); err != nil {
		return w, err
	}
	if len(c.WriteRepos) > 0 {
		var names []string
		for _, repo := range c.WriteRepos {
			names = append(names, repo.String())
		}
		w.server.Env["WRITE_MODE"], w.server.Env["WRITE_REPOSITORY_WHITELIST"] = "true", strings.Join(names, ",")
	}
	return w, nil
}

// address is Gitea's.
func (s *settings) address(p *plan) (string, error) {
	raw, _, err := s.value(giteaURL)
	if err != nil {
		return "", &failure{exitUsage, err}
	}
	if raw == "" {
		raw = p.ask("Address of your Gitea, such as https://git.example.org: ")
	}
	if raw == "" {
		return "", wrong(names(giteaURL), "is required: the address of your Gitea, such as https://git.example.org")
	}
	insecure, err := s.flag(insecureHTTP)
	if err != nil {
		return "", err
	}
	if _, err := forge.ParseURL(raw, insecure); err != nil {
		return "", &failure{exitUsage, err}
	}
	return raw, nil
}

// passOn has the entry name a file that was given.
func (s *settings) passOn(w *wanted, name, variable string) error {
	file, source, err := s.value(name)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if file == "" {
		return nil
	}
	if w.server.Env[variable], err = filepath.Abs(file); err != nil {
		return wrong(source, "%v", err)
	}
	return nil
}

// tokenKept is where a token is kept that init was given.
func (s *settings) tokenKept() (string, error) {
	folder, err := s.folder("XDG_CONFIG_HOME", "AppData", ".config")
	return filepath.Join(folder, "token"), err
}

// wantToken finds the access token: a file that is named, standard input, the
// environment, a file from before, or the terminal.
func (s *settings) wantToken(env environment, p *plan, f initFlags, w *wanted) error {
	kept, err := s.tokenKept()
	if err != nil {
		return err
	}
	_, statErr := os.Lstat(kept)
	named, source, err := s.value(tokenFile)
	if err != nil {
		return &failure{exitUsage, err}
	}
	token, _, err := s.value(giteaToken)
	if err != nil {
		return &failure{exitUsage, err}
	}
	command, commandSource, err := s.value(tokenCommand)
	if f.tokenFrom != "" {
		command, commandSource = f.tokenFrom, "--token-command"
	}
	switch {
	case err != nil:
		return &failure{exitUsage, err}
	case command != "" && !f.tokenStdin:
		return s.wantTokenCommand(w, command, commandSource, f.print)
	case f.tokenStdin:
		raw, err := io.ReadAll(io.LimitReader(env.stdin, maxTokenFile))
		if err != nil {
			return wrong("--token-stdin", "standard input can't be read: %v", plain(err))
		}
		if token = strings.TrimSpace(string(raw)); token == "" {
			return wrong("--token-stdin", "standard input is empty")
		}
		source = "--token-stdin"
	case named != "":
		var c Config
		if _, err := c.readTokenFile(named); err != nil {
			return wrong(source, "%v", err)
		}
		kept, token = named, ""
		if kept, err = filepath.Abs(kept); err != nil {
			return wrong(source, "%v", err)
		}
		w.server.Env["GITEA_TOKEN_FILE"] = kept
		return nil
	case token != "":
		source = "GITEA_TOKEN"
	case statErr == nil: // from before
		var c Config
		if _, err := c.readTokenFile(kept); err != nil {
			return wrong(kept, "%v", err)
		}
		w.server.Env["GITEA_TOKEN_FILE"] = kept
		return nil
	default:
		token, source = p.askUnseen("Access token for Gitea (it is not shown; empty reads what everybody may): "), "the token"
	}
	if token == "" {
		return nil
	}
	if err := tokenProblem(token); err != nil {
		return wrong(source, "%v", err)
	}
	if err := fitForSecrets(kept); err != nil {
		return wrong(source, "%v", err)
	}
	w.tokenFile, w.token, w.server.Env["GITEA_TOKEN_FILE"] = kept, token, kept
	return nil
}

// wantTokenCommand has the entry name a command that prints the token, with the whole path
// of its program, and tries it unless the entry is for another machine.
func (s *settings) wantTokenCommand(w *wanted, command, source string, elsewhere bool) error {
	words, err := tokenCommandWords(command)
	switch {
	case elsewhere:
		words = strings.Fields(command)
	case err != nil:
		return wrong(source, "%v", err)
	default:
		token, err := printedToken(command)
		if err == nil {
			err = tokenProblem(token)
		}
		if err != nil {
			return wrong(source, "%v", err)
		}
	}
	w.server.Env["GITEA_TOKEN_COMMAND"] = strings.Join(words, " ")
	return nil
}
