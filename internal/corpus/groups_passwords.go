package corpus

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

const (
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits       = "0123456789"
	// specials are the special characters of OWASP's list, without the space.
	specials = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// policyPassword makes a password as an ordinary policy wants it: 14 to 20
// characters, at random, of each of four classes at least one. None of those in not
// is in it: a place has none that it would have to escape.
func policyPassword(r *rand.Rand, not string) string {
	marks := without(specials, not)
	n := 14 + r.IntN(7)
	all := lowerLetters + upperLetters + digits + marks
	password := make([]byte, n)
	for i := range password {
		password[i] = all[r.IntN(len(all))]
	}
	for i, class := range []string{lowerLetters, upperLetters, digits, marks} {
		password[i] = class[r.IntN(len(class))]
	}
	r.Shuffle(n, func(i, j int) { password[i], password[j] = password[j], password[i] })
	return string(password)
}

// humanPassword makes what passes the same policy and can be remembered: two words,
// a year or another number, and a mark.
func humanPassword(r *rand.Rand, not string) string {
	words := []string{"Summer", "winter", "Tiger", "coffee", "Berlin", "rocket", "Falcon", "dragon", "purple", "Monkey", "garden", "Silver", "thunder", "Pepper", "ocean", "Maple"}
	marks := without("!@#$%&*+?_-.", not)
	mark := string(marks[r.IntN(len(marks))])
	word := words[r.IntN(len(words))]
	first := strings.ToUpper(word[:1]) + word[1:]
	return first + mark + words[r.IntN(len(words))] + strconv.Itoa(10+r.IntN(2015)) + string(marks[r.IntN(len(marks))])
}

func without(all, not string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(not, c) {
			return -1
		}
		return c
	}, all)
}

// A settingPlace is a place where people write a password beside its name. § stands
// for the password, and NAME for a name.
type settingPlace struct {
	name, text string
	not        string // characters that would have to be escaped there
	names      []string
}

var (
	envNames   = []string{"DB_PASSWORD", "MYSQL_ROOT_PASSWORD", "PGPASSWORD", "REDIS_PASS", "ADMIN_PWD", "SMTP_PASSWD", "KEY_PASSPHRASE"}
	lowerNames = []string{"password", "db_password", "admin_pass", "passwd", "smtp-password", "ssl.keystore.password", "passphrase", "pwd"}
	camelNames = []string{"password", "dbPassword", "adminPass", "userPwd", "keyPassphrase"}
)

const (
	inQuotes = "\"\\$`{}"
	bare     = "\"'`\\#$,;{}[]<>&|*!%@: "
)

