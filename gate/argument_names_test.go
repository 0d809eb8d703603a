package gate_test

import (
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
)

// The name of an argument that there is none of is told whole or not at all: a part of a
// secret is nothing that is found.
func TestI3_ASecretInTheNameOfAnArgument(t *testing.T) {
	t.Parallel()
	const token = "3f0b5c7a9d1e4f6082b4c6d8e0f1a3b5c7d9e1f2"
	secrets := map[string]string{
		"the own credential": token, "a token of GitHub's": "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL_MnOpQrStUvWxYz0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567890",
	}
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Token: token})
	for what, secret := range secrets {
		for _, name := range []string{
			secret, "x" + secret, "a name that is long: " + secret, strings.Repeat("x", 30) + secret, secret[:9] + "\u200b" + secret[9:], secret[:9] + "\u00ad" + secret[9:31],
		} {
			for _, args := range []string{
				`{"owner":"acme","repo":"app","number":1,"` + name + `":1}`, `{"` + name + `":1,"` + name + `":1}`,
			} {
				a := door.Ask("get_issue", args)
				want(t, a, gate.InvalidArguments)
				for at := range len(secret) - 8 {
					if strings.Contains(a.All, secret[at:at+8]) {
						t.Errorf("%s in %q: %s", what, name, a.Object)
						break
					}
				}
			}
		}
	}
}
