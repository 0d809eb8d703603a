// Package e2e runs the program as its users do: as a process on the other end
// of two pipes, with an environment of its own, before a forge that counts.
//
// The scripts below testdata/script say what a user types and reads: a session
// piped in, a wrong setting, a command. The Go tests are for what a script
// can't say: signals, a lock held by somebody else, a full disk, processes
// killed at any moment. What goes in is one compiled aegis and a forge on
// loopback behind a recording proxy; what is looked at is what a client, an
// operator, an auditor and the forge would see: frames, stderr, the log, the
// requests.
//
// It holds only tests.
package e2e
