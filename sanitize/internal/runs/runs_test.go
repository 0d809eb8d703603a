package runs

import "testing"

func TestNext(t *testing.T) {
	t.Parallel()
	var letters [256]bool
	for b := 'a'; b <= 'z'; b++ {
		letters[b] = true
	}
	for _, test := range []struct {
		text  string
		from  int
		least int
		want  string
	}{
		{"", 0, 3, ""},
		{"abc", 0, 3, "abc"},
		{"ab", 0, 3, ""},
		{"abcdefg", 0, 3, "abcdefg"},
		{"abcdefg", 2, 3, "cdefg"},
		{"abcdefg", 5, 3, ""},
		{"ab.cd.efgh.ijklm", 0, 3, "efgh"},
		{"ab.cd.efgh.ijklm", 0, 5, "ijklm"},
		{"ab.cd.efgh.ijklm", 0, 6, ""},
		{"....abcd", 0, 4, "abcd"},
		{"abc.abcd", 0, 4, "abcd"},
		{"abcd....", 7, 4, ""},
		{"a.", 2, 1, ""},
	} {
		got := ""
		start, end, ok := Next(test.text, &letters, test.from, test.least)
		if ok {
			got = test.text[start:end]
		}
		if got != test.want || ok != (test.want != "") {
			t.Errorf("Next(%q, %d, %d) = %q, %t; want %q", test.text, test.from, test.least, got, ok, test.want)
		}
	}
}
