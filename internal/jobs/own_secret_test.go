package jobs_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/jobs/hook"
)

// A repository that has a secret of its own does not take the owner's, also while its own can't
// be used: who can read the owner's could speak for it then.
func TestASecretOfItsOwnThatCantBeUsed(t *testing.T) {
	t.Parallel()
	const ofOwner = "a secret that is long enough"
	own := strings.Replace(small, "jobs:", "  - {repositories: [acme/app], secret_file: /etc/aegis/app.secret}\njobs:", 1)
	for what, spoil := range map[string]func(d *desk){
		"short":                  func(d *desk) { d.write("app.secret", "short\n") },
		"gone before it is read": func(d *desk) { _ = os.Remove(filepath.Join(d.dir, "app.secret")) },
		"empty":                  func(d *desk) { d.write("app.secret", "\n") },
	} {
		d := newDesk(t)
		s, err := d.open()
		if err != nil {
			t.Fatal(err)
		}
		d.write("app.secret", "the secret of acme/app alone\n")
		spoil(d)
		d.write("jobs.yaml", own)
		if err := receive(s.Secrets(), "acme/other", ofOwner); err != nil {
			t.Errorf("%s: another repository of the owner's: %v", what, err)
		}
		for _, key := range []string{ofOwner, "short", ""} {
			if err := receive(s.Secrets(), "acme/app", key); err == nil {
				t.Errorf("%s: a delivery of acme/app counts that is signed with %q", what, key)
			}
		}
		if !strings.Contains(d.saidLast(), "app.secret") || strings.Contains(d.saidLast(), `"short"`) {
			t.Errorf("%s: told %q", what, d.told)
		}
		told := len(d.told)
		if s.Secrets(); len(d.told) != told {
			t.Errorf("%s: told again: %q", what, d.told)
		}
	}
}

// receive has a delivery judged that is signed with a key.
func receive(secrets hook.Secrets, repository, key string) error {
	body := `{"action":"closed","issue":{"number":7},"repository":{"full_name":"` + repository + `"},"sender":{"login":"eve"}}`
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	_, err := hook.Receive(secrets, http.MethodPost, http.Header{
		"Content-Type": {"application/json"}, "X-Gitea-Event": {"issues"}, "X-Gitea-Delivery": {"f6266f16-1bf3-46a5-9ea4-602e06ead473"},
		"X-Gitea-Signature": {hex.EncodeToString(mac.Sum(nil))},
	}, strings.NewReader(body), time.Now())
	return err
}
