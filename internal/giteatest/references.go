package giteatest

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// References is Gitea's own code that finds references in a text, in a process of its
// own: what it takes for a reference is known without a server, some 20,000 times a
// second. It may be asked by several at once.
type References struct {
	mu      sync.Mutex
	in      *json.Encoder
	answers *json.Decoder
}

// Referring is what Gitea sees in a text.
type Referring struct {
	Repos    []string // owner/name of what it refers to in other repositories
	Stripped []byte   // what is left of Markdown without its markup
	Links    [][]byte // where the links of Markdown lead
}

// StartReferences starts one that believes to be at appURL, which ends with a slash.
// It ends with the test. Under -short the test is skipped.
func StartReferences(tb testing.TB, appURL string) *References {
	tb.Helper()
	skipShort(tb)
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	bin, err := buildReferences(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(bin, "-app-url", appURL)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close() // it ends at the end of its input
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	return &References{in: json.NewEncoder(in), answers: json.NewDecoder(bufio.NewReader(out))}
}

// Find returns what Gitea finds in a text: a body, or a title or commit message.
func (r *References) Find(text string, markdown bool) (found Referring, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	question := struct {
		Text     []byte
		Markdown bool
	}{[]byte(text), markdown}
	if err := r.in.Encode(question); err != nil {
		return Referring{}, err
	}
	return found, r.answers.Decode(&found)
}

// buildReferences returns the program, which is compiled on first use.
func buildReferences(ctx context.Context) (bin string, err error) {
	module, goVersion, err := pinnedModule(ctx)
	if err != nil {
		return "", err
	}
	key, err := buildKey(module, goVersion, "go.mod", "go.sum", "references/main.go")
	if err != nil {
		return "", err
	}
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	return compile(ctx, module, "./references", cache, "references-", key)
}
