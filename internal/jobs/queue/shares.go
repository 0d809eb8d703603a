package queue

import "encoding/binary"

// Nobody is to fill the queue for others: what is not taken is lost, since Gitea does not send it
// again. So tasks are counted by their repository and its owner.

// share is what a task is counted by, and how many of that there may be.
type share struct {
	key  string
	most uint64
}

func (t *Task) shares() []share {
	one := share{t.order(), MostOfOne}
	if t.Repository.IsZero() {
		return []share{one}
	}
	return []share{one, {t.Repository.Owner(), MostOfOwner}} // no repository is called so
}

func (b *buckets) roomFor(t *Task) bool {
	for _, s := range t.shares() {
		if b.shared(s.key) >= s.most {
			return false
		}
	}
	return true
}

func (b *buckets) shared(key string) uint64 {
	if value := b.shares.Get([]byte(key)); len(value) == 8 {
		return binary.BigEndian.Uint64(value)
	}
	return 0
}

// share counts a task that comes, by 1, or goes, by -1.
func (b *buckets) share(t *Task, by int) error {
	for _, s := range t.shares() {
		n := int(b.shared(s.key)) + by
		if n <= 0 {
			if err := b.shares.Delete([]byte(s.key)); err != nil {
				return err
			}
			continue
		}
		if err := b.shares.Put([]byte(s.key), idKey(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// countShares counts all tasks anew: a file may be of a version that did not count.
func (b *buckets) countShares() error {
	var keys [][]byte
	for c, key := cursor(b.shares); key != nil; key, _ = c.Next() {
		keys = append(keys, append([]byte(nil), key...))
	}
	for _, key := range keys {
		if err := b.shares.Delete(key); err != nil {
			return err
		}
	}
	return each(b.tasks, func(t *Task) (bool, error) { return false, b.share(t, 1) })
}
