package canon

import "strings"

const jobPrefix = "job:"

// JobPrincipal is the principal of a job.
func JobPrincipal(name string) string { return jobPrefix + name }

// IsJob reports whether a principal is a job's. Letters count in any case: what is taken
// for a job may do less.
func IsJob(principal string) bool {
	return len(principal) >= len(jobPrefix) && strings.EqualFold(principal[:len(jobPrefix)], jobPrefix)
}
