// Package hinttest follows every hint that a refusal or an answer of the product can
// have: what it says to do then succeeds, or is refused for good. What a hint leaves to
// a human is listed as such. The hints are found in the source, so that a new one wants
// a trail here. A file is a kind of trail: of what a single call provokes, of names, files
// and runs, of what a human is asked, and of somebody else who comes between two requests.
package hinttest
