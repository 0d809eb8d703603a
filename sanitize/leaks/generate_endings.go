//go:build ignore

package main

import (
	"fmt"
	"log"
	"regexp/syntax"
	"strings"
)

// stockEnding is what most rules of gitleaks want to see behind a secret.
const stockEnding = "(?:[\\x60'\"\\s;]|\\\\[nr]|$)"

// genericEnding is where the value of a rule without a prefix may end, too: where
// a list, a tag, a member of a query or a pair of brackets does. A dot or an
// opening bracket would make secrets of what code calls.
const genericEnding = "(?-i:[,)\\]}<>|&]|\\\\[\"']|[:!?*#~/](?:[^0-9A-Za-z]|$)|[^\\x00-\\x7f])"

// notWidened are rules whose ending tells their secret from an ordinary word, a
// commit id or a word in a list, and rules of what is longer than a word.
var notWidened = map[string]bool{
	"sourcegraph-access-token": true, "vault-service-token": true, "hashicorp-tf-password": true,
	"curl-auth-header": true, "curl-auth-user": true, "sidekiq-sensitive-url": true,
}

// widened returns the rule's expression with another ending: any character that
// its secret can't have, but for those that gitleaks takes for an end already. It
// returns "" for a rule that has no ending, or must keep the one it has.
func widened(id, pattern string) string {
	if notWidened[id] {
		return ""
	}
	flags := ""
	if rest, ok := strings.CutPrefix(pattern, "(?i)"); ok {
		flags, pattern = "(?i)", rest
	}
	rest, word := strings.CutPrefix(pattern, `\b`)
	body, ends := strings.CutSuffix(rest, stockEnding)
	switch {
	case word && !ends:
		return flags + afterEscape + rest
	case !ends:
		return ""
	}
	// Of alternatives each has an ending for itself.
	bodies := strings.Split(body, stockEnding+"|")
	for i, body := range bodies {
		switch {
		case strings.HasPrefix(id, "generic"):
			bodies[i] += genericEnding
		case word && len(bodies) == 1:
			bodies[i] = "(?:" + `\b|` + afterEscape + ")" + body + "(?:" + stockEnding + "|" + ending(id, body) + ")"
		default:
			bodies[i] += ending(id, flags+body)
		}
	}
	return flags + strings.Join(bodies, "|")
}

// afterEscape is where a token begins behind the escape of a line break, as
// logs and JSON have it: its letter hides that a word begins there.
const afterEscape = `\\[nrt]`

// ending is what ends the secret that an expression ends with.
func ending(id, body string) string {
	re, err := syntax.Parse(body, syntax.Perl)
	if err != nil {
		log.Fatal(err)
	}
	secret := lastCapture(re)
	if secret == nil {
		log.Fatalf("%s: no capture before its ending", id)
	}
	var alphabet [128]bool
	collect(secret, &alphabet)
	var punctuation strings.Builder
	for c := range rune(128) {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		case alphabet[c]:
			fmt.Fprintf(&punctuation, `\x%02x`, c)
		}
	}
	end := `[^0-9A-Za-z` + punctuation.String() + "\\x60'\"\\s;\\\\]"
	if !alphabet['\\'] {
		end += `|\\[^nr]`
	}
	if punctuation.Len() > 0 {
		// What ends a word may be of the alphabet, too: "(key-)", "key=/".
		end += `|[` + punctuation.String() + `](?:[^0-9A-Za-z]|$)`
	}
	return "(?-i:" + end + ")" // folding what a class leaves out takes long
}

// lastCapture returns the outermost capture that ends re.
func lastCapture(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return re.Sub[0]
	case syntax.OpConcat:
		return lastCapture(re.Sub[len(re.Sub)-1])
	}
	return nil
}

// collect adds what classes of re hold.
func collect(re *syntax.Regexp, alphabet *[128]bool) {
	if re.Op == syntax.OpCharClass {
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= min(re.Rune[i+1], 127); r++ {
				alphabet[r] = true
			}
		}
	}
	for _, sub := range re.Sub {
		collect(sub, alphabet)
	}
}
