package sanitize

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// pw is a password as a policy asks for it.
const pw = "kT7#vQ2!mZx9Lp"

func TestPasswordsByName(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, text := range []string{
		"db:\n  password: PW\n", "DB_PASSWORD=PW\n", "export PGPASSWORD='PW'\n", `{"password":"PW"}`, `{\"password\":\"PW\"}`, "password = \"PW\"\n",
		"<password>PW</password>", `<add key="Password" value="PW"/>`, "<key>Password</key>\n<string>PW</string>", "spring.datasource.password=PW\n",
		"user=app password=PW host=h", "Server=h;Password=PW;Encrypt=true", "ALTER ROLE app WITH PASSWORD 'PW';", "CREATE USER a IDENTIFIED BY 'PW';",
		"define('DB_PASSWORD', 'PW');", "tool --password PW --host h", "tool --db-password=PW", "mysql -u app -pPW shop", "PGPASSWORD=PW psql", "?user=a&pwd=" + strings.ReplaceAll(pw, "#", "") + "&x=1",
		"app:PW@tcp(db:3306)/shop", "sqlplus app/PW@orcl", "| password | PW |", "<td>Password</td><td>PW</td>", "- name: DB_PASSWORD\n  value: \"PW\"",
		"variable \"db_password\" {\n  default = \"PW\"\n}", "The password is PW for now.", "The root password for staging is `PW`.", "- **Password:** `PW`",
		"machine h login me password PW\n", "-  password: PW\n", "+  password: PW\n", "os.environ[\"DB_PASSWORD\"] = \"PW\"", "cfg.DBPass = \"PW\"", "passphrase: PW\n",
		"PASSWORD: ${PASSWORD:-PW}", "PASSWORD: \"${PASSWORD-PW}\"", "spring.password=${PASSWORD:PW}", "password: process.env.PASSWORD || 'PW',", "password = os.environ.get(\"PASSWORD\") or \"PW\"",
		"const password = env.PASS ?? `PW`;", "val password: String = \"PW\"", "let password: &str = \"PW\";", "const dbPassword: string = 'PW'", "\"password\": process.env.PASSWORD || \"PW\"",
		"password:\n  PW\n", "password: |\n  PW\n", "  password: >-\n    PW\nuser: me\n", "password = \"\"\"PW\"\"\"", "password = '''PW'''", "password: 'it''sPW'", "requirepass PW\n",
	} {
		text = strings.ReplaceAll(text, "PW", pw)
		if out, _ := s.Text(text, TextOptions{}); strings.Contains(out, pw[4:]) {
			t.Errorf("Text(%q) shows it: %q", text, out)
		}
	}
}

// What stands where a password would, and is none.
func TestWhatIsNoPasswordStays(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, text := range []string{
		"func (u *User) SetPassword(password string) error {", "password := getPassword()", "password := os.Getenv(\"DB_PASSWORD\")", "pass = true", "password = password2",
		"Password: cfg.Database.Password,", "password: form.Password1,", "if password == \"\" {", "ClientSecret: form.Oauth2Secret,", "password?: string;", "password: string | null",
		`"password": "must be at least 8 characters"`, `"password": "Contraseña"`, `"mailer_password": "SMTP-jelszó"`, `"password_label": "Password (8-64 characters)"`,
		"password: ${DB_PASSWORD}", "password: ${{ secrets.DB_PASSWORD }}", "DB_PASSWORD: ${{ secrets.DB_PASSWORD_2 }}", "password: {{ .Values.db.password1 | quote }}", "password: $DB_PASSWORD2",
		"password: <your-password-1>", "password: changeme", "password: example", "password: ********", "password: xxxxxxxx", "password: \"\"", "password: null", "password: ~",
		"existingSecret: my-db-secret-2", "imagePullSecret: regcred", "secretName: tls-1", "tlsSecret: wildcard-2024", "  password:\n    type: string\n    format: password\n    minLength: 12",
		"password_file: /run/secrets/db_1", "password: /run/secrets/db_1", "passwordSecretRef:\n  key: password-1", "password: vault:secret/data/db#password1", "secret: arn:aws:secretsmanager:eu-1:1:secret:a-1b",
		"ok 12 pass: 10 fail: 2", "pass: 12", "compass: N45E", "bypass = 0x1F2e", "The password is required in 2 places.", "the secret is stored as SHA-256 in v1.2.3", "secret version 3f2b9c1d-0a4e-4b5c-8d6e-7f8091a2b3c4",
		"--password-stdin", "echo $PASSWORD | docker login --password-stdin", "kubectl create secret generic db-1 --from-literal=a=b", "docker login -u $USER -p $PASSWORD", "mysql -u root -p shop",
		"password = input(\"Password 1: \")", "SECRET_KEY = config('SECRET_KEY')", "secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>", "rule: '^[a-z]{8,}$' # password", "GET /reset-password?step=2&lang=en-1",
		"// ErrPassword: the password is wrong (see RFC-7617 §2).", "keyPassword = \"user.password.v2\"", "existingSecret: \"myapp-postgresql-v2\"", "\"webhook_secret\": \"HMAC-SHA256-Secret\"", "db_secret = \"prod/db/Password_v2\"",
		"pass := l.Password[:min(72, len(l.Password))]", "UPDATE users SET password = crypt($1, gen_salt('bf', 12))", "'password' => 'required|string|min:8|confirmed',", "\"password\": \"Contraseña:*\"",
		"INVALID_PASSWORD: E1042", "jwtSecret: sm://prod/jwt-secret-2", "PASSWORD: ${PASSWORD:?error}", "PASSWORD: ${PASSWORD:-${DEFAULT_PASSWORD_1}}", "PASSWORD: ${PASSWORD:-root}",
		"  password:\n    $ref: '#/components/schemas/Password1'\n", "password:\n  - required\n  - min:8\n", "password:\n  errors.password_1:\n", "password: string = ''", "password: Optional[str] = None # 1.2",
	} {
		if out, _ := s.Text(text, TextOptions{}); out != text {
			t.Errorf("Text(%q) = %q", text, out)
		}
	}
}

