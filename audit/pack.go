package audit

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// packer compresses what was rotated, behind the calls. Who ends before it is done leaves
// that to the next process.
type packer struct {
	mu      sync.Mutex
	looked  bool // once in a process for what others have left
	stopped bool
	cancel  context.CancelFunc
	done    chan struct{}
}

// pack has files compressed if this process has rotated one, or has not looked yet.
func (l *Log) pack() {
	p := &l.packer
	p.mu.Lock()
	defer p.mu.Unlock()
	running := p.done != nil && !isClosed(p.done)
	if p.stopped || running || p.looked && !l.rotated {
		return
	}
	p.looked, l.rotated = true, false
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	p.cancel, p.done = cancel, done
	go func() {
		defer close(done)
		defer cancel()
		if err := packAll(ctx, l.files); err != nil && ctx.Err() == nil {
			l.tell(fmt.Errorf("a rotated file could not be compressed, and stays as it is: %w", err))
		}
	}()
}

func (p *packer) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.done != nil {
		p.cancel()
		<-p.done
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// packAll compresses all that was rotated and is not compressed yet, unless another
// process is at it.
func packAll(ctx context.Context, at files) error {
	plain, err := at.unpacked(ctx)
	if err != nil || len(plain) == 0 {
		return err
	}
	busy := flock.New(at.packing, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(0o600))
	if got, err := busy.TryLock(); err != nil || !got {
		return err
	}
	defer busy.Unlock()
	for _, p := range plain {
		if err := p.pack(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// unpacked lists what was rotated and is not compressed yet. It looks under the lock, so
// that it meets no rotation half done: while there is no log, an archive may become it again.
// Where nothing was rotated it takes no lock.
func (at files) unpacked(ctx context.Context) (plain []part, err error) {
	if parts, err := archivesOf(at.log); err != nil || len(parts) == 0 {
		return nil, err
	}
	release, err := at.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if isGone(at.log) {
		return nil, nil
	}
	parts, err := archivesOf(at.log)
	for _, p := range parts {
		if info, err := os.Lstat(p.path); err == nil && info.Mode().IsRegular() {
			plain = append(plain, p)
		}
	}
	return plain, err
}

func (at files) hold(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	lock, err := lock(ctx, at.lock)
	return func() { _ = lock.Unlock() }, err
}

// pack compresses one file. It is removed once what it was compressed to is on disk, and
// was read back.
func (p part) pack(ctx context.Context, at files) error {
	temp, target := p.path+packedSuffix+".tmp", p.path+packedSuffix
	sum, err := p.packTo(ctx, temp)
	if errors.Is(err, fs.ErrNotExist) { // somebody else was faster, or it was deleted for its age
		return nil
	}
	if err == nil {
		var back [sha256.Size]byte
		if back, err = sumOfPacked(ctx, temp); err == nil && back != sum {
			err = fmt.Errorf("%s is not what was written to it", temp)
		}
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	release, err := at.hold(ctx)
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	defer release()
	if _, err := os.Lstat(p.path); err != nil {
		return os.Remove(temp)
	}
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) { // a crash leaves the same there
		if there, err := sumOfPacked(ctx, target); err != nil || there != sum {
			return errors.Join(fmt.Errorf("%s is there already, and holds something else", target), err, os.Remove(temp))
		}
	}
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	syncFolder(at.folder)
	return os.Remove(p.path)
}

func (p part) packTo(ctx context.Context, path string) (sum [sha256.Size]byte, err error) {
	from, err := openToRead(p.path)
	if err != nil {
		return sum, err
	}
	defer from.Close()
	to, err := openNoFollow(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return sum, err
	}
	hash, w := sha256.New(), gzip.NewWriter(to)
	_, err = io.Copy(io.MultiWriter(w, hash), &cancelled{ctx, from})
	return [sha256.Size]byte(hash.Sum(nil)), errors.Join(err, w.Close(), to.Sync(), to.Close())
}

func sumOfPacked(ctx context.Context, path string) (sum [sha256.Size]byte, err error) {
	r, err := openPacked(path)
	if err != nil {
		return sum, err
	}
	defer r.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, &cancelled{ctx, r})
	return [sha256.Size]byte(hash.Sum(nil)), err
}

// cancelled is a reader that ends with its context.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelled) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
