package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"aegis/internal/app"
	"aegis/internal/operatorfile"

	"github.com/spf13/pflag"
)

// setting is one row of the configuration: a flag, the variables that stand
// for it, and what it is for. Values come from the flag, else from the first
// variable that is set and not empty.
type setting struct {
	flag    string // "" if argv must not hold it
	env     []string
	help    string
	boolean bool
	list    bool
	secret  bool // the value itself is one
}

const (
	giteaURL     = "gitea-url"
	giteaToken   = "gitea-token" // environment only
	tokenFile    = "gitea-token-file"
	tokenCommand = "gitea-token-command" // environment only
	insecureHTTP = "insecure-http"
	policyFile   = app.PolicySetting
	auditLog     = app.AuditLogSetting
	auditMaxSize = "audit-max-size"
	auditKeep    = "audit-keep"
	auditTexts   = "audit-keep-approvals"
	checkpointTo = "audit-checkpoint-to"
	checkpointBy = "audit-checkpoint-key"
	checkpointAt = "audit-checkpoint-every"
	writeMode    = "write"
	writeRepo    = "write-repo"
	caFile       = "ca-file"
	timeout      = "timeout"
	askTimeout   = "approval-timeout"
	secretsFile  = app.SecretsSetting
	gitleaksFile = app.GitleaksSetting
	logLevel     = "log-level"
	killSwitch   = "kill-switch"
	keysFile     = "keys"

	apiKeys       = "api-keys" // environment only
	listen        = "listen"
	listenHost    = "listen-host" // environment only, like the port
	listenPort    = "listen-port"
	tlsCert       = "tls-cert"
	tlsKey        = "tls-key"
	insecureBind  = "insecure-bind"
	host          = "host"
	trustedProxy  = "trusted-proxy"
	ratePerIP     = "rate-per-ip"
	ratePerKey    = "rate-per-key"
	maxFailures   = "max-auth-failures"
	failureWindow = "auth-failure-window"
	stateFile     = app.StateSetting
	drain         = "drain"
	noAuth        = "no-auth"
	adminListen   = "admin-listen"
	adminInsecure = "admin-insecure-bind"
	metricsFile   = "metrics-file"

	automate = "automation"
	jobsFile = app.JobsSetting
)

