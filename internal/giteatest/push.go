package giteatest

import "context"

// File is a file as git has it, whatever its name and its content are.
type File struct {
	Path       string // bytes; no line feed
	Content    string
	Executable bool
}

// Push makes a branch of a repository, with a commit that comes after no other, in place
// of what the branch had, and returns the commit's id. A wiki is "owner/name.wiki"; it
// has to have been begun.
func (s *Server) Push(ctx context.Context, by User, repository, branch string, files ...File) (string, error) {
	h := &history{force: true}
	var all []file
	for _, f := range files {
		mode := plainMode
		if f.Executable {
			mode = "100755"
		}
		all = append(all, file{f.Path, mode, []byte(f.Content)})
	}
	h.commit(branch, 0, developer, "Files\n", all...)
	r := Repo{FullName: repository}
	if err := h.push(ctx, s, by.Token, &r, nil); err != nil {
		return "", err
	}
	return r.Branches[branch], s.Settle(ctx)
}
