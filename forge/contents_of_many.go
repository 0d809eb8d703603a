package forge

import (
	"aegis/internal/canon"

	gitea "aegis/forge/gitea"
)

// EachFile hands what [Reader.File] returns for each path to each, side by side and in
// no order. The error is that of the first path in order that has one.
func (c *Reader) EachFile(repo canon.Repo, paths []canon.Path, commit string, each func(i int, file *gitea.ContentsResponse) error) error {
	jobs := make([]func() error, len(paths))
	for i, path := range paths {
		jobs[i] = func() error {
			file, err := c.File(repo, path, commit)
			if err != nil {
				return err
			}
			return each(i, file)
		}
	}
	return c.atOnce(jobs...)
}
