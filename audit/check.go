package audit

import (
	"context"
	"errors"
	"os"
)

// roomNeeded is what has to fit on the disk beside the log, in bytes: some entries.
const roomNeeded = 16 << 10

// Check finds out whether an entry could be appended now, and appends none. It takes the
// lock, holds the end of the log against its head and its chain, and writes a file beside
// it that is removed again. Its error is that of [Log.Append].
func (l *Log) Check(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return l.notAcquired(ctx, ctx.Err())
	}
	release, err := l.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if _, err := l.readEnd(ctx); err != nil {
		return err
	}
	if err := haveRoom(l.files.log + ".room"); err != nil {
		return broken("there is no room beside it", err)
	}
	return nil
}

// haveRoom writes a file and removes it. Who was killed in between left one.
func haveRoom(name string) error {
	f, err := openNoFollow(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, roomNeeded))
	return errors.Join(err, f.Close(), os.Remove(name))
}