var settingPlaces = []settingPlace{
	{"YAML", "db:\n  host: h\n  NAME: §\n  port: 1\n", "\"'`#$%&*,:?@[]{}|>!<=\\-;", lowerNames},
	{"YAML, quoted", "db:\n  host: h\n  NAME: \"§\"\n  port: 1\n", inQuotes, lowerNames},
	{"YAML, single quotes", "db:\n  NAME: '§'\n", "'$", lowerNames},
	{"JSON", "{\n  \"user\": \"app\",\n  \"NAME\": \"§\",\n  \"port\": 1\n}\n", inQuotes, camelNames},
	{"JSON on one line", "{\"user\":\"app\",\"NAME\":\"§\",\"port\":1}", inQuotes, camelNames},
	{"JSON in JSON", "{\"body\":\"{\\\"NAME\\\":\\\"§\\\"}\"}", inQuotes, camelNames},
	{".env", "HOST=h\nNAME=§\nPORT=1\n", "\"'`\\#$ ", envNames},
	{".env, quoted", "HOST=h\nNAME=\"§\"\nPORT=1\n", inQuotes, envNames},
	{"shell", "export NAME='§'\n", "'$", envNames},
	{"compose, a list", "    environment:\n      - HOST=h\n      - NAME=§\n      - PORT=1\n", "\"'`\\#$ ", envNames},
	{"compose, a map", "    environment:\n      HOST: h\n      NAME: \"§\"\n", inQuotes, envNames},
	{"Dockerfile", "FROM alpine\nENV NAME=§\nRUN make\n", bare, envNames},
	{"Dockerfile, with a space", "FROM alpine\nENV NAME §\n", bare, envNames},
	{"ini", "[db]\nhost = h\nNAME = §\n", "\"'`\\#$;", lowerNames},
	{"toml", "[db]\nNAME = \"§\"\n", inQuotes, lowerNames},
	{"XML element", "<db><host>h</host><NAME>§</NAME></db>\n", "<>&\"$", []string{"password", "passwd", "dbPassword"}},
	{"XML attribute", "<bean><property name=\"NAME\" value=\"§\"/></bean>\n", "<>&\"$", lowerNames},
	{"XML attribute of its own", "<user name=\"app\" NAME=\"§\"/>\n", "<>&\"$", []string{"password", "pwd"}},
	{"plist", "<key>NAME</key>\n<string>§</string>\n", "<>&$", []string{"password", "Password"}},
	{"tfvars", "NAME = \"§\"\n", inQuotes, []string{"db_password", "admin_password"}},
	{"Terraform variable", "variable \"NAME\" {\n  type = string\n  default = \"§\"\n}\n", inQuotes, []string{"db_password", "master_password"}},
	{"Terraform state", "\"attributes\": {\"id\": \"db\", \"NAME\": \"§\", \"port\": 5432}\n", inQuotes, []string{"password", "master_password"}},
	{"properties", "spring.datasource.url=jdbc:x\nspring.datasource.NAME=§\n", "\"'`\\$#", []string{"password"}},
	{"logfmt", "time=12:00 level=info msg=connected user=app NAME=§ host=h\n", bare + "=?", lowerNames},
	{"log line", "2025-01-02 12:00:00 INFO login with NAME: § for app\n", "\"'`\\$|<> ", []string{"password", "passwd"}},
	{"SQL", "CREATE USER 'app'@'%' IDENTIFIED BY '§';\n", "'\\$", []string{""}},
	{"SQL, PASSWORD", "ALTER ROLE app WITH PASSWORD '§';\n", "'\\$", []string{""}},
	{"PHP define", "define('NAME', '§');\n", "'\\$", []string{"DB_PASSWORD"}},
	{"PHP array", "    'NAME' => '§',\n", "'\\$", []string{"password", "db_pass"}},
	{"Go", "\tcfg.NAME = \"§\"\n", inQuotes, []string{"Password", "DBPass", "AdminPassword"}},
	{"Go literal", "\treturn Config{User: \"app\", NAME: \"§\"}\n", inQuotes, []string{"Password", "SMTPPassword"}},
	{"Python", "connect(host='h', NAME='§', port=1)\n", "'\\${}", []string{"password", "passwd"}},
	{"JavaScript", "const NAME = '§';\n", "'\\${}", []string{"password", "dbPassword"}},
	{"environment in code", "os.environ[\"NAME\"] = \"§\"\n", inQuotes, envNames},
	{"a default in code", "getenv('NAME', '§')\n", "'\\${}", envNames},
	{"flag", "tool login --NAME § --host h\n", "\"'`\\$&|;<>()*!#~?{}[]-", []string{"password", "db-password", "passphrase"}},
	{"flag with =", "tool login --NAME=§ --host h\n", "\"'`\\$&|;<>()*!#~?{}[]-", []string{"password", "db-password", "passphrase"}},
	{"flag, quoted", "tool login --NAME '§'\n", "'$", []string{"password", "pass"}},
	{"environment of a command", "PGPASSWORD=§ psql -h h\n", bare + "()~?", []string{""}},
	{"connection string", "Server=h;Database=d;User Id=app;NAME=§;Encrypt=true\n", "\"'`;\\$", []string{"Password", "Pwd"}},
	{"query", "POST https://h/login?user=app&NAME=§&remember=1\n", "\"'`\\$&#%+<>[]{}|^;(),", []string{"password", "pwd", "passwd"}},
	{"Kubernetes, env", "        - name: NAME\n          value: \"§\"\n", inQuotes, envNames},
	{"ECS, env", "\"environment\": [{\"name\": \"NAME\", \"value\": \"§\"}]\n", inQuotes, envNames},
	{"Helm, --set", "helm install db bitnami/postgresql --set auth.NAME=§\n", bare + "()~?=", []string{"password", "postgresPassword"}},
	{"Markdown table", "| setting | value |\n|---|---|\n| NAME | § |\n", "|`*\\", []string{"password", "admin password", "Password"}},
	{"Markdown list", "- **NAME:** `§`\n", "`", []string{"Password", "password"}},
	{"prose, is", "The NAME is § for now.\n", "\"`<>|", []string{"password", "admin password", "passphrase"}},
	{"prose, for", "The NAME for staging is `§`, ask me for the rest.\n", "`", []string{"password", "root password"}},
	{"prose, colon", "user: app\nNAME: §\n", "\"`", []string{"Password", "password"}},
	{"HTML table", "<tr><td>NAME</td><td>§</td></tr>\n", "<>&", []string{"Password", "password"}},
	{"diff", "@@ -1,2 +1,2 @@\n host: h\n-NAME: old\n+NAME: §\n", "\"'`#$%&*,:?@[]{}|>!<=\\-;", lowerNames},
}

func passwordCases(password func(r *rand.Rand, not string) string) []Case {
	var cases []Case
	for _, p := range settingPlaces {
		cases = append(cases, Case{p.name, func(r *rand.Rand) (string, string) {
			secret := password(r, p.not)
			name := p.names[r.IntN(len(p.names))]
			return strings.ReplaceAll(strings.ReplaceAll(p.text, "NAME", name), "§", secret), secret
		}})
	}
	return cases
}
