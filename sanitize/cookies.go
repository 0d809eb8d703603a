package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// cookieValue is the rule of what a browser is recognised by.
const cookieValue = "cookie"

// cookieAssigned is what stands between the word and the first cookie.
var cookieAssigned = leaks.NewPattern(`^(?:\\*["'])?[ \t]*[:=,][ \t]*(?:\\*["'\x60])?`)

// cookies finds the values of cookies, in headers and in what quotes them, that look
// random. Others say no more than a language or a colour.
func cookies(text string) []leaks.Finding {
	var found []leaks.Finding
	for _, rare := range []string{"kie", "KIE"} {
		found = cookiesAfter(text, rare, found)
	}
	return found
}

// cookiesAfter adds cookies behind the word cookie, of which the end is given: its
// one rare letter begins it.
func cookiesAfter(text, end string, found []leaks.Finding) []leaks.Finding {
	for at := 0; ; {
		i := strings.Index(text[at:], end)
		if i < 0 {
			return found
		}
		at += i + len(end)
		if word := at - len("cookie"); word < 0 || !strings.EqualFold(text[word:at], "cookie") {
			continue
		}
		window := text[at:min(len(text), at+4096)]
		assigned := cookieAssigned.Prefix(window[:min(len(window), 16)])
		if assigned < 0 {
			continue
		}
		at += assigned
		window = window[assigned:]
		for {
			start, end := cookiePair(window)
			if start == 0 {
				break
			}
			if value := window[start:end]; isBearer(value) && len(value) >= 16 {
				found = append(found, ruleFinding(cookieValue, at+start, at+end))
			}
			if end < len(window) && window[end] == ';' {
				end++
			}
			at += end
			window = window[end:]
		}
	}
}

// cookiePair returns where the value is in the NAME=VALUE that s begins with, 0 if
// it begins with none.
func cookiePair(s string) (start, end int) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	name := i
	for i < len(s) && i-name < 64 && inCookieName[s[i]] {
		i++
	}
	if i == name || i == len(s) || s[i] != '=' {
		return 0, 0
	}
	start = i + 1
	end = start
	for end < len(s) && !isSpace(s[end]) && strings.IndexByte(";,\"'\\<>", s[end]) < 0 {
		end++
	}
	return start, end
}

var inCookieName = set(letters + "0123456789_.$%-")
