package keys

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"aegis/internal/apikey"
)

// Looking for a key that is there takes as long as for one that is not.
func TestVerifyingTellsNothingByItsTime(t *testing.T) {
	if testing.Short() {
		t.Skip("a measurement")
	}
	d := newDesk(t)
	right := d.add(Key{Name: "one"})
	for i := range 50 {
		d.add(Key{Name: fmt.Sprintf("other-%d", i)})
	}
	s := d.open()
	wrong := apikey.New()
	best := map[string]float64{}
	for range 40 {
		for _, presented := range []string{right, wrong} {
			began := time.Now()
			for range 500 {
				s.Verify(presented)
			}
			if took := float64(time.Since(began)); best[presented] == 0 || took < best[presented] {
				best[presented] = took
			}
		}
	}
	if ratio := best[right] / best[wrong]; math.Abs(math.Log(ratio)) > math.Log(1.5) {
		t.Errorf("a right key takes %.2f times what a wrong one takes", ratio)
	}
}

// Verifying while the file changes is safe, and never lets in who was revoked.
func TestVerifyingWhileKeysChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	stays := d.add(Key{Name: "stays"})
	s, err := Open(d.file, nil, func(Change) {})
	d.do(err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 300 {
				if !knows(s, stays) {
					t.Error("a key is not known while others change")
				}
			}
		})
	}
	for i := range 20 {
		name := fmt.Sprintf("guest-%d", i)
		secret := d.add(Key{Name: name})
		if !knows(s, secret) {
			t.Error("an added key is not known")
		}
		if d.revoke(name); knows(s, secret) {
			t.Error("a revoked key is known")
		}
	}
	group.Wait()
}
