// Package tasktest carries out everyday tasks as a model would that knows other servers
// of forges: it is given a plain instruction, sends the arguments that it is used to, and
// mends them by nothing but the list of tools, answers, and hints. How many calls that
// takes is counted.
package tasktest
