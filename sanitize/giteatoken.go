package sanitize

import (
	"strings"

	"aegis/sanitize/internal/runs"
	"aegis/sanitize/leaks"
)

// giteaToken is the rule of Gitea's and Forgejo's own tokens.
const giteaToken = "gitea-token"

const (
	giteaTokenLength = 40 // 20 bytes in hex
	oauthLength      = 52 // 32 bytes in base32, after a prefix
)

// giteaTokens finds Gitea's access tokens and the secrets of its OAuth
// applications. A token is 40 hex digits and looks like a commit id: it is one
// only where its neighbours say so. They are a name that ends in token, password
// or secret, with an assignment, as a setting or a member of a query has it; a
// flag of such a name; the word password of a .netrc; and the record in which
// Gitea itself answers a new token.
func giteaTokens(text string) []leaks.Finding {
	found := oauthSecrets(text)
	for at := 0; ; {
		start, end, ok := runs.Next(text, &isHexDigit, at, giteaTokenLength)
		if !ok {
			return found
		}
		at = end
		if end-start == giteaTokenLength && (start == 0 || !isNameByte[text[start-1]]) && (end == len(text) || !isNameByte[text[end]]) &&
			varied(text[start:end]) && (namedSecret(text, start) || isNewToken(text, end)) {
			found = append(found, ruleFinding(giteaToken, start, end))
		}
	}
}

func ruleFinding(rule string, start, end int) leaks.Finding {
	return leaks.Finding{Rule: rule, Start: start, End: end, MatchStart: start, MatchEnd: end}
}

// oauthSecrets finds the secrets and codes of OAuth applications: gto_ or gta_
// and base32, which nothing else looks like.
func oauthSecrets(text string) []leaks.Finding {
	const prefix = len("gto_")
	var found []leaks.Finding
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '_')
		if i < 0 {
			return found
		}
		at += i + 1
		if at < prefix || text[at-4:at] != "gto_" && text[at-4:at] != "gta_" {
			continue
		}
		end := at
		for end < len(text) && ('a' <= text[end] && text[end] <= 'z' || '2' <= text[end] && text[end] <= '7') {
			end++
		}
		if end-at == oauthLength && varied(text[at:end]) {
			found = append(found, ruleFinding(giteaToken, at-prefix, end))
		}
		at = end
	}
}

// namedSecret reports whether what begins at offset at is the value of something
// named like a secret.
func namedSecret(text string, at int) bool {
	i := at
	assigned := false
	for ; i > 0 && at-i < 8; i-- {
		switch b := text[i-1]; b {
		case '=', ':', '>', ',':
			assigned = true
			continue
		case '"', '\'', '`', '\\', ' ', '\t':
			continue
		}
		break
	}
	start := i
	for start > 0 && i-start < 48 && isNameByte[text[start-1]] {
		start--
	}
	if i == at || start == i {
		return false
	}
	name := strings.ToLower(text[start:i])
	switch {
	case assigned && name == "value":
		// "name: GITEA_TOKEN, value: …"
		before := strings.ToLower(text[max(0, start-100):start])
		return strings.Contains(before, "token") || strings.Contains(before, "password") || strings.Contains(before, "secret")
	case assigned, name[0] == '-':
		return secretName(name)
	}
	return name == "password" || name == "passwd"
}

// wordPartings part the words of a name.
var wordPartings = strings.NewReplacer("_", "", "-", "", ".", "")

func secretName(name string) bool {
	name = wordPartings.Replace(name)
	for _, ending := range []string{"token", "password", "passwd", "secret", "apikey", "accesskey", "authorization"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// isNewToken reports whether what ends at offset at is the member "sha1" of the
// record of a token.
func isNewToken(text string, at int) bool {
	return strings.Contains(text[at:min(len(text), at+40)], "token_last_eight")
}

// varied reports whether s has many different characters, as what is random
// does and what stands for it in a manual does not.
func varied(s string) bool {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n >= 8
}
