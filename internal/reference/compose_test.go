package reference_test

import (
	"net/url"
	"slices"
	"strings"
)

// compose puts a text together as data says: two bytes for a step, three to put
// something into what is there.
func compose(data []byte, appURL string) string {
	var text []byte
	next := func() (b byte) {
		if len(data) > 0 {
			b, data = data[0], data[1:]
		}
		return b
	}
	for len(data) > 0 && len(text) < 2048 {
		step, which := next()%16, int(next())
		switch {
		case step < 6:
			text = append(text, morsels[which%len(morsels)]...)
		case step < 9:
			text = append(text, morsels[which%24]...)
		case step < 11:
			text = append(text, address(appURL, which)...)
		case step < 14: // not far from the end
			at := max(0, len(text)-1-int(next()%16))
			text = slices.Insert(text, at, []byte(morsels[which%len(morsels)])...)
		case step < 15:
			text = append(text, byte(which))
		default:
			text = append(text, text[max(0, len(text)-which):]...)
		}
	}
	return string(text)
}

// address returns a part of an address of the instance.
func address(appURL string, which int) string {
	u, err := url.Parse(appURL)
	if err != nil {
		panic(err)
	}
	all := []string{
		appURL, appURL + "acme/site/issues/1", "<" + appURL + "/acme/site/issues/1>", "https://" + u.Host + "/", u.Host, u.Path,
		"<" + appURL + "acme/site/pulls/2>", "[x](" + u.Path + "acme/site/issues/1)", "<//" + u.Host + "/", strings.ToLower(appURL) + "/me/site/issues/1", strings.TrimSuffix(appURL, "/"), "http://" + u.Hostname() + ":80" + u.Path,
		"<" + appURL + "/acme/site/issues/>", "<" + u.Path + "/acme/site/issues/1>", "<https://" + u.Host + "/acme/site/issues/1>", "[x](/acme/site/issues/1)",
	}
	return all[which%len(all)]
}

// morsels are what texts are put together of.
var morsels = []string{
	// names, numbers and what joins them: the first 24 are taken oftener
	"acme/site#1", "acme/", "site", "#1", "acme/site", "/", "#", "1", "ac", "me/si", "te#1", "!2", "acme", "/site", "#12", "site!1", " ", "\n", "(", ")", "acme/site#1 ", " acme/site#1", "me/site#1", "/issues/1",
	"issues", "pulls", "/pulls/1", "+1", "-1", "01", "99999999999999999999", ".git", ".", "..", "_", "-", "x", "Z", "9", "@", "@acme", "closes ", "a/b#3", "w/x/y#4", strings.Repeat("long", 12) + "/b#1",
	// lines, quotes, lists, headings, tables
	"\\\n", "  \n", "\n\n", "\r\n", "\\\r\n", "  \r\n", "\r", "\n> ", "> ", ">", "\n- ", "- ", "* ", "+ ", "1. ", "2) ", "\n    ", "    ", "\t", "\n\t", "\n  ", "# ", "\n## ", "\n===\n", "\n---\n", "***\n",
	"| ", "|", "\n|---|---|\n", "\n| a | b |\n|---|:-:|\n| ", " | ", "\\|", "[ ] ", "[x] ", "- [x] ", "term\n: ", "\n: ", " {#id}", " {a=`b`}", "{.c}",
	// links, footnotes, images, emphasis
	"[", "]", "](", "][", "]: ", "[x](", "[x]: ", "\n[x]: ", "[x]", "![", "![x](", "[^1]", "\n[^1]: ", "[^acme/site#1]", "![^1]", "!a^", "<", ">", "*", "**", "_a_", "__", "~", "~~", "~~~~", "\"", "'", " \"t\")",
	// HTML, code
	"<b>", "</b>", "<br>", "<a href=\"", "\">", "</a>", "<!-- ", " -->", "<?", "?>", "<![CDATA[", "]]>", "<!X ", "<script>", "</script>", "<div>\n", "\n</div>\n", "<pre>", "</pre>", "<img src=",
	"`", "``", "```", "\n```\n", "```go\n", "~~~\n", "\n~~~\n", "` ", " `",
	// escapes, and what does not show
	"\\", "\\/", "\\#", "\\_", "\\`", "&#47;", "&#35;", "&num;", "&sol;", "&amp;", "&nbsp;", "&#x2f;", "&lt;", "&", ";", "%2F", "%23", "%", "\x00", "\u200b", "\u00ad", "\ufeff", "\u00a0", "\u2028", "\u3000", "\v", "\f", "\u0085", "\xff", "\xe2\x80", "é", "中", "😀", "\u212a", "ı", "＃", "／",
	// addresses
	"http://", "https://", "ftp://", "http:", "https:/", "ftp:", "//", "mailto:", "javascript:", "www.", "www.ab.com", "www.ab.comzzzz", "www.a.com/", "github.com/", "a@b.cd", "x@y.org", "?a=b", "#c", ":", ",", "!", "?", "=", "{", "}", "^", "$", "$$",
}