var allSettings = map[string]setting{
	giteaURL:     {flag: giteaURL, env: []string{"GITEA_URL", "GITEA_HOST"}, help: "address of Gitea, such as https://git.example.org"},
	giteaToken:   {env: []string{"GITEA_TOKEN", "GITEA_ACCESS_TOKEN"}, help: "access token; anonymous without one", secret: true},
	tokenFile:    {env: []string{"GITEA_TOKEN_FILE"}, help: "file that holds the access token alone"},
	tokenCommand: {env: []string{"GITEA_TOKEN_COMMAND"}, help: "command that prints the access token alone, such as: pass show gitea"},
	insecureHTTP: {flag: insecureHTTP, boolean: true, help: "allow http:// to an address that is not loopback; the token travels in the clear"},
	policyFile:   {flag: policyFile, env: []string{"POLICY_FILE_PATH"}, help: "policy file (default $XDG_CONFIG_HOME/aegis/policy.yaml, else the built-in policy)"},
	auditLog:     {flag: auditLog, env: []string{"AUDIT_LOG_PATH"}, help: "audit log (default $XDG_STATE_HOME/aegis/audit.jsonl)"},
	auditMaxSize: {flag: auditMaxSize, env: []string{"AEGIS_AUDIT_MAX_SIZE"}, help: "size at which the audit log is rotated, like 100MB (the default); 0 is never"},
	auditKeep:    {flag: auditKeep, env: []string{"AEGIS_AUDIT_KEEP"}, help: "time that rotated files are kept, like 90d (the default); 0 keeps them all"},
	auditTexts:   {flag: auditTexts, env: []string{"AEGIS_AUDIT_KEEP_APPROVALS"}, boolean: true, help: "keep the texts that humans approve, scrubbed, beside the audit log; it has their hashes in any case"},
	checkpointTo: {flag: checkpointTo, env: []string{"AEGIS_AUDIT_CHECKPOINT_TO"}, help: "where checkpoints of the audit log go besides: a file to add them to, an https:// address, syslog, or exec: and a command"},
	checkpointBy: {flag: checkpointBy, env: []string{"AEGIS_AUDIT_CHECKPOINT_KEY"}, help: "file of the key that signs checkpoints (default beside the audit log)"},
	checkpointAt: {flag: checkpointAt, env: []string{"AEGIS_AUDIT_CHECKPOINT_EVERY"}, help: "entries, or time of activity, after which the audit log makes a checkpoint, like 1000,1h (the default)"},
	writeMode:    {flag: writeMode, env: []string{"WRITE_MODE"}, boolean: true, help: "turn write mode on"},
	writeRepo:    {flag: writeRepo, env: []string{"WRITE_REPOSITORY_WHITELIST"}, list: true, help: "repository that may be written to, exact owner/name; repeatable"},
	caFile:       {flag: caFile, env: []string{"GITEA_CA_FILE"}, help: "PEM file with the certificate authority of Gitea"},
	timeout:      {flag: timeout, env: []string{"GITEA_TIMEOUT"}, help: "time a call may take (default 30s)"},
	askTimeout:   {flag: askTimeout, env: []string{"AEGIS_APPROVAL_TIMEOUT"}, help: "time a human may take to approve a call (default 55s)"},
	gitleaksFile: {flag: gitleaksFile, env: []string{"AEGIS_GITLEAKS_CONFIG"}, help: "gitleaks configuration with more rules"},
	secretsFile:  {flag: secretsFile, env: []string{"AEGIS_SECRETS_FILE"}, help: "file with more values to redact, one a line"},
	logLevel:     {flag: logLevel, env: []string{"LOG_LEVEL"}, help: "trace, debug, info, warn or error (default info)"},
	keysFile:     {flag: keysFile, env: []string{"AEGIS_KEYS_FILE"}, help: "file of the keys that callers come with (default $XDG_CONFIG_HOME/aegis/keys.yaml)"},
	killSwitch:   {flag: killSwitch, env: []string{"AEGIS_KILL_SWITCH"}, help: "file that denies every call while it exists (default $XDG_STATE_HOME/aegis/STOP)"},

	apiKeys:       {env: []string{"MCP_API_KEYS"}, help: "keys besides the file's, with commas between them; for those who have them already", secret: true},
	listen:        {flag: listen, env: []string{"AEGIS_LISTEN"}, help: "address to serve at (default 127.0.0.1:8080)"},
	listenHost:    {env: []string{"MCP_HOST"}, help: "host to serve at, where there is no --listen"},
	listenPort:    {env: []string{"MCP_PORT"}, help: "port to serve at, where there is no --listen"},
	tlsCert:       {flag: tlsCert, env: []string{"AEGIS_TLS_CERT"}, help: "PEM file with the certificate and what leads to its authority; read again when it changes"},
	tlsKey:        {flag: tlsKey, env: []string{"AEGIS_TLS_KEY"}, help: "PEM file with the certificate's key"},
	insecureBind:  {flag: insecureBind, env: []string{"ALLOW_INSECURE_BIND"}, boolean: true, help: "serve beyond this machine without TLS; keys travel in the clear unless a proxy has TLS"},
	host:          {flag: host, env: []string{"AEGIS_HOSTS"}, list: true, help: "name by which clients reach the server, besides its address; repeatable"},
	trustedProxy:  {flag: trustedProxy, env: []string{"AEGIS_TRUSTED_PROXIES"}, list: true, help: "network of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; repeatable"},
	ratePerIP:     {flag: ratePerIP, env: []string{"AEGIS_RATE_PER_IP"}, help: "requests with a key that an address may make a minute; of IPv6 a /64 (default 0, unlimited)"},
	ratePerKey:    {flag: ratePerKey, env: []string{"AEGIS_RATE_PER_KEY"}, help: "requests that a key may make a minute (default 600; 0 is unlimited)"},
	maxFailures:   {flag: maxFailures, env: []string{"MAX_AUTH_FAILURES"}, help: "requests without a valid key that an address may make, before it has to wait (default 5)"},
	failureWindow: {flag: failureWindow, env: []string{"AUTH_FAILURE_WINDOW"}, help: "time in which it may make them, like 5m, or in seconds (default 300)"},
	stateFile:     {flag: stateFile, env: []string{"AEGIS_STATE"}, help: "file of what is to be known after a restart (default $XDG_STATE_HOME/aegis/state.db)"},
	drain:         {flag: drain, env: []string{"AEGIS_DRAIN"}, help: "time that running calls get when the server ends (default 10s)"},
	adminListen:   {flag: adminListen, env: []string{"AEGIS_ADMIN_LISTEN"}, help: "address of /metrics, /healthz and /readyz (default 127.0.0.1:9464; off for none)"},
	adminInsecure: {flag: adminInsecure, env: []string{"AEGIS_ADMIN_INSECURE_BIND"}, boolean: true, help: "tell them beyond this machine: whoever reaches that address may read them"},
	metricsFile:   {flag: metricsFile, env: []string{"AEGIS_METRICS_FILE"}, help: "file to count in, for the textfile collector of Prometheus' node exporter; its name ends in .prom"},
	noAuth:        {flag: noAuth, boolean: true, help: "for development, on loopback alone: serve whoever asks, without keys"},

	automate: {flag: automate, env: []string{"AUTOMATION_ENABLED"}, boolean: true, help: "run the jobs of the jobs file: take webhooks at /hooks/gitea, and keep schedules"},
	jobsFile: {flag: jobsFile, env: []string{"AEGIS_JOBS_FILE"}, help: "file of the jobs; without --automation it is not even read"},
}

