// Package recordtest records what a user of stdio sees, and holds Aegis to it.
//
// It plays scripts on the compiled program, before a real Gitea, in both eras of
// the protocol: every tool, allowed and refused. Kept of each call are its answer,
// its lines of the audit log, and the set of its requests to Gitea. What differs from
// run to run (ids, times, nonces) is replaced by a name first. Nothing inside of
// the program is known here, so that all of it may be built anew.
//
// Each script has three files in testdata/recorded, one a kind, which -update writes.
// The scripts themselves are in testdata/scripts; script_test.go tells their form.
package recordtest
