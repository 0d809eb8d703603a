package corpus

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// templated makes a case of a text in which § stands for a secret.
func templated(name, text string, secret func(*rand.Rand) string) Case {
	return Case{name, func(r *rand.Rand) (string, string) {
		value := secret(r)
		return strings.ReplaceAll(text, "§", value), value
	}}
}

// password makes passwords without the characters in not.
func password(not string) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return policyPassword(r, not) }
}

// random makes values of a format.
func random(format string) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return filled(r, format) }
}

// positionCases are passwords that their place alone gives away.
func positionCases() []Case {
	const url = "\"'`\\<>/?#@:[]{}|^% &$"
	return []Case{
		templated(".netrc", "machine gitea.example login me password §\n", password("\"'`\\#")),
		templated(".netrc, in lines", "machine gitea.example\n  login me\n  password §\n", password("\"'`\\#")),
		templated(".pgpass", "db.internal:5432:app:app:§\n", password("\\:\"'`")),
		templated(".pgpass, any database", "db.internal:5432:*:app:§\n", password("\\:\"'`")),
		templated("mysql -p", "mysql -h db -u app -p§ shop\n", password("\"'`\\$&|;<>()*!#~?{}[] ")),
		templated("mysqldump -p, quoted", "mysqldump -u app -p'§' shop > shop.sql\n", password("'")),
		templated("sshpass", "sshpass -p '§' ssh me@h\n", password("'")),
		templated("docker login", "docker login -u me -p § registry.example\n", password("\"'`\\$&|;<>()*!#~?{}[]-")),
		templated("redis-cli", "redis-cli -h cache -a § ping\n", password("\"'`\\$&|;<>()*!#~?{}[]-")),
		templated("ldapsearch", "ldapsearch -D cn=admin -w '§' -b dc=example\n", password("'")),
		templated("curl -u", "curl -u 'me:§' https://api.example\n", password("'")),
		templated("mongo", "mongosh --host h -u app -p '§'\n", password("'")),
		templated("sqlplus", "sqlplus app/§@orcl\n", password("\"'`\\$&|;<>()*!#~?{}[]/@")),
		templated("JDBC, Oracle", "url=jdbc:oracle:thin:app/§@//db:1521/x\n", password(url)),
		templated("Go, MySQL", "dsn := \"app:§@tcp(db:3306)/shop\"\n", password(url+"()")),
		templated("URL", "DATABASE_URL=postgres://app:§@db:5432/app\n", password(url)),
		templated("URL, Redis", "redis://:§@cache:6379/0\n", password(url)),
		templated("URL, in YAML", "url: \"amqp://app:§@mq/v\"\n", password(url)),
		templated("htpasswd", "htpasswd -b .htpasswd me '§'\n", password("'")),
		templated("openssl", "openssl rsa -in k.pem -passin pass:§\n", password("\"'`\\$&|;<>()*!#~?{}[] ")),
		templated("echo into stdin", "echo '§' | docker login -u me --password-stdin\n", password("'")),
		templated("keytool", "keytool -list -keystore k.jks -storepass '§'\n", password("'")),
		templated("zip", "7z x -p'§' a.7z\n", password("'")),
	}
}

// base64Lines are the lines of n random bytes in base64, width characters each.
func base64Lines(r *rand.Rand, n, width int) string {
	return lines(base64.StdEncoding.EncodeToString(octets(r, n)), width)
}

