package remote

import "testing"

// A page of the server may lead a browser elsewhere, to where a repository's owner or an
// application's says: an image of it is fetched there.
func TestLoads_WhatTheServerSendsElsewhere(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a wiki elsewhere":           "![x](/stranger/repo/wiki)",
		"a page of one":              "![x](/stranger/repo/wiki/bit-1.png)",
		"one that seems raw":         "![x](/stranger/repo/wiki/raw/branch/main/x.png)",
		"issues elsewhere":           `<img src="/stranger/repo/issues">`,
		"by a climbing path":         "![x](../../../../../stranger/repo/wiki/x.png)",
		"by a path that turns":       "![x](docs/../../../../../stranger/repo/issues/x.png)",
		"by an escaped path":         "![x](%2e%2E/..%2f../stranger/repo/wiki/x.png)",
		"by the server's address":    "![x](https://git.example.org/stranger/repo/wiki)",
		"an application":             "![x](/login/oauth/authorize?client_id=a&redirect_uri=https://evil.example/1)",
		"an application, climbing":   "![x](../../../login/oauth/authorize?client_id=a&x=a.png)",
		"a download, behind dots":    "![x](/stranger/repo/releases/././download/v1/bit.png)",
		"a download, behind a turn":  "![x](../../stranger/repo/releases/x/../download/v1/bit.png)",
		"a download, by two slashes": "![x](/stranger/repo//releases//download/v1/bit.png)",
		"from the root":              "![x](/:root/stranger/repo/wiki)",
		"a turn within an own one":   "![x](/acme/site/raw/branch/../../../../stranger/repo/wiki)",
	} {
		if got := Loads(text, Markdown, instance(t)); got == "" {
			t.Errorf("%s: %q loads nothing", name, text)
		}
	}
	for name, text := range map[string]string{
		"a file":                 "![x](docs/x.png?raw=1) ![y](./y.png#z) ![z](wiki/z.png)",
		"a file above":           "![x](../../img/x.png) <img src='../logo.svg'>",
		"a file by its address":  "![x](/acme/site/raw/branch/main/wiki/y.png) ![x](https://git.example.org/acme/site/media/tag/v1/y.png)",
		"somebody's picture":     "![x](/avatars/0123) <img src=/repo-avatars/1>",
		"what the server brings": "![x](/assets/img/logo.svg)",
		"a place in the page":    "<img src='#a'>",
	} {
		if got := Loads(text, Markdown, instance(t)); got != "" {
			t.Errorf("%s: %q loads %q", name, text, got)
		}
	}
}
