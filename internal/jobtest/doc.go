// Package jobtest tries jobs on a real Gitea.
//
// Gitea tells of what happens there, by webhooks of its own; the jobs of deploy/jobs are
// carried out, and what they wrote is read behind the back of whatever is under test.
// What Gitea delivers is recorded beside [aegis/internal/jobs/hook], whose fast tests read it.
package jobtest
