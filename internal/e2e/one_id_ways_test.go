package e2e

import (
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// The ways on which a call can come, each of two calls: one that reads, and one that is
// refused.

// withTrace is a request whose params have a traceparent.
func withTrace(request, trace string) string {
	if trace == "" {
		return request
	}
	return strings.TrimSuffix(request, "}}") + `,"_meta":{"traceparent":"` + trace + `"}}}`
}

func overStdio(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	s := start(t, folder, forge.URL, nil)
	s.greet()
	var answers []string
	for _, request := range []string{readWebsite(7), call(7, "create_comment", denied)} {
		answers = append(answers, unquote(s.ask(withTrace(request, traceparent)).Line))
	}
	s.end()
	return traced{answers, s.errors.String(), map[string]string{"request": "7"}}
}

// unquote is a frame with the quotes of the JSON inside it as they were.
func unquote(line string) string { return strings.ReplaceAll(line, `\"`, `"`) }

const sinceStateless = "2026-07-28"

// overHTTP has a traceparent in the header, in the message, or in both.
func overHTTP(era, header, meta string) func(*testing.T, string, *giteatest.Proxy) traced {
	return func(t *testing.T, folder string, forge *giteatest.Proxy) traced {
		s := serveIn(t, folder, forge.URL, nil, "--no-auth")
		session := ""
		post := func(method, tool, body string) string {
			r, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{
				"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": era,
				"Mcp-Method": method, "Mcp-Name": tool, "Mcp-Session-Id": session, "Traceparent": header,
			} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			raw, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			session = response.Header.Get("Mcp-Session-Id")
			return unquote(string(raw))
		}
		members := `"traceparent":"` + meta + `"`
		if era == sinceStateless {
			members += `,"io.modelcontextprotocol/protocolVersion":"` + era + `","io.modelcontextprotocol/clientCapabilities":{}`
		} else {
			first := post("initialize", "", hello)
			opened := session
			if opened == "" {
				t.Fatal(first)
			}
			post("notifications/initialized", "", ready)
			session = opened
		}
		opened := session
		var answers []string
		for tool, request := range map[string]string{"get_repository": readWebsite(7), "create_comment": call(7, "create_comment", denied)} {
			session = opened
			answer := post("tools/call", tool, strings.TrimSuffix(request, "}}")+`,"_meta":{`+members+`}}}`)
			if answers = append(answers, answer); tool == "get_repository" && len(answers) == 2 {
				slices.Reverse(answers)
			}
		}
		s.end()
		connection := ""
		for _, entry := range entriesIn(t, folder) {
			if entry["call"] != nil {
				connection = member(entry["connection"])
			}
		}
		if !strings.HasPrefix(connection, "127.0.0.1") {
			t.Errorf("the connection is %q", connection)
		}
		return traced{answers, s.said(), map[string]string{"request": "7", "connection": connection}}
	}
}

func byCall(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	var answers []string
	said := ""
	for tool, args := range map[string]string{"get_repository": `{"owner":"acme","repo":"website"}`, "create_comment": denied} {
		command := exec.Command(aegis(t), "call", tool, "--args", args, "--audit-log", logIn(folder), "--log-level", "info")
		command.Env = append(environment(folder, forge.URL), "TRACEPARENT="+traceparent)
		stderr := new(strings.Builder)
		command.Stderr = stderr
		out, _ := command.Output()
		said += stderr.String()
		if answers = append(answers, string(out)); tool == "get_repository" && len(answers) == 2 {
			slices.Reverse(answers)
		}
	}
	return traced{answers, said, map[string]string{}}
}

func byJob(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	env := jobsIn(t, folder, forAJob)
	env["GITEA_URL"] = forge.URL
	status, out, said := jobs(t, folder, env, "run", "greet", "--json", "--log-level", "info")
	if status != 0 {
		t.Fatalf("%d %s%s", status, out, said)
	}
	return traced{nil, said, map[string]string{"job": "greet", "run": "1"}}
}

// byWebhook has a run that a delivery makes: Gitea's id of that leads to all of it, too.
func byWebhook(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	s := serveIn(t, folder, forge.URL, automated(t, folder, failedRuns), "--no-auth")
	if status := s.deliver("workflow_run", failure(1), hookSecret); status/100 != 2 {
		t.Fatalf("%d %s", status, s.said())
	}
	written := func(r giteatest.Request) bool { return r.Method == http.MethodPost && r.Status != 0 }
	for end := time.Now().Add(patience); !slices.ContainsFunc(forge.Requests(), written) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	s.end()
	return traced{nil, s.said(), map[string]string{"job": "failed-runs", "run": "1", "delivery": "f6266f16-1bf3-46a5-9ea4-602e06ead473"}}
}
