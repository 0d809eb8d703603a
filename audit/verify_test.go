package audit

import (
	"os"
	"testing"
)

// Every byte matters: with the head beside the log or without, no byte of it
// can become another.
func TestVerifyFailsOnEveryFlippedByte(t *testing.T) {
	t.Parallel()
	for _, beside := range []string{"head", "nothing"} {
		t.Run("beside the log: "+beside, func(t *testing.T) {
			t.Parallel()
			path := filled(t, 3)
			if beside == "nothing" {
				for _, side := range []string{".head", ".key", ".lock"} {
					if err := os.Remove(path + side); err != nil {
						t.Fatal(err)
					}
				}
			}
			whole := read(t, path)
			if good(t, path).Entries != 3 {
				t.Fatal("not all entries were counted")
			}
			for i := range whole {
				for _, mask := range []byte{0x01, 0x20, whole[i] ^ '\n'} {
					if mask == 0 {
						continue
					}
					changed := append([]byte(nil), whole...)
					changed[i] ^= mask
					write(t, path, changed)
					if verify(t, path).Problem == nil {
						t.Errorf("byte %d changed from %q to %q and nobody noticed", i, whole[i], changed[i])
					}
				}
			}
		})
	}
}
