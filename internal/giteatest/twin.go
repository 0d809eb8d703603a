package giteatest

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// Twin returns another server that holds all that this one holds by now, for the
// duration of the test. It is for what takes long to make and is changed then. This
// one is stopped for it and starts anew, at another URL.
func (s *Server) Twin(tb testing.TB) *Server {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	twin, err := s.twin(ctx)
	if err != nil {
		tb.Fatalf("a twin of Gitea: %v", err)
	}
	tb.Cleanup(func() {
		if err := twin.Close(); err != nil {
			tb.Errorf("stop Gitea: %v", err)
		}
	})
	Watch(tb, twin)
	return twin
}

func (s *Server) twin(ctx context.Context) (*Server, error) {
	p, err := build(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	s.end()
	twin, err := launchCopy(ctx, p, s.folder, folder)
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	twin.World = s.World
	return twin, s.listen(ctx, p)
}

func launchCopy(ctx context.Context, p program, from, to string) (*Server, error) {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return nil, fmt.Errorf("copy the folder: %w", err)
	}
	if err := rewriteHooks(to, from, to); err != nil {
		return nil, err
	}
	return launch(ctx, p, to)
}
