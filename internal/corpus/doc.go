// Package corpus makes the texts that the scrubber is measured with, and
// measures it.
//
// Three questions are asked of [sanitize.Scrubber]. Recall: of the secrets
// that a rule of gitleaks is about, how many are gone from what it makes of
// the texts in which people leave them, and in the encodings in which they
// hide them? False redactions: how much does it cut from ordinary source,
// documents, lock files and logs? Readability: do commit ids, checksums and
// the like survive?
//
// Samples are generated from the rules' own expressions by a seeded source of
// randomness, so that two runs see the same texts and no file of this
// repository holds a secret. Whether a text has one is for gitleaks to say,
// run the way the promise about answers names it: default rules with their own
// allow-lists, decoding five deep, no global allow-list, no gitleaks:allow, no
// path but for the rules that ask for one. Ordinary text is that of modules
// which go.mod requires.
//
// The tests hold the scrubber to what it promises; the program in report
// prints everything, also what is not promised.
package corpus
