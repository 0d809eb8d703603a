package giteatest

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// helperEnv makes the test binary a process that starts a server, says where,
// and waits to be killed.
const helperEnv = "GITEATEST_HELPER"

var helper *Server

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) == "" {
		os.Exit(m.Run())
	}
	s, err := Run(context.Background())
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(s.URL + " " + s.folder + "\n")
	helper = s // a server that nobody refers to ends when its pipe is collected
	select {}
}

func TestRun_NothingOutlivesItsProcess(t *testing.T) {
	skipShort(t)
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no process groups to end a server with")
	}
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill() // no handler runs, no deferred function
	_ = cmd.Wait()
	if err != nil {
		t.Fatalf("the helper said nothing: %v", err)
	}
	url, folder, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !exists(folder) && answers(url) {
		t.Fatal("the helper's server worked in no folder")
	}
	for deadline := time.Now().Add(30 * time.Second); answers(url) || exists(folder); {
		if time.Now().After(deadline) {
			t.Fatalf("a server outlives the process that started it: answers %v, folder %v", answers(url), exists(folder))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestStartNew_IsAServerOfItsOwn(t *testing.T) {
	skipShort(t)
	t.Parallel()
	var url, folder string
	t.Run("changed as one likes", func(t *testing.T) {
		s := StartNew(t)
		url, folder = s.URL, s.folder
		if s.URL == Start(t).URL {
			t.Fatal("it is the shared one")
		}
		w := s.As(s.World.Writer.Token)
		if err := w.Into(t.Context(), "POST", "/repos/acme/sandbox/issues", object{"title": "New"}, nil); err != nil {
			t.Error(err)
		}
		// A write to a repository runs git's hooks, which have to call this server.
		err := w.Into(t.Context(), "POST", "/repos/acme/sandbox/contents/new.txt",
			object{"content": []byte("new"), "branch": "main", "message": "Add"}, nil)
		if err != nil {
			t.Error(err)
		}
		if err := s.Settle(t.Context()); err != nil {
			t.Error(err)
		}
		h := &history{}
		h.commit("pushed", 0, developer, "Push\n", text("x.txt", "x\n"))
		r := Repo{FullName: "acme/sandbox"}
		if err := h.push(t.Context(), s, s.World.Writer.Token, &r, nil); err != nil {
			t.Error(err)
		}
		got := get[struct{ Commit struct{ ID string } }](t, s, s.World.Reader.Token, "/repos/acme/sandbox/branches/pushed")
		if got.Commit.ID != r.Branches["pushed"] {
			t.Errorf("pushed %s, but the branch is %s", r.Branches["pushed"], got.Commit.ID)
		}
	})
	if answers(url) || exists(folder) {
		t.Error("it is still there after its test")
	}
}

func TestServer_Proxy(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Proxy(t)
	behind := API{base: p.URL, token: s.World.Reader.Token}
	a, err := behind.Do(t.Context(), "GET", "/repos/acme/renamed-old/contents//docs%2Fpage.md?ref=main", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Requests()
	if a.Status != 301 || len(got) != 1 || got[0].Status != 301 || got[0].Query != "ref=main" ||
		got[0].Path != "/api/v1/repos/acme/renamed-old/contents//docs%2Fpage.md" {
		t.Errorf("answered %d, recorded %+v", a.Status, got)
	}
}

func answers(url string) bool {
	c := http.Client{Timeout: time.Second}
	res, err := c.Get(url + "/api/v1/version")
	if err != nil {
		return false
	}
	res.Body.Close()
	return true
}
