package state

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// Change runs a step that reads and changes a bucket, which it makes if there is none. All
// that the step did is on disk once Change returns nil, and nothing of it otherwise. The
// bucket must be none of the file's own.
func (f *File) Change(name string, step func(*bbolt.Bucket) error) error {
	db, err := f.lent(name)
	if err != nil {
		return err
	}
	return contain(func() error {
		return db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			return step(bucket)
		})
	})
}

// Look runs a step that only reads a bucket; the step is not run if there is none.
func (f *File) Look(name string, step func(*bbolt.Bucket) error) error {
	db, err := f.lent(name)
	if err != nil {
		return err
	}
	return contain(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if bucket := tx.Bucket([]byte(name)); bucket != nil {
				return step(bucket)
			}
			return nil
		})
	})
}

// lent returns the open file for a bucket that is not the file's own.
func (f *File) lent(name string) (*bbolt.DB, error) {
	if name == string(about) || name == string(marks) {
		return nil, fmt.Errorf("the bucket %s is the state file's own", name)
	}
	return f.opened()
}
