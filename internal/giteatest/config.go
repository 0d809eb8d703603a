package giteatest

import "strings"

// internalKey is every key Gitea needs: 32 bytes in base64. A throw-away server
// needs no better, and a snapshot of one needs a constant.
var internalKey = strings.Repeat("A", 43)

// config is app.ini with {placeholders}. Paging and size limits are Gitea's
// defaults on purpose: tests should meet the server users have.
const config = `APP_NAME = Test forge
RUN_MODE = prod
RUN_USER = {user}
WORK_PATH = {folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
LOCAL_ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {static}
APP_DATA_PATH = {folder}/data
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = true
LFS_JWT_SECRET = {key}

[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
SQLITE_JOURNAL_MODE = WAL
LOG_SQL = false

[repository]
ROOT = {folder}/repositories
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
SECRET_KEY = {key}
INTERNAL_TOKEN = {key}
PASSWORD_HASH_ALGO = pbkdf2$1$50

[oauth2]
JWT_SECRET = {key}

[service]
DISABLE_REGISTRATION = true
ENABLE_NOTIFY_MAIL = false
NO_REPLY_ADDRESS = noreply.invalid

[mailer]
ENABLED = false

[session]
PROVIDER = memory

[indexer]
ISSUE_INDEXER_TYPE = db

[queue]
TYPE = channel

[cron]
ENABLED = false

[cron.update_mirrors]
ENABLED = false

[cron.repo_health_check]
ENABLED = false

[cron.check_repo_stats]
ENABLED = false

[cron.archive_cleanup]
ENABLED = false

[cron.sync_external_users]
ENABLED = false

[cron.deleted_branches_cleanup]
ENABLED = false

[cron.update_migration_poster_id]
ENABLED = false

[cron.cleanup_hook_task_table]
ENABLED = false

[cron.cleanup_packages]
ENABLED = false

[cron.cleanup_actions]
ENABLED = false

[cron.update_checker]
ENABLED = false

[webhook]
ALLOWED_HOST_LIST = loopback

[actions]
ENABLED = true
DEFAULT_ACTIONS_URL = self

[federation]
ENABLED = false

[log]
MODE = console
LEVEL = Warn
ROOT_PATH = {folder}/log
logger.access.MODE = requests
REQUEST_ID_HEADERS = X-Request-Id
ACCESS_LOG_TEMPLATE = ` + "`" + `{{.Ctx.RemoteHost}} {{.RequestID}} {{.Ctx.Req.Header.Get "Traceparent"}} "{{.Ctx.Req.Method}} {{.Ctx.Req.URL.RequestURI}} {{.Ctx.Req.Proto}}" {{.ResponseWriter.Status}} "{{.Ctx.Req.UserAgent}}"` + "`" + `

[log.requests]
MODE = file
LEVEL = Info
FILE_NAME = {folder}/requests.log
LOG_ROTATE = false
`
