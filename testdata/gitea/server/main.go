// Command server is Gitea, as its own main package makes it, with its cache of access tokens.
//
// A condition in Gitea 1.26's models/db.RegisterModel names the wrong list, so that it never
// makes that cache. Each request then costs it 10,000 rounds of PBKDF2, half of its whole
// time in the tests. Nothing of Gitea's source is changed.
package main

import (
	"log"
	"os"
	"time"
	_ "unsafe" // for the name of another package's variable

	"code.gitea.io/gitea/cmd"
	_ "code.gitea.io/gitea/models/auth"
	gitealog "code.gitea.io/gitea/modules/log"
	_ "code.gitea.io/gitea/modules/markup/asciicast"
	_ "code.gitea.io/gitea/modules/markup/console"
	_ "code.gitea.io/gitea/modules/markup/csv"
	_ "code.gitea.io/gitea/modules/markup/markdown"
	_ "code.gitea.io/gitea/modules/markup/orgmode"
	"code.gitea.io/gitea/modules/setting"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/urfave/cli/v3"
)

// cachedTokens is Gitea's own default of SUCCESSFUL_TOKENS_CACHE_SIZE.
const cachedTokens = 20

//go:linkname accessTokens code.gitea.io/gitea/models/auth.successfulAccessTokenCache
var accessTokens *lru.Cache[string, any]

func main() {
	var err error
	if accessTokens, err = lru.New[string, any](cachedTokens); err != nil {
		log.Fatal(err)
	}
	setting.AppVer = "development"
	setting.AppStartTime = time.Now().UTC()
	cli.OsExiter = func(code int) {
		gitealog.GetManager().Close()
		os.Exit(code)
	}
	_ = cmd.RunMainApp(cmd.NewMainApp(cmd.AppVersion{Version: setting.AppVer}), os.Args...) // it tells of its errors
	gitealog.GetManager().Close()
}
