package gate

import (
	"runtime"
	"sync"

	"aegis/gate/caller"
	"aegis/internal/canon"
)

// MaxCodeFile is the size, in bytes, of the largest file that [Visit.Code] reads.
const MaxCodeFile = 1 << 20

// CodeReader says which files [Visit.Code] is to read, and who looks at them.
// All are required.
type CodeReader struct {
	// Wants is asked about paths that policy shows, and about no others.
	Wants func(canon.Path) bool
	// Decode makes UTF-8 of a file, or says in a word why it has no text. It has
	// to say the same of a content each time, and is called concurrently.
	Decode func(raw []byte) (text, skip string)
	// Look is called for each file, concurrently and in no order.
	Look func(CodeFile)
}

// CodeFile is a file's text, scrubbed, with lines that end in "\n".
type CodeFile struct {
	Path canon.Path
	Text string
	// Masked is Text, line by line, with a NUL for each marker of a redaction:
	// what a query may be held against. A marker is no text of the file's, and
	// one that a query meets would tell of what it stands for.
	Masked string
}

// CodeSeen counts the files that were wanted: those that were looked at, and by a
// reason those that were not. The reason is Decode's, or "too_large", or "withheld"
// for what can't be made clean, "not_archived" for what Gitea's archive does not
// have as the commit has it, or "unnameable" for a name that is not UTF-8 or not in
// normal form C.
type CodeSeen struct {
	Files   int
	Skipped map[string]int
}

// code is [Visit.Code].
func (w *world) code(reader CodeReader) (CodeSeen, error) {
	s := &codeSearch{
		world: w, reader: reader, turn: w.caller.Code.Begin(),
		left: make(map[string][]canon.Path), seen: CodeSeen{Skipped: make(map[string]int)},
	}
	index, err := s.index()
	if err != nil {
		return CodeSeen{}, err
	}
	s.choose(index)
	if err := s.search(index); err != nil {
		return CodeSeen{}, err
	}
	return s.seen, nil
}

// codeIndex is the regular files of a commit that have a path in some spelling.
type codeIndex struct {
	files   []indexedFile
	reading chan struct{} // holds one while a call reads the archive

	mu      sync.Mutex
	missing map[string]bool // blobs that the archive turned out not to have
}

type indexedFile struct {
	path canon.Path
	blob string // "" if it can't be asked for by its name
	size int64
}

type codeSearch struct {
	world  *world
	reader CodeReader
	turn   int64
	left   map[string][]canon.Path // paths that are still to be looked at, by blob

	mu   sync.Mutex
	seen CodeSeen
}

func (s *codeSearch) key(id string) caller.CodeKey {
	return caller.CodeKey{Repo: s.world.repo.ID, ID: id}
}

// index returns the list of the commit's files.
func (s *codeSearch) index() (*codeIndex, error) {
	w := s.world
	if kept, ok := w.caller.Code.Get(s.turn, s.key(w.repo.Commit)).(*codeIndex); ok {
		return kept, nil
	}
	files, err := w.client.TreeFiles(w.repo.Name, w.repo.Commit)
	if err != nil {
		return nil, err
	}
	index := &codeIndex{reading: make(chan struct{}, 1), missing: make(map[string]bool)}
	size := 0
	for _, file := range files {
		path, why, ok := canon.ListedPath(file.Path)
		if !ok {
			continue // it can't be held against the policy, nor asked for by any tool
		}
		if why != "" {
			file.Blob = ""
		}
		index.files = append(index.files, indexedFile{path, file.Blob, file.Size})
		size += len(file.Path) + 120
	}
	kept, ok := w.caller.Code.Put(s.turn, s.key(w.repo.Commit), index, size).(*codeIndex)
	if !ok { // another object's id can't be this commit's
		return index, nil
	}
	return kept, nil
}

// choose notes the files to look at: those that policy shows at this moment,
// whatever it did when they were read.
func (s *codeSearch) choose(index *codeIndex) {
	var shown []indexedFile
	s.world.settle(func(j *judge) {
		shown = shown[:0]
		for _, file := range index.files {
			if j.showsFile(file.path) {
				shown = append(shown, file)
			}
		}
	})
	for _, file := range shown {
		switch {
		case !s.reader.Wants(file.path):
		case file.blob == "":
			s.seen.Skipped["unnameable"]++
		case file.size > MaxCodeFile:
			s.seen.Skipped["too_large"]++
		default:
			s.left[file.blob] = append(s.left[file.blob], file.path)
		}
	}
}

// search looks at what is kept, and then at what has to be read. Of calls that
// would read the same archive one reads it, and the others wait and look at what
// is kept then.
func (s *codeSearch) search(index *codeIndex) error {
	if err := s.lookAtKept(); err != nil || s.skipMissing(index) {
		return err
	}
	select {
	case index.reading <- struct{}{}:
		defer func() { <-index.reading }()
	case <-s.world.ctx.Done():
		return s.world.ctx.Err()
	}
	if err := s.lookAtKept(); err != nil || s.skipMissing(index) {
		return err
	}
	if err := s.readArchive(); err != nil {
		return err
	}
	index.mu.Lock()
	for blob := range s.left {
		index.missing[blob] = true
	}
	index.mu.Unlock()
	s.skipMissing(index)
	return nil
}

// skipMissing gives up what no archive has, and reports whether nothing is left.
func (s *codeSearch) skipMissing(index *codeIndex) (done bool) {
	index.mu.Lock()
	defer index.mu.Unlock()
	for blob, paths := range s.left {
		if index.missing[blob] {
			s.seen.Skipped["not_archived"] += len(paths)
			delete(s.left, blob)
		}
	}
	return len(s.left) == 0
}

// lookAtKept looks at the texts that the session has kept.
func (s *codeSearch) lookAtKept() error {
	cache := &s.world.caller.Code
	return s.world.atOnce(runtime.GOMAXPROCS(0), func(do func(job func() error) bool) error {
		for blob, paths := range s.left {
			kept, ok := cache.Get(s.turn, s.key(blob)).(*codeText)
			if !ok {
				continue
			}
			delete(s.left, blob)
			if !do(func() error { return s.look(kept, paths) }) {
				break
			}
		}
		return nil
	})
}
