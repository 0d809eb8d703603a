package reference

import "net/url"

// Strip is what a Gitea that was told to be at an address leaves of Markdown.
func Strip(text string, at *url.URL) (stripped string, links []string) {
	document, _ := parse(text)
	return document.strip(placesOf([]*url.URL{at})[0])
}
