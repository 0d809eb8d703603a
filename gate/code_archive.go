package gate

import (
	"errors"
	"runtime"

	"aegis/forge"
)

// readArchive looks at what of the wanted is in Gitea's archive.
func (s *codeSearch) readArchive() error {
	w := s.world
	progress, all := w.progress(), len(s.left)
	progress(0, all)
	return w.atOnce(runtime.GOMAXPROCS(0), func(do func(job func() error) bool) error {
		err := w.client.ReadArchive(w.repo.Name, w.repo.Commit, 2*MaxCodeFile, func(content []byte) error {
			blob, content := s.wanted(content)
			if blob == "" {
				return w.ctx.Err()
			}
			paths := s.left[blob]
			delete(s.left, blob)
			progress(all-len(s.left), all)
			read := func() error {
				text, err := s.scrub(content)
				if err != nil {
					return err
				}
				w.caller.Code.Put(s.turn, s.key(blob), text, text.size())
				return s.look(text, paths)
			}
			switch {
			case !do(read):
				return errStopped
			case len(s.left) == 0:
				return errAllRead
			}
			return nil
		})
		return archiveFailed(err)
	})
}

// wanted returns which of the blobs that are left a content is, "" for none.
func (s *codeSearch) wanted(content []byte) (blob string, stored []byte) {
	if blob = forge.BlobID(content); s.left[blob] != nil {
		return blob, content
	}
	if stored = forge.Unconverted(content); stored != nil {
		if blob = forge.BlobID(stored); s.left[blob] != nil {
			return blob, stored
		}
	}
	return "", nil
}

// What ends the reading of an archive before its end.
var (
	errStopped = errors.New("a job failed")
	errAllRead = errors.New("all that was wanted is read")
)

// archiveFailed tells what Gitea's answer to the question for an archive means.
func archiveFailed(err error) error {
	var failure *forge.Error
	switch {
	case err == errAllRead:
		return nil
	case !errors.As(err, &failure):
		return err
	}
	switch {
	case failure.Reason == forge.Redirected:
		return Refuse(GiteaError, "Gitea gives archives out at another address, and redirects are not followed: code can't be searched.").
			WithHint("get_file_tree and get_file_contents read single files; whoever operates Gitea can set SERVE_DIRECT = false for repo-archive.")
	case failure.Kind == forge.TooLarge:
		return Refuse(TooLarge, "The repository is larger than can be searched: its archive unpacks to more than %d MiB.", forge.MaxArchive>>20).
			WithHint("get_file_tree and get_file_contents read single files.")
	}
	return err
}
