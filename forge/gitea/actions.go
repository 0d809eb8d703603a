package gitea

import "time"

// ActionWorkflow is a workflow.
type ActionWorkflow struct {
	ID    string `json:"id"`
	Path  string `json:"path"`
	State string `json:"state"`
}

// ActionWorkflowRun is a run of a workflow.
type ActionWorkflowRun struct {
	ID           int64       `json:"id"`
	DisplayTitle string      `json:"display_title"`
	Event        string      `json:"event"`
	HeadSha      string      `json:"head_sha"`
	Path         string      `json:"path"`
	RunNumber    int64       `json:"run_number"`
	Status       string      `json:"status"`
	Conclusion   string      `json:"conclusion"`
	URL          string      `json:"url"`
	HTMLURL      string      `json:"html_url"`
	StartedAt    time.Time   `json:"started_at"`
	CompletedAt  time.Time   `json:"completed_at"`
	TriggerActor *User       `json:"trigger_actor"`
	Repository   *Repository `json:"repository"`
}

// ActionWorkflowJob is a job of a run.
type ActionWorkflowJob struct {
	ID          int64     `json:"id"`
	RunID       int64     `json:"run_id"`
	RunURL      string    `json:"run_url"`
	RunAttempt  int64     `json:"run_attempt"`
	Name        string    `json:"name"`
	Status      string    `json:"status"`
	Conclusion  string    `json:"conclusion"`
	URL         string    `json:"url"`
	StartedAt   time.Time `json:"started_at"`
	CompletedAt time.Time `json:"completed_at"`
}
