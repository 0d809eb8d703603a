package bench

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"

	gitea "code.gitea.io/sdk/gitea"
)

// BenchmarkGitea measures what reading a file of 5 MB takes through the gate and
// without it, by the same requests to a real Gitea, in turns.
func BenchmarkGitea(b *testing.B) {
	s := giteatest.Start(b)
	owner, name, _ := strings.Cut(s.World.ServiceA.FullName, "/")
	path, secret := s.World.Files.Large, s.World.Reader.Token
	door := gatetest.Open(b, gatetest.Config{URL: s.URL, Token: secret})
	var tool tools.Tool
	for _, known := range tools.All() {
		if known.Name == "get_file_contents" {
			tool = known
		}
	}
	args := json.RawMessage(fmt.Sprintf(`{"owner":%q,"repo":%q,"path":%q}`, owner, name, path))
	client, err := gitea.NewClient(s.URL, gitea.SetGiteaVersion(""), gitea.SetToken(secret))
	if err != nil {
		b.Fatal(err)
	}
	ours := func() error {
		if a := door.Do(b.Context(), tool.Tool, gate.Call{Args: args}); a.IsError {
			return fmt.Errorf("%s", a.Object)
		}
		return nil
	}
	plain := func() error {
		if _, _, err := client.GetRepo(owner, name); err != nil {
			return err
		}
		head, _, err := client.GetRepoBranch(owner, name, "main")
		if err == nil {
			_, _, err = client.GetContents(owner, name, head.Commit.ID, path)
		}
		return err
	}
	var took, without, added []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := plain(); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if err := ours(); err != nil {
			b.Fatal(err)
		}
		end := time.Now()
		without, took = append(without, middle.Sub(begin)), append(took, end.Sub(middle))
		added = append(added, end.Sub(middle)-middle.Sub(begin))
	}
	b.ReportMetric(microseconds(median(without)), "baseline-µs")
	b.ReportMetric(microseconds(median(took)), "ours-µs")
	b.ReportMetric(microseconds(median(added)), "added-µs")
}
