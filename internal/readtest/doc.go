// Package readtest holds the read tools against a real Gitea, through the gate:
// what they answer, and what of a policy's hidden things they don't.
//
// There is nothing here but tests. They share one server, seeded with the
// world of package giteatest; a file that needs more adds it to repositories of
// its own.
package readtest
