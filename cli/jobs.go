package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"aegis/internal/automation"
	"aegis/internal/jobs"
	"aegis/internal/jobs/document"
	"aegis/internal/operatorfile"
	"aegis/tools"

	"github.com/spf13/cobra"
)

func jobsCommand(env environment, s *settings) *cobra.Command {
	return group("jobs", "Check jobs, say what each may do, and run them",
		"check looks at the file of jobs, list shows them, explain NAME tells what one does and whether policy lets it; run NAME runs one, failed lists what was given up, retry RUN tries it again; serve runs them when their time comes",
		checkJobsCommand(s), listJobsCommand(s), explainJobCommand(s), runJobCommand(env, s), failedJobsCommand(s), retryJobCommand(s), serveJobsCommand(env, s))
}

// jobsFileName is the file of jobs that is given. There is none in a default place:
// nothing is done by itself that nobody asked for.
func (s *settings) jobsFileName(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	file, _, err := s.value(jobsFile)
	if err != nil {
		return "", &failure{exitUsage, err}
	}
	if file == "" {
		return "", wrong(names(jobsFile), "is required: the file of jobs, such as /etc/aegis/jobs.yaml")
	}
	return file, nil
}

// readJobs reads the file of jobs, without the secrets and access tokens that it names.
func (s *settings) readJobs(cmd *cobra.Command) (*jobs.File, error) {
	file, err := s.jobsFileName(nil)
	if err != nil {
		return nil, err
	}
	read, err := operatorfile.Read(file, document.MaxBytes)
	if err != nil {
		return nil, noJobs(file, err)
	}
	warn(cmd, file, read.Warnings)
	found, err := jobs.Parse(file, read.Raw, automation.Catalog(tools.All()))
	if err != nil {
		return nil, &failure{exitFailed, err}
	}
	return found, nil
}

// readJob reads one job of the file.
func (s *settings) readJob(cmd *cobra.Command, name string) (*jobs.Job, error) {
	found, err := s.readJobs(cmd)
	if err != nil {
		return nil, err
	}
	job := found.ByName(name)
	if job == nil {
		return nil, noSuchJob(name, found)
	}
	return job, nil
}

func noJobs(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &failure{exitFailed, fmt.Errorf("there is no file of jobs at %s", file)}
	}
	return &failure{exitFailed, fmt.Errorf("%s: %w", file, err)}
}

func there(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func noSuchJob(name string, among *jobs.File) error {
	var known []string
	for _, job := range among.Jobs {
		known = append(known, job.Name)
	}
	return &failure{exitFailed, fmt.Errorf("there is no job %s%s; \"aegis jobs list\" shows them", document.Quote(name), document.Closest(name, known))}
}

func checkJobsCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what is wrong with a file of jobs, and with what it names",
		Long: `Reads FILE (default: that of --jobs) exactly as a server would, with the secrets and
the access tokens that it names. Exit status 0 and how many jobs there are, or exit
status 1 and what is wrong, by line and column, and what to write instead. Needs no
server, and contacts nobody.`,
		Example: "  aegis jobs check /etc/aegis/jobs.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := s.jobsFileName(args)
			if err != nil {
				return err
			}
			store, err := jobs.Open(file, automation.Catalog(tools.All()), func(c jobs.Change) { warn(cmd, file, c.Warnings) })
			var invalid *document.InvalidError
			switch {
			case errors.As(err, &invalid):
				return &failure{exitFailed, err}
			case err != nil && !there(file):
				return noJobs(file, err)
			case err != nil:
				return &failure{exitFailed, err}
			}
			found := store.Jobs()
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s with a secret\n", file,
				count(int64(len(found.Jobs)), "job", "jobs"), count(int64(len(found.Webhooks)), "webhook", "webhooks"))
			return err
		},
	}, jobsFile)
}
