// Bare is the server that aegis serve is measured against: the MCP library's, over HTTP,
// with a tool that asks a forge for one file and hands it on. Nothing is decided, scrubbed
// or recorded.
//
// With -same it does what a call of Aegis can't go without, and still none of its work: it
// asks for the repository and the branch as well, all at once, and syncs two lines to
// disk, one before and one after.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	gitea "code.gitea.io/sdk/gitea"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// server is what a call needs.
type server struct {
	forge, token, owner, repo, branch, commit, path string

	same bool
	log  *os.File
	http *http.Client
}

func main() {
	s := server{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
	flag.StringVar(&s.forge, "forge", "", "where the forge is")
	flag.StringVar(&s.owner, "owner", "", "of the repository")
	flag.StringVar(&s.repo, "repo", "", "that the file is in")
	flag.StringVar(&s.branch, "branch", "", "its default one")
	flag.StringVar(&s.commit, "commit", "", "that the file is read at")
	flag.StringVar(&s.path, "path", "", "of the file")
	tool := flag.String("tool", "", "the tool's name")
	log := flag.String("log", "", "the file to sync lines to")
	flag.BoolVar(&s.same, "same", false, "ask for as much as Aegis, and sync")
	flag.Parse()
	s.token = os.Getenv("GITEA_TOKEN")
	if err := s.serve(*tool, *log); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

// serve serves for good, and says where.
func (s *server) serve(tool, log string) (err error) {
	if s.log, err = os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	library := mcp.NewServer(&mcp.Implementation{Name: "bare", Version: "1"}, nil)
	library.AddTool(&mcp.Tool{Name: tool, InputSchema: json.RawMessage(`{"type":"object"}`)}, s.call)
	fmt.Printf("{\"listen\":%q}\n", listener.Addr().String())
	return http.Serve(listener, mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return library }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true},
	))
}

func (s *server) call(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	client, err := gitea.NewClient(s.forge, gitea.SetGiteaVersion(""), gitea.SetHTTPClient(s.http), gitea.SetToken(s.token))
	if err != nil {
		return nil, err
	}
	beside := make(chan error, 2)
	if s.same {
		if err := s.sync(); err != nil {
			return nil, err
		}
		go func() {
			_, _, err := client.GetRepo(s.owner, s.repo)
			beside <- err
		}()
		go func() {
			_, _, err := client.GetRepoBranch(s.owner, s.repo, s.branch)
			beside <- err
		}()
	}
	file, _, err := client.GetContents(s.owner, s.repo, s.commit, s.path)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(*file.Content)
	if err == nil && s.same {
		err = errors.Join(<-beside, <-beside, s.sync())
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(raw)}}}, err
}

// sync writes a line as long as an entry, and has it on disk.
func (s *server) sync() error {
	if _, err := s.log.Write(append(bytes.Repeat([]byte("x"), 599), '\n')); err != nil {
		return err
	}
	return s.log.Sync()
}
