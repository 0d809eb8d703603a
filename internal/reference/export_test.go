package reference

import "net/url"

// Strip is what a Gitea that was told to be at an address leaves of Markdown. It is not
// ok if the text is refused unread.
func Strip(text string, at *url.URL) (stripped string, links []string, ok bool) {
	document, ok := parse(text)
	stripped, links = document.strip(placesOf([]*url.URL{at})[0])
	return stripped, links, ok
}
