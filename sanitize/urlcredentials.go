package sanitize

import (
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// urlCredentials is the rule of credentials in URLs.
const urlCredentials = "url-credentials"

// credentialsInURLs finds the password of scheme://user:password@host in any
// scheme, and a name that is itself a token: scheme://token@host. What is
// written in examples is left: see [placeholder].
func credentialsInURLs(text string) []leaks.Finding {
	var found []leaks.Finding
	sign := occurrence{what: "@"}
	for at := 0; ; {
		i := strings.IndexByte(text[at:], ':')
		if i < 0 {
			return found
		}
		at += i + 1
		begins := at > 1 && isAlphanumeric[text[at-2]]
		switch {
		case !begins:
			continue
		case strings.HasPrefix(text[at:], "//"):
			at += len("//")
		case strings.HasPrefix(text[at:], `\/\/`): // as JSON may have it
			at += len(`\/\/`)
		default:
			continue
		}
		if sign.from(text, at) >= at+maxUserinfo {
			continue
		}
		if start, end := credentialsAt(text, at); end > start {
			found = append(found, ruleFinding(urlCredentials, start, end))
		}
	}
}

// Bounds for what stands before the @ of a URL, and for what of a password comes
// after a character that should have been escaped; in bytes.
const (
	maxUserinfo  = 512
	maxUnescaped = 64
)

// credentialsAt returns what must be cut of the URL whose authority begins at
// offset i; an empty span if nothing.
func credentialsAt(text string, i int) (start, end int) {
	if i < len(text) && text[i] == '[' {
		return 0, 0 // an address, or what was cut before
	}
	at, colon := -1, -1
	strict := true // so far nothing that ends an authority
	limit := min(len(text), i+maxUserinfo)
	for j := i; j < limit; j++ {
		switch b := text[j]; b {
		case '@':
			at = j
			if strict {
				continue
			}
		case ':':
			if colon < 0 && strict && at < 0 {
				colon = j
			}
			continue
		case '/', '?', '#':
			// A password in which these were not escaped goes on to the @; a port
			// and what follows it have none.
			if at >= 0 || colon < 0 || allDigits(text[colon+1:j]) {
				break
			}
			if strict {
				strict, limit = false, min(limit, j+maxUnescaped)
			}
			continue
		case '"', '\'', '`', '<', '>', '\\':
			// ends any URL
		default:
			if !isSpace(b) {
				continue
			}
		}
		break
	}
	switch {
	case at < 0 || isDigest(text[at+1:]):
		return 0, 0
	case colon < 0 || colon > at:
		if isBearer(text[i:at]) && at-i >= 20 {
			return i, at
		}
		return 0, 0
	}
	user, password := text[i:colon], text[colon+1:at]
	if len(user) >= 20 && isBearer(user) && strings.TrimFunc(user, isNameRune) == "" {
		return i, at // "token:x-oauth-basic", "token:"
	}
	if placeholder(password) || password == user {
		return 0, 0
	}
	return colon + 1, at
}

func isNameRune(r rune) bool { return r < utf8.RuneSelf && isNameByte[byte(r)] && r != '.' }

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isDigest reports whether what follows an @ names an image by its content.
func isDigest(s string) bool {
	return strings.HasPrefix(s, "sha256:") || strings.HasPrefix(s, "sha512:")
}

// exampleNames are what examples call a password.
var exampleNames = func() map[string]bool {
	all := make(map[string]bool)
	for _, name := range strings.Fields("password passwd pass pwd pw p secret token x xx xxx xxxx xxxxx xxxxxx xxxxxxxx redacted mypassword my-password " +
		"your-password yourpassword your_password my_password userpass user_password userpassword foo bar baz test testing example x-oauth-basic " +
		"x-access-token port pass1 pass2 password1 pw1") {
		all[name] = true
	}
	return all
}()

// exampleName reports whether a password is nothing, or what examples call one.
func exampleName(password string) bool {
	name := strings.Trim(strings.ToLower(password), "_-*.")
	return name == "" || exampleNames[name]
}

// placeholder reports whether a password stands for one: a variable, a verb of a
// format, a pattern, a word that examples use, or nothing.
func placeholder(password string) bool {
	if exampleName(password) {
		return true
	}
	if len(password) < 3 || strings.Contains(password, markerBegin) {
		return true // no secret, or cut already
	}
	for _, pattern := range []string{"[^", "(?", ".*", ".+", `\w`, `\S`, "]+", "]*", "{{", "${", "$(", "#{", "..."} {
		if strings.Contains(password, pattern) {
			return true
		}
	}
	first, last := password[0], password[len(password)-1]
	switch {
	case first == '<' || first == '[' && last == ']' || first == '{' && last == '}' || first == '(' && last == ')':
		return true
	case first == '$' && len(password) > 1:
		return strings.TrimFunc(password[1:], isNameRune) == "" && !strings.ContainsAny(password, "0123456789")
	case first == '%' && last == '%':
		return true
	}
	// PASSWORD, YOUR_TOKEN, DB_PASS: a name, not a value
	return strings.ToUpper(password) == password && strings.Contains(password, "_") && strings.TrimFunc(password, isNameRune) == "" && !strings.ContainsAny(password, "0123456789") ||
		strings.HasSuffix(password, "PASSWORD") || strings.HasSuffix(password, "TOKEN")
}
