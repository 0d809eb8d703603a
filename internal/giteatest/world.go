package giteatest

// World is what every server is seeded with. Names are constants of the seed;
// ids, commit ids and tokens are filled in. Who may read what:
//
//	             service-a  hr-people  people-copy  public-site  guild/*  cellar/*
//	Keeper       yes (site administrator: everything)
//	Reader       read       read       no           read         read     no
//	Writer       write      no         no           read         read     no
//	Forker       no         read       owner        read         read     no
//	Contractor   no         no         read         read         read     no
//	Outsider     no         no         no           read         read     no
//	nobody       no         no         no           read         no       no
type World struct {
	Keeper     User // site administrator, token of all scopes
	Reader     User // token may only read
	Writer     User // a developer of acme; the repositories for writing are named by its rights
	Colleague  User // another developer of acme, who writes where Writer does
	Forker     User // owns forker/people-copy, a fork of acme/hr-people
	Contractor User // reads forker/people-copy, but not the repository it was forked from
	Outsider   User // member of nothing; owns a fork of acme/public-site
	Recluse    User // a user of private visibility
	Neighbour  User // a user of limited visibility
	// ReaderPublicOnly is another token of Reader, limited to public things.
	ReaderPublicOnly string

	// Organisations, by visibility: acme public, guild limited, cellar private.
	// The organisation neworg was oldorg once.
	Acme, Guild, Cellar, NewOrg string

	ServiceA   Repo // acme/service-a, private: see Files, Issues, Secrets
	HRPeople   Repo // acme/hr-people, private
	PeopleCopy Repo // forker/people-copy: fork of HRPeople, with one commit more
	PeopleTwo  Repo // second/people-two: fork of PeopleCopy
	Branchy    Repo // acme/branchy: refs that look like others
	RenamedNew Repo // acme/renamed-new, formerly acme/renamed-old
	HRMoved    Repo // acme/hr-moved, formerly acme/public-face
	Moved      Repo // neworg/moved, formerly oldorg/moved
	Empty      Repo // acme/empty: no commit
	Archived   Repo // acme/archived
	PublicSite Repo // acme/public-site, public
	SiteFork   Repo // outsider/public-site: fork of PublicSite, with a pull request
	Handbook   Repo // guild/handbook: a public repository of a limited organisation
	Plans      Repo // cellar/plans: a public repository of a private organisation
	BigFile    Repo // acme/bigfile: holds big.txt of BigFileSize bytes
	ManyFiles  Repo // acme/manyfiles: ManyFilesCount files in src/NNN/

	// Where Writer may write, but for Ledger. All but Sandbox and WriterFork have
	// an issue 1, by Keeper.
	Sandbox     Repo // acme/sandbox, private, with a workflow
	Playground  Repo // acme/playground, private
	Noticeboard Repo // acme/noticeboard, public
	Workshop    Repo // guild/workshop: a public repository of a limited organisation
	Ledger      Repo // acme/ledger, private: Writer may only read
	WriterFork  Repo // writer/sandbox, private: Writer's own fork of Sandbox

	Files  Files   // paths in ServiceA
	Issues Issues  // numbers in ServiceA, unless said otherwise
	Plant  Secrets // what was planted as a secret
}

// User is a user with the token that tests use.
type User struct {
	ID       int64
	Name     string
	Password string
	Token    string // 40 hex digits
}

// Repo is a seeded repository.
type Repo struct {
	ID       int64
	FullName string            // owner/name
	Head     string            // commit id of the default branch, main; "" if empty
	Branches map[string]string // commit ids by branch
	Tags     map[string]string // commit ids by tag; of the commit, for annotated tags too
	// Objects are ids of other objects. ServiceA has "tree", "tree:secrets",
	// "blob:readme", "blob:prod", "tag:v1.0.0" (the tag object) and "first" (the
	// commit all began with); Branchy has the commits "first" and "second", and
	// "shadowed by a branch" and "shadowed by a tag": ids of commits that are names
	// of refs to another commit, too.
	Objects map[string]string
}

// Files are paths in ServiceA that deserve care. All are on main.
type Files struct {
	Source, Readme, Guide             string // harmless text
	Prod, Env, Key                    string // files that a policy would deny
	LinkToSecret, LinkToReadme        string // symlinks inside
	LinkDangling, LinkAbsolute        string // symlinks to nothing, to /etc/passwd
	LinkToFolder, LinkOutside         string // symlinks to secrets/, to ../../x
	Submodule, LFS, Binary            string
	NFD                               string // name in Unicode normal form D
	Spaces, Unicode, Dashed, Percent  string
	Empty, NoNewline, CRLF            string
	Latin1, UTF16, Large              string // Large is LargeSize bytes of source
	LeakyAWS, LeakyPEM, LeakyBase64   string
	LeakyAllowed, LeakyPAT, LeakySelf string // gitleaks:allow on its line; the Reader's own token
	Markers, Invisible                string // forged envelope markers; bidi and zero-width characters
}

// Issues are numbers of issues in ServiceA. There are OpenIssues open and
// ClosedIssues closed ones besides the pull requests.
type Issues struct {
	Plain        int64 // labels bug and help, milestone v1, assigned to Writer, with comments
	Marker       int64 // body forges an envelope's end
	Tagged       int64 // title holds tag characters
	Hidden       int64 // body holds zero-width characters and a hidden HTML comment
	TokenTitle   int64 // title holds the Reader's token
	KeyBody      int64 // body holds Secrets.AWS
	Long         int64 // body of 200 KB
	Closed       int64 // a closed one
	PullRequest  int64 // feature/x into main
	Injection    int64 // in PublicSite, by Outsider
	SitePull     int64 // in PublicSite, from Outsider's fork
	OpenIssues   int
	ClosedIssues int
}

// Secrets are values planted in ServiceA and its issues.
type Secrets struct {
	AWS    string // an AWS access key id
	PAT    string // a GitHub personal access token
	PEM    string // a private key of 40 lines
	Base64 string // an AWS access key id in base64
	// Allowed is a GitHub token on a line that says gitleaks:allow.
	Allowed string
	// Commit is a GitHub token in a commit message.
	Commit string
}

// Sizes of seeded things, in bytes unless they are counts.
const (
	LargeSize      = 5 << 20
	BigFileSize    = 60 << 20
	ManyFilesCount = 3000
	LongIssueSize  = 200 << 10
	CommitCount    = 40 // on ServiceA's main
)
