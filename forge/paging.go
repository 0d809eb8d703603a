package forge

import (
	"net/http"
	"strconv"
	"strings"
)

// HasMore reports, from the header of a list's answer, whether there are pages
// after this one. page counts from 1, limit is what was asked for, rows is how
// many came: Gitea may have a lower limit of its own.
func HasMore(header http.Header, page, limit, rows int) bool {
	if link := header.Get("Link"); link != "" {
		return strings.Contains(link, `rel="next"`)
	}
	if more := header.Get("X-HasMore"); more != "" {
		return more == "true"
	}
	total, err := strconv.Atoi(header.Get("X-Total-Count"))
	if err != nil || rows == 0 {
		return false
	}
	return total > (page-1)*limit+rows
}
