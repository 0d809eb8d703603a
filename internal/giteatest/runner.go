package giteatest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// RunJob plays a runner that takes the oldest waiting job of a repository that
// runs on label, writes lines as its log and ends it, well or not. Nothing of
// the workflow is run. It is an error if no job waits.
//
// A runner speaks Connect (https://connectrpc.com/docs/protocol), which is JSON
// over POST where the client wants it to be.
func (s *Server) RunJob(ctx context.Context, fullName, label string, lines []string, success bool) error {
	result := "SUCCESS"
	if !success {
		result = "FAILURE"
	}
	return s.EndJob(ctx, fullName, label, lines, result)
}

// EndJob is RunJob for any end that a runner can tell: SUCCESS, FAILURE, CANCELLED, SKIPPED.
func (s *Server) EndJob(ctx context.Context, fullName, label string, lines []string, result string) error {
	var registration struct {
		Token string `json:"token"`
	}
	keeper := s.As(s.World.Keeper.Token)
	if err := keeper.Into(ctx, http.MethodPost, "/repos/"+fullName+"/actions/runners/registration-token", nil, &registration); err != nil {
		return err
	}
	r := &runner{server: s}
	var made struct {
		Runner struct {
			UUID  string `json:"uuid"`
			Token string `json:"token"`
		} `json:"runner"`
	}
	if err := r.call(ctx, "Register", object{"name": "played", "token": registration.Token, "version": "1", "labels": []string{label}}, &made); err != nil {
		return err
	}
	r.uuid, r.token = made.Runner.UUID, made.Runner.Token

	var fetched struct {
		Task *struct {
			ID int64 `json:"id,string"`
		} `json:"task"`
	}
	if err := r.call(ctx, "FetchTask", object{}, &fetched); err != nil {
		return err
	}
	if fetched.Task == nil {
		return errors.New("no job waits in " + fullName)
	}
	task, now := fetched.Task.ID, time.Now().UTC().Truncate(time.Second) // short logs are of one second
	rows := make([]object, len(lines))
	for i, line := range lines {
		rows[i] = object{"time": now.Add(time.Duration(i) * time.Millisecond), "content": line}
	}
	if err := r.call(ctx, "UpdateLog", object{"taskId": task, "index": 0, "rows": rows, "noMore": true}, nil); err != nil {
		return err
	}
	state := object{"id": task, "result": "RESULT_" + result, "startedAt": now, "stoppedAt": now.Add(time.Minute)}
	return r.call(ctx, "UpdateTask", object{"state": state}, nil)
}

// runner is a registered runner.
type runner struct {
	server      *Server
	uuid, token string
}

func (r *runner) call(ctx context.Context, method string, message, out any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.server.URL+"/api/actions/runner.v1.RunnerService/"+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("x-runner-uuid", r.uuid)
	req.Header.Set("x-runner-token", r.token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("runner's %s: %d %s", method, res.StatusCode, strings.TrimSpace(string(content)))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(content, out)
}