// keyCases are keys, whole and in part. Their secret is a line in their midst.
func keyCases() []Case {
	key := func(name, text string, width, n int) Case {
		return Case{name, func(r *rand.Rand) (string, string) {
			body := base64Lines(r, n, width)
			middle := strings.Split(body, "\n")[strings.Count(body, "\n")/2]
			out := text
			for _, mark := range []struct{ mark, prefix string }{{"§+", "+"}, {"§-", "-"}, {"§>", "> "}, {"§_", " "}} {
				out = strings.ReplaceAll(out, mark.mark, prefixed(body, mark.prefix))
			}
			out = strings.ReplaceAll(out, "§n", strings.ReplaceAll(body, "\n", `\n`))
			return strings.ReplaceAll(out, "§", body), middle
		}}
	}
	value := func(name, text, format string) Case { return templated(name, text, random(format)) }
	const hunk = "@@ -10,6 +10,6 @@\n"
	return []Case{
		key("PEM, whole", "-----BEGIN RSA PRIVATE KEY-----\n§\n-----END RSA PRIVATE KEY-----\n", 64, 600),
		key("PEM, added in a diff", "@@ -0,0 +1,9 @@\n+-----BEGIN PRIVATE KEY-----\n§+\n+-----END PRIVATE KEY-----\n", 64, 600),
		key("PEM, cut behind", "-----BEGIN RSA PRIVATE KEY-----\n§", 64, 600),
		key("PEM, cut before", "§\n-----END RSA PRIVATE KEY-----\n", 64, 600),
		key("the middle of a PEM, in a hunk", hunk+"§+\n", 64, 400),
		key("the middle of a PEM, taken away", hunk+"§-\n", 64, 400),
		key("the middle of a PEM, around a change", hunk+"§_\n", 64, 400),
		key("the middle of a PEM, in a cut", "§\n", 64, 600),
		key("the middle of a PEM, quoted", "I get this:\n\n§>\n", 64, 400),
		key("the middle of an OpenSSH key", "§\n", 70, 600),
		key("the middle of lines of 76", hunk+"§+\n", 76, 600),
		key("PEM in JSON", "{\"key\":\"-----BEGIN PRIVATE KEY-----\\n§n\\n-----END PRIVATE KEY-----\\n\"}", 64, 600),
		key("PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: me\nPublic-Lines: 1\nAAAAB3Nza\nPrivate-Lines: 8\n§\nPrivate-MAC: 00\n", 64, 350),
		key("SSH2", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"me\"\n§\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", 70, 400),
		key("OpenSSH in a Kubernetes Secret", "apiVersion: v1\nkind: Secret\nstringData:\n  id_ed25519: |\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    §\n    -----END OPENSSH PRIVATE KEY-----\n", 70, 300),
		value("JSON Web Key, EC", `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"§"}`, "{W43}"),
		value("JSON Web Key, members in another order", `{"d":"§","crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "{W43}"),
		value("JSON Web Key, symmetric", "{\n  \"kty\": \"oct\",\n  \"alg\": \"HS256\",\n  \"k\": \"§\"\n}\n", "{W86}"),
		value("JSON Web Key, a prime", `{"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZpt","d":"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9","p":"§"}`, "{W171}"),
		value("otpauth", "otpauth://totp/acme:me?secret=§&issuer=acme\n", "{M32}"),
		value("WireGuard", "[Interface]\nPrivateKey = §\nAddress = 10.0.0.2/32\n", "{B43}="),
		value("OpenVPN", "-----BEGIN OpenVPN Static key V1-----\n0123456789abcdef0123456789abcdef\n§\n0123456789abcdef0123456789abcdef\nfedcba9876543210fedcba9876543210\n-----END OpenVPN Static key V1-----\n", "{h32}"),
		value("kubeconfig", "users:\n- name: me\n  user:\n    client-key-data: §\n", "{B200}"),
	}
}

// headerCases are what a browser or a client sends to be let in.
func headerCases() []Case {
	var cases []Case
	for _, scheme := range []string{"Bearer", "Basic", "token", "Token", "ApiKey", "Key", "Negotiate", "Digest", "GenieKey", "SSWS", "Splunk", "PVEAPIToken", "JWT"} {
		format := "{A40}"
		if scheme == "Basic" {
			cases = append(cases, templated("Authorization: Basic", "Authorization: Basic §\n", func(r *rand.Rand) string {
				return base64Std("deploy:" + policyPassword(r, ""))
			}))
			continue
		}
		cases = append(cases, templated("Authorization: "+scheme, "Authorization: "+scheme+" §\n", random(format)))
	}
	return append(cases,
		templated("Authorization without a scheme", "Authorization: §\n", random("{A40}")),
		templated("Authorization, in JSON", `{"headers":{"Authorization":"ApiKey §"}}`, random("{A32}==")),
		templated("Authorization, in curl", "curl -H 'Authorization: SSWS §' https://api.example\n", random("{A42}")),
		templated("Proxy-Authorization", "Proxy-Authorization: Bearer §\n", random("{W40}")),
		templated("AWS signature", "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20250102/eu/s3/aws4_request, SignedHeaders=host, Signature=§\n", random("{h64}")),
		templated("PRIVATE-TOKEN", "PRIVATE-TOKEN: §\n", random("{A20}")),
		templated("X-Api-Key", "X-Api-Key: §\n", random("{A40}")),
		templated("X-Auth-Token", "x-auth-token: §\n", random("{h32}")),
		templated("Cookie of Gitea", "Cookie: lang=en-US; i_like_gitea=§; _csrf=x\n", random("{h16}")),
		templated("Set-Cookie of Gitea", "Set-Cookie: i_like_gitea=§; Path=/; HttpOnly\n", random("{h16}")),
		templated("Cookie of anything", "Cookie: theme=dark; sid=§\n", random("{A32}")),
		templated("Set-Cookie", "set-cookie: auth=§; Path=/; Secure\n", random("{W40}")),
		templated("Cookie, in curl", "curl -b 'session=§' https://h\n", random("{A32}")),
		templated("Cookie, in JSON", `{"cookie":"sid=§"}`, random("{A32}")),
		templated("PHP session", "PHPSESSID=§; path=/\n", random("{l26}")),
		templated("Java session", "JSESSIONID=§; Path=/\n", random("{U32}")),
		templated("Django session", "sessionid=§; csrftoken=x\n", random("{l32}")),
	)
}

// frameworkCases are secrets that a framework or a platform has in a place of its own.
func frameworkCases() []Case {
	cases := []Case{
		templated("Django", "SECRET_KEY = 'django-insecure-§'\n", password("'\\")),
		templated("Django, made by hand", "SECRET_KEY = '§'\n", random("{l20}!{l14}@{l13}")),
		templated("Laravel", "APP_KEY=base64:§\n", random("{B43}=")),
		templated("Rails", "production:\n  secret_key_base: §\n", random("{h128}")),
		templated("Rails, master key", "RAILS_MASTER_KEY=§\n", random("{h32}")),
		templated("Flask", "app.secret_key = b'§'\n", password("'\\")),
		templated("Flask, config", "app.config['SECRET_KEY'] = '§'\n", random("{h32}")),
		templated("Express", "app.use(session({ secret: '§', resave: false }))\n", random("{A32}")),
		templated("JWT secret", "JWT_SECRET=§\n", random("{A40}")),
		templated("NextAuth", "NEXTAUTH_SECRET=\"§\"\n", random("{B43}=")),
		templated("WordPress, key", "define( 'AUTH_KEY',         '§' );\n", password("'\\")),
		templated("WordPress, salt", "define('NONCE_SALT', '§');\n", password("'\\")),
		templated("OAuth, client secret", "client_secret: §\n", random("{A40}")),
		templated("OAuth, in JSON", `{"client_id":"acme","client_secret":"§"}`, random("{W32}")),
		templated("Gitea, app.ini", "[security]\nSECRET_KEY = §\nINTERNAL_TOKEN = x\n", random("{A64}")),
		templated("Gitea, mailer", "[mailer]\nPASSWD = `§`\n", password("`")),
		templated("Gitea, runner registration", "act_runner register --instance https://gitea.example --token § --name r\n", random("{A40}")),
		templated("Gitea, a new token", "Access token was successfully created: §\n", random("{h40}")),
		templated("Gitea's Go SDK", "c.SetToken(\"§\")\n", random("{h40}")),
		templated("Gitea token in a setting", "GITEA_TOKEN=§\n", random("{h40}")),
		templated("our own key", "key: §\n", random("aegis_{A39}")),
		templated("Docker's config.json", `{"auths":{"registry.example":{"auth":"§"}}}`, func(r *rand.Rand) string { return base64Std("deploy:" + policyPassword(r, "")) }),
	}
	for _, kind := range []string{"data", "stringData"} {
		for n := 1; n <= 8; n++ {
			text := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n" + kind + ":\n"
			for i := 1; i < n; i++ {
				text += fmt.Sprintf("  entry%d: bm9uZSBvZiB5b3VyIGJ1c2luZXNz\n", i)
			}
			text += "  other: §\n"
			format := "{B32}"
			if kind == "stringData" {
				format = "{A9}!{A9}"
			}
			cases = append(cases, templated(fmt.Sprintf("Kubernetes Secret, %s, entry %d", kind, n), text, random(format)))
		}
	}
	return append(cases,
		templated("Kubernetes Secret, kind last", "apiVersion: v1\ndata:\n  a: eA==\n  other: §\nkind: Secret\n", random("{B32}")),
		templated("Kubernetes Secret, in JSON", `{"apiVersion":"v1","kind":"Secret","data":{"a":"eA==","b":"§"}}`, random("{B32}")),
		templated("Kubernetes Secret, in a diff", "@@ -1,6 +1,7 @@\n apiVersion: v1\n kind: Secret\n data:\n   a: eA==\n+  other: §\n", random("{B32}")),
		templated("Kubernetes Secret, quoted", "kind: Secret\nstringData:\n  a: x\n  other: \"§\"\n", random("{A9}#{A9}")),
	)
}

// againCases are values that a text gives away once and shows again.
func againCases() []Case {
	const again = "\n\nIf that fails, try § by hand, or (§).\n"
	return []Case{
		templated("a token", "GITEA_TOKEN=§"+again, random("{h40}")),
		templated("a password", "db:\n  password: \"§\"\n"+again, password("\"'`\\$<>{}")),
		templated("in a URL", "postgres://app:§@db/app"+again, password("\"'`\\<>/?#@:[]{}|^% &$")),
		templated("in a header", "Authorization: Bearer §"+again, random("{A40}")),
		templated("in a flag", "tool --password '§'"+again, password("'$<>")),
		templated("a token of a provider, in part of a word", "GITHUB_TOKEN=§\n\nx§y\n", random("ghp_{A36}")),
		templated("before it is given away", "Use §.\n\npassword: '§'\n", password("'`\"\\$<>{}")),
	}
}