func TestKubernetesSecretsWithBracesInThem(t *testing.T) {
	t.Parallel()
	in := `{"kind":"Secret","stringData":{"config":"{\"level\":1}","url":"db1-int9"},"type":"Opaque1"}`
	out, _ := scrubber(t).Text(in, TextOptions{})
	if strings.Contains(out, "db1-int9") || strings.Contains(out, "level") || !strings.Contains(out, "Opaque1") {
		t.Errorf("%q", out)
	}
}

func TestKubernetesSecretsInAllTheirEntries(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	in := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  labels:\n    tier: backend\nstringData:\n  url: \"db1-int\"\n  port: '5432'\n  cert: |\n    line 1 of it\n    line 2 of it\n  tpl: {{ .Values.x }}\ntype: Opaque\n---\nkind: ConfigMap\ndata:\n  url: stays-here-1\n"
	const cut = "[redacted:kubernetes-secret-entry]"
	want := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  labels:\n    tier: backend\nstringData:\n  url: \"" + cut + "\"\n  port: '" + cut + "'\n  cert: |\n    " + cut + "\n    " + cut + "\n  tpl: {{ .Values.x }}\ntype: Opaque\n---\nkind: ConfigMap\ndata:\n  url: stays-here-1\n"
	if out, _ := s.Text(in, TextOptions{}); out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

// FuzzOwnMatchers holds what no rule is about to the text: findings lie in it, cut no
// character in two, and are none any more once they were cut.
func FuzzOwnMatchers(f *testing.F) {
	for _, seed := range []string{
		"password: " + pw, "kind: Secret\ndata:\n  a: b\n", `{"kty":"EC","d":"` + strings.Repeat("aB3_", 10) + `"}`, "Cookie: a=" + long + "; b=c", "Authorization: X " + long,
		strings.Repeat("aB3+", 16) + "\n" + strings.Repeat("cD4/", 16) + "\n" + strings.Repeat("eF5k", 16), "MTA1.abcdef.x", "| password | é |", "<password>é</password>", "pwd=\\\"é",
	} {
		f.Add(seed)
	}
	s := scrubber(f)
	f.Fuzz(func(t *testing.T, text string) {
		text = validUTF8(nil, text)
		for _, found := range s.working(len(text)).findAlso(text, nil) {
			if found.Start < 0 || found.End > len(text) || found.Start >= found.End || !utf8.ValidString(text[found.Start:found.End]) {
				t.Errorf("%+v in %q", found, text)
			}
		}
		if out, report := s.Text(text, TextOptions{}); report.Withheld == 0 {
			if again, _ := s.Text(out, TextOptions{}); again != out {
				t.Errorf("%q, then %q", out, again)
			}
		}
	})
}
