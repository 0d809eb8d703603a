package sanitize

import (
	"regexp"
	"strings"

	"aegis/sanitize/leaks"
)

// cookieValue is the rule of what a browser is recognised by.
const cookieValue = "cookie"

var (
	// cookieAssigned is what stands between the word and the first cookie.
	cookieAssigned = regexp.MustCompile(`^(?:\\*["'])?[ \t]*[:=,][ \t]*(?:\\*["'\x60])?`)
	cookiePair     = regexp.MustCompile(`^[ \t]*([\w.$%-]{1,64})=([^\s;,"'\\<>]*)(?:;|$)?`)
)

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
		m := cookieAssigned.FindStringIndex(window[:min(len(window), 16)])
		if m == nil {
			continue
		}
		at += m[1]
		window = window[m[1]:]
		for {
			pair := cookiePair.FindStringSubmatchIndex(window)
			if pair == nil {
				break
			}
			if value := window[pair[4]:pair[5]]; isBearer(value) && len(value) >= 16 {
				found = append(found, ruleFinding(cookieValue, at+pair[4], at+pair[5]))
			}
			at += pair[1]
			window = window[pair[1]:]
		}
	}
}
