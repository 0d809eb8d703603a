package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"aegis/internal/jobs"

	"github.com/spf13/cobra"
)

// listedJob is a job as a list shows it.
type listedJob struct {
	Name         string   `json:"name"`
	Waits        string   `json:"waits_for"`
	Next         string   `json:"next,omitempty"` // in the job's zone; none for an event
	Repositories []string `json:"repositories"`
	Writes       bool     `json:"writes"`
	DryRun       bool     `json:"dry_run,omitempty"`
	RunsPerHour  int      `json:"runs_per_hour"`
	WritesPerRun int      `json:"writes_per_run"`
}

func listJobsCommand(s *settings) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "Show the jobs, and when each is to run",
		Long: `Shows a line for each job of the file: what it waits for, when that comes next, by the
clock of its own time zone, where, and whether it writes. Needs no server.`,
		Example: "  aegis jobs list --jobs /etc/aegis/jobs.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := s.readJobs(cmd)
			if err != nil {
				return err
			}
			all := []listedJob{}
			for _, job := range found.Jobs {
				all = append(all, listed(job, time.Now()))
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(out, "NAME\tWAITS FOR\tNEXT\tREPOSITORIES\tWRITES")
			for _, job := range all {
				fmt.Fprintln(out, strings.Join([]string{job.Name, job.Waits, orDash([]string{job.Next}), orDash(job.Repositories), job.writing()}, "\t"))
			}
			return out.Flush()
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, jobsFile)
}

func listed(j *jobs.Job, now time.Time) listedJob {
	l := listedJob{
		Name: j.Name, Waits: j.On.Name(), Writes: j.Writes(), DryRun: j.DryRun, RunsPerHour: j.RunsPerHour, WritesPerRun: j.WritesPerRun,
	}
	if j.On.Schedule != nil {
		l.Next = j.On.Schedule.NextInZone(now).Format("2006-01-02T15:04Z07:00")
	}
	for _, pattern := range j.Repositories {
		l.Repositories = append(l.Repositories, pattern.String())
	}
	return l
}

func (l listedJob) writing() string {
	switch {
	case !l.Writes:
		return "no"
	case l.DryRun:
		return "dry run"
	}
	return fmt.Sprintf("at most %d a run", l.WritesPerRun)
}
