package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// discordToken is the rule of tokens of Discord's bots.
const discordToken = "discord-bot-token"

// discordTokens finds the tokens of Discord's bots: the base64 of a number of 17 to
// 19 digits, six characters, and at least 27 more, with dots between. Source: Discord,
// authentication; detect-secrets, discord. It has no letters that a search could start
// from, but two dots seven places apart.
func discordTokens(text string) []leaks.Finding {
	var found []leaks.Finding
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '.')
		if i < 0 {
			return found
		}
		dot := at + i
		at = dot + 1
		if dot+8 > len(text) || text[dot+7] != '.' {
			continue
		}
		start, end := dot, dot+8
		for start > 0 && dot-start < 32 && inToken[text[start-1]] {
			start--
		}
		for end < len(text) && inToken[text[end]] {
			end++
		}
		if end-dot-8 >= 27 && isSnowflake(text[start:dot]) && strings.TrimFunc(text[dot+1:dot+7], isTokenRune) == "" {
			found = append(found, ruleFinding(discordToken, start, end))
			at = end
		}
	}
}

var inToken = set(letters + "0123456789_-")

func isTokenRune(r rune) bool { return r < 0x80 && inToken[byte(r)] }

// isSnowflake reports whether s, but for what an escape before it has left, is the
// base64 of 17 to 19 digits.
func isSnowflake(s string) bool {
	for _, n := range []int{26, 25, 24, 23} {
		if len(s) < n || len(s) > n+1 {
			continue
		}
		id, digits := s[len(s)-n:], true
		for i := range n / 4 * 4 {
			// Of three digits the four characters are each one of a few.
			digits = digits && strings.IndexByte([]string{"MNO", "DTjz", "AEIMQUYcgk", "wxyz012345"}[i%4], id[i]) >= 0
		}
		if digits {
			return true
		}
	}
	return false
}
