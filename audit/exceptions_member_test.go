package audit

import (
	"bytes"
	"strings"
	"testing"
)

// A finding that was let through is named beside what was cut.
func TestExceptionsAreAMember(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	e := everything()
	e.Exceptions = map[string]int{"jwt@0123456789abcdef": 3, "generic-api-key@fedcba9876543210": 1, "a \"b\"@1": 1}
	for _, entry := range []Entry{sample(), e, sample()} {
		if err := l.Append(ctx, entry); err != nil {
			t.Fatal(err)
		}
	}
	stored := bytes.Split(read(t, path), []byte("\n"))[1]
	const want = `,"redactions":{"aws-access-token":1,"generic-api-key":2},"exceptions":{"a__b_@1":1,"generic-api-key@fedcba9876543210":1,"jwt@0123456789abcdef":3},"withheld":3,`
	if !strings.Contains(string(stored), want) {
		t.Errorf("%s", stored)
	}
	report, err := Verify(ctx, path)
	if err != nil || report.Problem != nil || report.Entries != 3 {
		t.Fatalf("%+v, %v", report, err)
	}
	for name, change := range map[string][2]string{
		"empty":        {`"exceptions":{"a__b_@1":1,"generic-api-key@fedcba9876543210":1,"jwt@0123456789abcdef":3}`, `"exceptions":{}`},
		"out of order": {`"a__b_@1":1,"generic-api-key@fedcba9876543210":1`, `"generic-api-key@fedcba9876543210":1,"a__b_@1":1`},
		"twice":        {`,"withheld":3`, `,"exceptions":{"a@1":1},"withheld":3`},
		"no counts":    {`"jwt@0123456789abcdef":3`, `"jwt@0123456789abcdef":"3"`},
		"out of place": {`,"withheld":3,"bytes":4096`, `,"bytes":4096,"withheld":3`},
	} {
		var parsed line
		changed := strings.Replace(string(stored), change[0], change[1], 1)
		if reason := parsed.parse([]byte(changed)); changed == string(stored) || reason == "" {
			t.Errorf("%s: passes for an entry", name)
		}
	}
}
