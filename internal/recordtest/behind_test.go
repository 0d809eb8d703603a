package recordtest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aegis/internal/giteatest"
)

// happens is what a line that begins with "!" does behind Aegis' back.
func (p *play) happens(what string) {
	p.Helper()
	word, rest, _ := strings.Cut(what, " ")
	switch word {
	case "stop":
		if err := os.WriteFile(filepath.Join(p.home, "STOP"), nil, 0o600); err != nil {
			p.Fatal(err)
		}
	case "go":
		if err := os.Remove(filepath.Join(p.home, "STOP")); err != nil {
			p.Fatal(err)
		}
	case "policy": // one more line at its end
		p.policy(p.script.policy + strings.ReplaceAll(rest, "; ", "\n") + "\n")
	case "break-log":
		if err := os.Truncate(p.log(), 10); err != nil {
			p.Fatal(err)
		}
	case "human":
		p.session.human = rest
	case "fail": // METHOD STATUS: Gitea answers so
		method, status, _ := strings.Cut(rest, " ")
		p.proxy.Rewrite = func(r *http.Request) http.Handler {
			if r.Method != method {
				return nil
			}
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				var code int
				_, _ = fmt.Sscan(status, &code)
				http.Error(w, `{"message":"words of Gitea's"}`, code)
			})
		}
	case "drop": // METHOD: the answer is lost
		p.proxy.Rewrite = func(r *http.Request) http.Handler {
			if r.Method == rest {
				return giteatest.Drop
			}
			return nil
		}
	case "slow":
		p.proxy.Delay = 10 * time.Second
	case "well":
		p.proxy.Rewrite, p.proxy.Delay = nil, 0
	case "push": // REPO BRANCH PATH: somebody commits
		words := strings.Fields(rest)
		p.commit(p.keeper, "record/"+words[0], words[1], "", "Meanwhile", 9, words[2], "meanwhile\n")
	default:
		p.Fatalf("what is %q?", what)
	}
}
