package caller

import (
	"errors"
	"testing"
	"time"
)

// shelf is a store of a test.
type shelf struct {
	kept  map[string][]byte
	saves int
	fails error
}

func (s *shelf) Check() error                   { return s.fails }
func (s *shelf) Load(id string) ([]byte, error) { return s.kept[id], s.fails }

func (s *shelf) Save(id string, marks []byte) error {
	if s.fails == nil {
		s.saves++
		s.kept[id] = marks
	}
	return s.fails
}

func at(ago time.Duration) Mark {
	return Mark{Tool: "get_file_contents", Repo: "acme/vault", Call: "s-1", At: time.Now().Add(-ago)}
}

// Marks that were kept are there in another process, and are forgotten no earlier.
func TestI11_KeptMarksComeBack(t *testing.T) {
	t.Parallel()
	s := &shelf{kept: make(map[string][]byte)}
	m := KeptMarks("key:ci", s)
	m.Saw(Private, at(time.Hour))
	m.Saw(Public, at(0))
	m.SawAuthor(Author{Login: "mallory"}, at(time.Minute))
	m.SawAuthor(Author{}, at(time.Minute))
	if err := m.Keep(); err != nil || m.Owed() {
		t.Fatal(err)
	}
	again := KeptMarks("key:ci", s)
	if err := again.Keep(); err != nil {
		t.Fatal(err)
	}
	if _, found, ok := again.Narrowest(Public, time.Now().Add(-time.Hour)); !ok || found.Repo != "acme/vault" {
		t.Errorf("%v %t", found, ok)
	}
	if _, _, ok := again.Narrowest(Public, time.Now().Add(-time.Hour+keptLonger+time.Second)); ok {
		t.Error("it is never forgotten")
	}
	if len(again.Unjudged(time.Time{})) != 1 {
		t.Errorf("%v", again.Unjudged(time.Time{}))
	}
	if _, ok := again.Stranger(time.Time{}); !ok {
		t.Error("no stranger")
	}
	if other := KeptMarks("key:other", s); other.Keep() != nil || len(other.seen) > 0 {
		t.Error("another caller's")
	}
}

// One kind is written once in a while, and another kind at once.
func TestMarksAreWrittenOnceInAWhile(t *testing.T) {
	t.Parallel()
	s := &shelf{kept: make(map[string][]byte)}
	m := KeptMarks("key:ci", s)
	for range 100 {
		m.Saw(Private, at(0))
		if err := m.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	if s.saves != 1 {
		t.Errorf("%d times", s.saves)
	}
	m.Saw(Limited, at(0))
	_ = m.Keep()
	m.Saw(Private, at(-2*keptLonger))
	_ = m.Keep()
	if s.saves != 3 {
		t.Errorf("%d times", s.saves)
	}
}

// While marks can't be kept they are owed; what can't be read is an error though nothing
// is.
func TestMarksThatCantBeKept(t *testing.T) {
	t.Parallel()
	s := &shelf{kept: make(map[string][]byte), fails: errors.New("full")}
	m := KeptMarks("key:ci", s)
	if m.Keep() == nil || m.Owed() {
		t.Error("nobody knows what is there")
	}
	m.Saw(Private, at(0))
	if m.Keep() == nil || !m.Owed() {
		t.Error("kept")
	}
	s.fails = nil
	if err := m.Keep(); err != nil || m.Owed() {
		t.Error(err)
	}
	s.kept["key:ci"] = []byte("{")
	if KeptMarks("key:ci", s).Keep() == nil {
		t.Error("what is damaged is taken for nothing")
	}
	if new(Marks).Keep() != nil {
		t.Error("without a store there is nothing to do")
	}
}
