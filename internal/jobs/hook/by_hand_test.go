package hook

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEventsThatSomebodyWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, values, want string }{
		{"issues", "action=opened repository=Acme/Web number=3", `{"kind":"issues","action":"opened","repository":"acme/web","sender":"ghost","number":3}`},
		{"issues", "action=opened repository=acme/web sender=ann", `{"kind":"issues","action":"opened","repository":"acme/web","sender":"ann"}`},
		{"push", "repository=acme/web ref=main sha=" + commit, `{"kind":"push","repository":"acme/web","sender":"ghost","ref":"main","sha":"` + commit + `"}`},
		{"workflow_run", "action=failure repository=acme/web run_id=9", `{"kind":"workflow_run","action":"failure","repository":"acme/web","sender":"ghost","run_id":9}`},
		{"issues", "action=opened repository=acme/web run_id=9", ""},
		{"issues", "action=opened repository=acme/web title=x", ""},
		{"issues", "action=opened repository=acme/web number=-3", ""},
		{"issues", "action=opened repository=acme/web number=3x", ""},
		{"issues", "action=sold repository=acme/web number=3", ""},
		{"issues", "action=opened repository=acme/web/x number=3", ""},
		{"issues", "action=opened number=3", ""},
		{"push", "repository=acme/web ref=a~1 sha=" + commit, ""},
		{"push", "repository=acme/web ref=main sha=0123", ""},
	} {
		values := map[string]string{}
		for word := range strings.FieldsSeq(c.values) {
			name, value, _ := strings.Cut(word, "=")
			values[name] = value
		}
		e, err := EventOf(KindOf(c.kind), values)
		if (err == nil) != (c.want != "") {
			t.Errorf("%s: %v", c.values, err)
			continue
		}
		if raw, _ := json.Marshal(e); err == nil && string(raw) != c.want {
			t.Errorf("%s: %s", c.values, raw)
		}
	}
}

// Whatever somebody writes, an event that is made is one that can be kept.
func FuzzEventOf(f *testing.F) {
	f.Add("issues", "number", "3")
	f.Add("push", "ref", "refs/heads/main")
	f.Add("status", "sha", commit)
	f.Fuzz(func(t *testing.T, kind, name, value string) {
		k := KindOf(kind)
		if k == nil {
			return
		}
		values := map[string]string{"repository": "acme/web", name: value}
		if len(k.Actions) > 0 && name != "action" {
			values["action"] = k.Actions[0]
		}
		e, err := EventOf(k, values)
		if err != nil {
			return
		}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var again Event
		if err := json.Unmarshal(raw, &again); err != nil || again != e {
			t.Errorf("%s: %+v, %v", raw, again, err)
		}
	})
}
