package giteatest

import "testing"

func TestStart(t *testing.T) {
	s := Start(t)
	t.Log(s.URL)
}