// settings are the values of this run.
type settings struct {
	lookup func(string) (string, bool)
	flags  *pflag.FlagSet
}

func newSettings(lookup func(string) (string, bool)) *settings { return &settings{lookup: lookup} }

// define adds a flag for each setting that has one.
func (s *settings) define(flags *pflag.FlagSet) {
	s.flags = flags
	for _, row := range allSettings {
		help := row.help
		if len(row.env) > 0 {
			help += " [" + strings.Join(row.env, ", ") + "]"
		}
		switch {
		case row.flag == "":
		case row.boolean:
			flags.Bool(row.flag, false, help)
		case row.list:
			flags.StringArray(row.flag, nil, help)
		default:
			flags.String(row.flag, "", help)
		}
	}
}

// value returns a setting's value and where it comes from, for errors: the flag
// and the variable. An empty value is none.
func (s *settings) value(name string) (value, source string, err error) {
	row := allSettings[name]
	if row.flag != "" && s.flags.Changed(row.flag) {
		value, source = s.flags.Lookup(row.flag).Value.String(), row.source("")
	} else {
		for _, variable := range row.env {
			if found, _ := s.lookup(variable); found != "" {
				value, source = found, row.source(variable)
				break
			}
		}
	}
	if operatorfile.Placeholder(value) != "" {
		return "", source, fmt.Errorf("%s is still a placeholder (${…}): the variable in it was never set; set it, or remove it from the client's configuration", source)
	}
	if strings.Contains(value, "://") && name != giteaURL && name != checkpointTo && !row.secret {
		return "", source, fmt.Errorf("%s is an address, which is not shown, for it may hold a password; this setting takes none", source)
	}
	if isFile(name) {
		value, err = s.atHome(value, source)
	}
	return value, source, err
}

// isFile reports whether a setting names a file.
func isFile(name string) bool {
	switch name {
	case tokenFile, policyFile, auditLog, caFile, secretsFile, gitleaksFile, killSwitch, keysFile, stateFile, tlsCert, tlsKey, metricsFile, jobsFile, checkpointBy:
		return true
	}
	return false
}

// atHome is a file's name with ~ for the home folder, as a shell would have it: a client
// starts aegis without one.
func (s *settings) atHome(name, source string) (string, error) {
	if !strings.HasPrefix(name, "~") {
		return name, nil
	}
	rest := strings.TrimPrefix(name, "~")
	if rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return "", fmt.Errorf("%s begins with ~ and a name, and no shell is here to know whose home folder that is; write the whole path", source)
	}
	home, err := homeFolder()
	if err != nil {
		return "", fmt.Errorf("%s begins with ~, and there is no home folder; write the whole path", source)
	}
	return filepath.Join(home, rest), nil
}

// source tells where a value comes from, the variable or, if that is "", the
// flag, and what else could have given it.
func (row setting) source(variable string) string {
	switch {
	case row.flag == "":
		return variable
	case variable != "":
		return variable + " (--" + row.flag + ")"
	case len(row.env) == 0:
		return "--" + row.flag
	}
	return "--" + row.flag + " (" + row.env[0] + ")"
}

// wrong is the error of a setting whose value will not do.
func wrong(source, format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf("%s: %s", source, fmt.Sprintf(format, args...))}
}

// names tells how a setting can be given, for errors about its absence.
func names(name string) string {
	row := allSettings[name]
	all := row.env
	if row.flag != "" {
		all = append([]string{"--" + row.flag}, all...)
	}
	return strings.Join(all, " or ")
}
