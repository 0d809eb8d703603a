package giteatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// uploadLFS stores content in the repository's large file storage, as the
// git-lfs program would before a push.
func (sc *script) uploadLFS(fullName string, content []byte) {
	if sc.err != nil {
		return
	}
	id := lfsID(content)
	root := sc.server.URL + "/" + fullName + ".git/info/lfs/objects/"
	batch, err := json.Marshal(object{
		"operation": "upload", "transfers": []string{"basic"}, "objects": []object{{"oid": id, "size": len(content)}},
	})
	if err != nil {
		sc.err = err
		return
	}
	sc.lfs(http.MethodPost, root+"batch", "application/vnd.git-lfs+json", batch)
	sc.lfs(http.MethodPut, fmt.Sprintf("%s%s/%d", root, id, len(content)), "application/octet-stream", content)
}

func (sc *script) lfs(method, url, contentType string, body []byte) {
	if sc.err != nil {
		return
	}
	req, err := http.NewRequestWithContext(sc.ctx, method, url, bytes.NewReader(body))
	if err != nil {
		sc.err = err
		return
	}
	req.SetBasicAuth("x", sc.token)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "application/vnd.git-lfs+json")
	res, err := client.Do(req)
	if err != nil {
		sc.err = err
		return
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		sc.err = fmt.Errorf("LFS %s: %s", method, res.Status)
	}
}
