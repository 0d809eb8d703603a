package e2e

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"

	"github.com/rogpeppe/go-internal/testscript"
)

var (
	scripts = filepath.Join("..", "..", "testdata", "script")
	update  = os.Getenv("E2E_UPDATE") != "" // rewrite what scripts expect
)

// A session is piped in without a wait, ten times over, before a forge that
// takes a second for every answer.
func TestPipedSessions(t *testing.T) {
	t.Parallel()
	if !testing.Short() {
		giteatest.Start(t) // before several scripts ask for it at once
	}
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			t.Run(strconv.Itoa(n), func(t *testing.T) { run(scriptTest{t, false}, "piped") })
		})
	}
	all.Wait()
}

// scriptTest is what a folder of scripts runs in.
type scriptTest struct {
	*testing.T
	turns bool // its scripts take turns with other tests; those that only wait need none
}

func (s scriptTest) Parallel() {
	if s.turns {
		s.T.Parallel()
	}
}

func (s scriptTest) Run(name string, script func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { script(scriptTest{t, s.turns}) })
}

func (s scriptTest) Verbose() bool { return testing.Verbose() }

// What is wrong with a configuration is said before anything else happens.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	run(scriptTest{t, true}, "config")
}

func TestCommands(t *testing.T) {
	t.Parallel()
	run(scriptTest{t, true}, "commands")
}

// run runs the scripts of a folder. Beside testscript's own commands they have
//
//	exits N COMMAND…     like exec, for an exit status of N
//	forge [DELAY]        the sample forge; sets GITEA_URL and GITEA_TOKEN
//	gitea [DELAY]        the same of a real Gitea
//	requests N           the forge was asked N times
//	answers FILE [ID]…   writes the frames on the last stdout to FILE, in the
//	                     order of their ids and without what differs by run
//	frames [repeated]    the last stdout holds frames only, the last stderr JSON
//	                     only; no id twice, unless repeated
//	malformed FILE       writes all malformed frames to FILE
//	append FILE FROM…    adds files to the end of FILE
//	flip FILE            changes one bit in the middle of FILE
//	port NAME            sets NAME to a port at which nobody listens
func run(t scriptTest, folder string) {
	path := aegis(t)
	testscript.RunT(t, testscript.Params{
		Dir:                 filepath.Join(scripts, folder),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       update,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			for _, name := range []string{"HOME", "USERPROFILE", "LocalAppData", "AppData"} {
				env.Setenv(name, home)
			}
			env.Setenv("PATH", filepath.Dir(path)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"forge": func(ts *testscript.TestScript, _ bool, args []string) {
				before(ts, newForge(t), sampleforge.DemoToken(), args)
			},
			"gitea": func(ts *testscript.TestScript, _ bool, args []string) {
				server := giteatest.Start(t)
				before(ts, server.Proxy(t), server.World.Reader.Token, args)
			},
			"exits":     exits,
			"requests":  requests,
			"answers":   answers,
			"frames":    frames,
			"malformed": malformed,
			"append":    appendFiles,
			"flip":      flip,
			"port":      port,
		},
		Condition: func(condition string) (bool, error) {
			return condition == "root" && os.Getuid() == 0, nil
		},
	})
}

// forges are those of scripts that run, by script.
var forges sync.Map

// before puts a forge in front of a script.
func before(ts *testscript.TestScript, forge *giteatest.Proxy, token string, args []string) {
	if len(args) == 1 {
		delay, err := time.ParseDuration(args[0])
		ts.Check(err)
		forge.Delay = delay
	}
	forges.Store(ts, forge)
	ts.Defer(func() { forges.Delete(ts) })
	ts.Setenv("GITEA_URL", forge.URL)
	ts.Setenv("GITEA_TOKEN", token)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	status := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		status = exit.ExitCode()
	}
	if status != want {
		ts.Fatalf("the exit status is %d", status)
	}
}

func requests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: requests N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	forge, ok := forges.Load(ts)
	if !ok {
		ts.Fatalf("there is no forge")
	}
	if got := forge.(*giteatest.Proxy).Requests(); len(got) != want {
		ts.Fatalf("the forge was asked %d times", len(got))
	}
}

// flip changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	content[len(content)/2] ^= 1
	ts.Check(os.WriteFile(path, content, 0o600))
}

func port(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	ts.Check(listener.Close())
}

// malformed writes the corpus of malformed frames, a line each.
func malformed(ts *testscript.TestScript, _ bool, args []string) {
	var lines []string
	for _, row := range malformedFrames(ts.Fatalf) {
		lines = append(lines, row.Frame)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

func appendFiles(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, from := range args[1:] {
		text += ts.ReadFile(from)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
