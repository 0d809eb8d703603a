package giteatest

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"
)

func TestStart_IsOneServer(t *testing.T) {
	t.Parallel()
	if a, b := Start(t), Start(t); a != b {
		t.Errorf("started %s and %s", a.URL, b.URL)
	}
}

// What is planted has to be what gitleaks takes for a secret, or a test that
// finds none in an answer shows nothing.
func TestPlantSecrets_GitleaksFindsThem(t *testing.T) {
	t.Parallel()
	detector, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Plant: plantSecrets(), Files: files}
	w.Reader.Token = strings.Repeat("0", 40)
	planted := map[string]string{"commit": "The old one was " + w.Plant.Commit}
	for _, f := range leakyFiles(w) {
		if f.path != files.LeakySelf { // no rule knows a Gitea token
			planted[f.path] = strings.ReplaceAll(string(f.content), "gitleaks"+":allow", "")
		}
	}
	decoded, err := base64.StdEncoding.DecodeString(w.Plant.Base64)
	if err != nil {
		t.Fatal(err)
	}
	planted[files.LeakyBase64] = string(decoded)
	for what, content := range planted {
		if len(detector.DetectString(content)) == 0 {
			t.Errorf("gitleaks finds nothing in %s", what)
		}
	}
}
