package tools_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// Without the log nothing is asked, nothing sent and nothing answered.
func TestI2_WithoutTheLogNothingIsWritten(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		course := try(t, base, tool, nil).course()
		for what, damage := range map[string]func(*testRig) error{
			"the folder is gone": func(tr *testRig) error { return os.RemoveAll(filepath.Dir(tr.Log)) },
			"the log is cut":     func(tr *testRig) error { return os.Truncate(tr.Log, 10) },
		} {
			tr := try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
			tr.Ask("get_me", "{}")
			if err := damage(tr); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(tr.forge.Requests()) > 0 {
					t.Errorf("%s: %d requests, %s", what, len(tr.forge.Requests()), answer.Object)
				}
			}
			for _, n := range []int{1, course.before} {
				tr := try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
				tr.at(n, false, func(*http.Request) http.Handler {
					if err := damage(tr); err != nil {
						t.Error(err)
					}
					return nil
				})
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(writesOf(tr.forge.Requests())) > 0 {
					t.Errorf("%s at request %d: %s", what, n, answer.Object)
				}
				if answer := tr.call(); answer.Code != gate.AuditUnavailable || len(tr.forge.Requests()) > 0 {
					t.Errorf("%s, a call later: %s", what, answer.Object)
				}
			}
			tr = try(t, base, tool, func(c *gatetest.Config) { c.Damaged = true })
			tr.atStep(len(course.steps), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := damage(tr); err != nil {
					t.Error(err)
				}
				base.ServeHTTP(w, r)
			}))
			answer := tr.call()
			if message := fmt.Sprint(answer.Refusal()["message"]); answer.Code != gate.AuditUnavailable || !strings.Contains(message, "was sent") ||
				len(writesOf(tr.forge.Requests())) != len(course.steps) {
				t.Errorf("%s after the write: %s", what, answer.Object)
			}
		}
	})
}

// A call that is given up, or takes too long, before anything was sent sends
// nothing any more.
func TestWrites_TimeEndsACall(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		course := try(t, base, tool, nil).course()
		slow := try(t, base, tool, func(c *gatetest.Config) { c.Timeout = 50 * time.Millisecond })
		slow.at(1, true, always(hanging))
		slow.refused("hanging", slow.call(), gate.Timeout, 0)
		tr := try(t, base, tool, nil)
		for _, n := range some(course.before) {
			answer := tr.givenUp(func(hanging http.Handler) { tr.at(n, true, always(hanging)) })
			tr.refused("given up", answer, gate.Timeout, 0)
		}
		unreachable := try(t, base, tool, func(c *gatetest.Config) { c.URL = "http://127.0.0.1:1" })
		unreachable.refused("nobody is there", unreachable.call(), gate.GiteaUnreachable, 0)
	})
}
