package keys

import (
	"encoding/hex"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"aegis/internal/apikey"
	"aegis/internal/canon"

	"github.com/goccy/go-yaml/ast"
)

// Parse reads a file of keys from its bytes. Its error joins a [*Problem] for each
// thing that is wrong, of the first ten.
func Parse(name string, raw []byte) ([]*Key, error) {
	r := &reader{problems: problems{file: name}}
	if len(raw) > maxFile {
		r.errorf(nil, "the file is larger than %d bytes", maxFile)
		return nil, r.err()
	}
	root := r.document(raw)
	if root == nil {
		return nil, r.err()
	}
	var all []*Key
	version := false
	r.members("the file", root, map[string]func(ast.Node){
		"version": func(node ast.Node) {
			version = true
			if r.text("version", node) != "1" {
				r.errorf(begins(node), "version must be 1")
			}
		},
		"keys": func(node ast.Node) {
			if empty, ok := node.(*ast.SequenceNode); ok && len(empty.Values) == 0 {
				return
			}
			r.list("keys", node, func(node ast.Node) { all = append(all, r.key(node)) })
		},
	})
	if !version && len(r.all) == 0 {
		r.errorf(nil, "the key version is missing; write: version: 1")
	}
	if len(r.all) == 0 {
		r.together(root, all)
		r.leftover()
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return all, nil
}

// together holds the keys of a file against each other.
func (r *reader) together(root ast.Node, all []*Key) {
	if len(all) > Most {
		r.errorf(begins(root), "the file has %d keys, and %d at most are read", len(all), Most)
	}
	names, hashes := make(map[string]bool), make(map[Hash]bool)
	for _, k := range all {
		if names[k.Name] {
			r.errorf(begins(root), "two keys have the name %s", k.Name)
		}
		names[k.Name] = true
		for _, s := range k.Secrets {
			if hashes[s.Hash] {
				r.errorf(begins(root), "a sha256 of %s is there twice", k.Name)
			}
			hashes[s.Hash] = true
		}
	}
}

// fromVariable are the names of keys that a variable gives.
var fromVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^env-[0-9]+$`) })

// nameProblem says why a name can be no key's in a file, "" if it can.
func nameProblem(name string) string {
	switch {
	case !hasName(name):
		return "a name is 1 to 64 of the characters a-z 0-9 . _ - and begins with a letter or a digit"
	case fromVariable().MatchString(name):
		return "names like env-1 are those of keys in MCP_API_KEYS"
	}
	return ""
}

func (r *reader) key(node ast.Node) *Key {
	k := new(Key)
	write, writes := false, false
	r.members("a key", node, map[string]func(ast.Node){
		"name": func(node ast.Node) {
			k.Name = r.text("name", node)
			if why := nameProblem(k.Name); why != "" {
				r.errorf(begins(node), "%s", why)
			}
		},
		"created": func(node ast.Node) { k.Created = r.time("created", node) },
		"expires": func(node ast.Node) { k.Expires = r.time("expires", node) },
		"from": func(node ast.Node) {
			r.list("from", node, func(node ast.Node) { k.From = append(k.From, r.network(node)) })
		},
		"gitea_token_file": func(node ast.Node) {
			k.TokenFile = r.path("gitea_token_file", node)
		},
		"gitea_token": func(node ast.Node) {
			if k.Shared = r.text("gitea_token", node) == "shared"; !k.Shared {
				r.errorf(begins(node), "gitea_token can only be shared; a token of its own stands in a file, named by gitea_token_file")
			}
		},
		"write": func(node ast.Node) {
			if write = r.text("write", node) == "allow"; !write {
				r.errorf(begins(node), "write can only be allow; leave it out to deny")
			}
		},
		"write_repos": func(node ast.Node) {
			writes = true
			r.list("write_repos", node, func(node ast.Node) { k.Writes = append(k.Writes, r.repository(node)) })
		},
		"policy": func(node ast.Node) { k.Policy = r.path("policy", node) },
		"secrets": func(node ast.Node) {
			r.list("secrets", node, func(node ast.Node) { k.Secrets = append(k.Secrets, r.secret(node)) })
		},
	})
	r.endsWith("secrets", node)
	switch {
	case len(r.all) > 0:
	case k.Name == "":
		r.errorf(begins(node), "a key has no name")
	case len(k.Secrets) == 0, len(k.Secrets) > mostSecrets:
		r.errorf(begins(node), "a key has 1 to %d secrets", mostSecrets)
	case k.TokenFile != "" && k.Shared:
		r.errorf(begins(node), "a key has a token of its own (gitea_token_file) or the server's (gitea_token: shared), not both")
	case write != writes:
		r.errorf(begins(node), "a key that writes has both write: allow and write_repos, and another one neither")
	}
	return k
}

func (r *reader) secret(node ast.Node) (s Secret) {
	hashed := false
	r.members("a secret", node, map[string]func(ast.Node){
		"until": func(node ast.Node) { s.Until = r.time("until", node) },
		"sha256": func(node ast.Node) {
			text := r.text("sha256", node)
			raw, err := hex.DecodeString(text)
			switch hashed = true; {
			case strings.Contains(text, apikey.Prefix):
				r.errorf(begins(node), "this is a key, and not its SHA-256: take it for known to others, and add another one with \"aegis keys add\"")
			case err != nil || len(raw) != len(s.Hash) || strings.ToLower(text) != text:
				r.errorf(begins(node), "sha256 must be 64 hex digits in lower case")
			default:
				s.Hash = Hash(raw)
			}
		},
	})
	if !hashed {
		r.errorf(begins(node), "a secret has a sha256")
	}
	r.endsWith("sha256", node)
	return s
}

// endsWith refuses a mapping of which more is said behind what lets somebody in: a file
// that was cut in between would let them do more.
func (r *reader) endsWith(last string, node ast.Node) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok || len(mapping.Values) == 0 {
		return
	}
	for _, value := range mapping.Values[:len(mapping.Values)-1] {
		if at := value.Key.GetToken(); at.Value == last {
			r.errorf(at, "%s comes last here, so that a file that was cut short lets nobody in of whom less is said", last)
		}
	}
}

func (r *reader) time(what string, node ast.Node) time.Time {
	at, err := time.Parse(time.RFC3339, r.text(what, node))
	if err != nil || at.IsZero() {
		r.errorf(begins(node), "%s must be a time like 2031-02-03T04:05:06Z", what)
	}
	return at.UTC()
}

func (r *reader) network(node ast.Node) netip.Prefix {
	prefix, err := ParseNetwork(r.text("from", node))
	if err != nil {
		r.errorf(begins(node), "%v", err)
	}
	return prefix
}

func (r *reader) path(what string, node ast.Node) string {
	path := r.text(what, node)
	if path != "" && !filepath.IsAbs(path) {
		r.errorf(begins(node), "%s must be an absolute path: a service has another working folder than you", what)
	}
	return path
}

func (r *reader) repository(node ast.Node) canon.Repo {
	repo, err := canon.ParseFullName(r.text("write_repos", node))
	if err != nil {
		r.errorf(begins(node), "write_repos has exact names, as in acme/app, and no patterns")
	}
	return repo
}

// find returns the key of a name, nil if there is none.
func find(all []*Key, name string) *Key {
	if i := slices.IndexFunc(all, func(k *Key) bool { return k.Name == name }); i >= 0 {
		return all[i]
	}
	return nil
}
