// Package errortest holds what a call answers that fails: in each situation the code, the
// sentence, and the way on. The situations are tables, run on a real Gitea, or before a
// server that stands in its place; docs/errors.md is made of what they answered.
//
// There is nothing here but tests. A new situation is a row of one of the tables, and a run
// of the tests with -update.
package errortest
