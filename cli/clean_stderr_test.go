package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// A token in the wrong place comes back in the error about it, and must not.
func TestI3_ATokenInTheWrongPlaceIsNotShown(t *testing.T) {
	t.Parallel()
	const giteaToken = "7c1d09b3e4f58a6270c1d2e3" + "f4a5b6978d9e0f1a"
	const provider = "glpat-" + "x7Qm2Lr9Tz4Kc8Wv1Bn6"
	good := map[string]string{"GITEA_URL": "https://gitea.example", "XDG_STATE_HOME": t.TempDir()}
	for _, token := range []string{giteaToken, provider, strings.ToUpper(giteaToken)} {
		for _, row := range []struct {
			name      string
			variables map[string]string
			args      []string
		}{
			{"the address", map[string]string{"GITEA_URL": token}, nil},
			{"the address, with a scheme", map[string]string{"GITEA_URL": "https://" + token + "@gitea.example"}, nil},
			{"the address, as its user", map[string]string{"GITEA_URL": "https://me:" + token + "@gitea.example/%zz"}, nil},
			{"the log level", map[string]string{"LOG_LEVEL": token}, nil},
			{"a duration", map[string]string{"GITEA_TIMEOUT": token}, nil},
			{"a policy's path", map[string]string{"POLICY_FILE_PATH": token}, nil},
			{"a token file's path", map[string]string{"GITEA_TOKEN_FILE": token + "x"}, nil},
			{"a file of rules", map[string]string{"AEGIS_GITLEAKS_CONFIG": token}, nil},
			{"a file of secrets", map[string]string{"AEGIS_SECRETS_FILE": token}, nil},
			{"a certificate", map[string]string{"GITEA_CA_FILE": token}, nil},
			{"write mode", map[string]string{"WRITE_MODE": token}, nil},
			{"the whitelist", map[string]string{"WRITE_REPOSITORY_WHITELIST": token}, nil},
			{"a flag", nil, []string{"--log-level", token}},
			{"a flag with =", nil, []string{"--policy=" + token}},
			{"a flag that is none", nil, []string{"--token=" + token}},
			{"a word too many", nil, []string{token}},
			{"the right variable, and the log level", map[string]string{"GITEA_TOKEN": token, "LOG_LEVEL": token}, nil},
		} {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				var out, errs bytes.Buffer
				status := run(context.Background(), environment{
					args: append([]string{"call", "get_me"}, row.args...),
					lookup: func(name string) (string, bool) {
						if value, ok := row.variables[name]; ok {
							return value, true
						}
						value, ok := good[name]
						return value, ok
					},
					stdout: &out, stderr: &errs,
				})
				if status == exitOK || errs.Len() == 0 && out.Len() == 0 {
					t.Errorf("exit status %d, %q", status, errs.String())
				}
				if shown := strings.ToLower(errs.String() + out.String()); strings.Contains(shown, strings.ToLower(token)) {
					t.Errorf("it is shown: %s%s", &errs, &out)
				}
			})
		}
	}
}

// What looks like a token is told from what has its place in a setting.
func TestWhatLooksLikeAToken(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"7c1d09b3e4f58a6270c1d2e3f4a5b6978d9e0f1a": true,
		"glpat-x7Qm2Lr9Tz4Kc8Wv1Bn6":               true,
		"abcdefghijklmno1":                         true,
		"abcdefghijklmno1=":                        true,
		"abcdefghijklmn1":                          false, // fifteen
		"abcdefghijklmnopq":                        false, // no digit
		"abcdefghijk_lmno1":                        false,
		"/etc/abcdefghijklmno1":                    false,
		"https://abcdefghijklmno1":                 false,
		"acme/abcdefghijklmno1":                    false,
		"":                                         false,
	} {
		if tokenLike(value) != want {
			t.Errorf("%q looks like a token: %t", value, !want)
		}
	}
}
