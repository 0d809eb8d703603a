// Package clienttest holds aegis against clients that others wrote, as their
// users run them: as a process of its own on the other end of two pipes, and as one that
// serves over HTTP, against the built-in sample forge.
//
// The clients are npm packages of the versions that testdata/clients pins,
// installed there on first use. Between them they speak every protocol
// revision that is in use, with and without a handshake. What a session looks
// like from the inside is tested in package serve; here it is what a client
// says it saw, and what the audit log says happened.
//
// The public conformance suite is one more client. It needs Node 22; where that or the
// suite can't be had its test says so and is skipped.
//
// The others need Node 20 or later with npm. Without them its tests fail, and under
// -short they are skipped.
package clienttest
