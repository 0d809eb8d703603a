// Package writetest tries the tools that change something, and the gate before
// them, on a real Gitea: what they write is read back, and what an attacker would
// have them write is not there.
package writetest
