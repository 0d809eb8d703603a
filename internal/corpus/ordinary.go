package corpus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// A File is an ordinary text.
type File struct {
	Name string // the module's path and the file's in it
	Kind string // what it is, as a reader would say
	Text string
}

// modules are those whose text is scrubbed: required by go.mod, so that every
// machine that built Aegis has the same ones. gitleaks itself is not among
// them: its tests are full of secrets.
var modules = []string{
	"code.gitea.io/sdk/gitea",
	"github.com/Masterminds/semver/v3",
	"github.com/Masterminds/sprig/v3",
	"github.com/andybalholm/brotli",
	"github.com/aymanbagabas/go-osc52/v2",
	"github.com/bmatcuk/doublestar/v4",
	"github.com/charmbracelet/lipgloss",
	"github.com/fsnotify/fsnotify",
	"github.com/goccy/go-yaml",
	"github.com/gofrs/flock",
	"github.com/google/uuid",
	"github.com/klauspost/compress",
	"github.com/magiconair/properties",
	"github.com/mholt/archives",
	"github.com/modelcontextprotocol/go-sdk",
	"github.com/pelletier/go-toml/v2",
	"github.com/rogpeppe/go-internal",
	"github.com/rs/zerolog",
	"github.com/sagikazarmark/locafero",
	"github.com/segmentio/encoding",
	"github.com/shopspring/decimal",
	"github.com/spf13/afero",
	"github.com/spf13/cast",
	"github.com/spf13/cobra",
	"github.com/spf13/pflag",
	"github.com/spf13/viper",
	"github.com/ulikunitz/xz",
	"github.com/wasilibs/go-re2",
	"github.com/yosida95/uritemplate/v3",
	"golang.org/x/crypto",
	"golang.org/x/exp",
	"golang.org/x/oauth2",
	"golang.org/x/sync",
	"golang.org/x/sys",
	"golang.org/x/term",
	"golang.org/x/text",
	"golang.org/x/time",
	"golang.org/x/tools",
	"gopkg.in/ini.v1",
	"gopkg.in/yaml.v3",
}

// Bounds on the ordinary text: a file's size, what is taken of one kind.
const (
	maxFile  = 512 << 10
	megabyte = 1_000_000
)

var perKind = map[string]int{
	"Go": 14 * megabyte, "Markdown": 2 * megabyte, "JSON": 2 * megabyte, "YAML and other settings": 2 * megabyte,
	"C and assembly": megabyte, "plain text and test data": 3 * megabyte,
}

const othersPerKind = 2 * megabyte

// Ordinary returns the ordinary text of the modules, in an order and a choice
// that depend on their content alone. It fails if one is neither on the machine
// nor to be had.
func Ordinary() ([]File, error) {
	folders, err := moduleFolders("", modules)
	if err != nil {
		return nil, err
	}
	var all []File
	for _, m := range modules {
		files, err := filesBelow(m, folders[m])
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return bounded(all), nil
}

// Gitea returns the ordinary text of Gitea's own module, which the tests' Gitea
// is built from; none, and no error, if it is not on the machine.
func Gitea(root string) ([]File, error) {
	const m = "code.gitea.io/gitea"
	folder, err := output(filepath.Join(root, "testdata", "gitea"), "go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", m)
	name := strings.TrimSpace(string(folder))
	if err != nil || name == "" {
		return nil, nil
	}
	files, err := filesBelow(m, name)
	if err != nil {
		return nil, err
	}
	return bounded(files), nil
}

// moduleFolders asks go, in a folder, where modules are, and to fetch those that
// are not on this machine.
func moduleFolders(in string, modules []string) (map[string]string, error) {
	folders := make(map[string]string)
	for _, command := range [][]string{{"list", "-mod=readonly", "-m", "-json"}, {"mod", "download", "-json"}} {
		var absent []string
		for _, m := range modules {
			if folders[m] == "" {
				absent = append(absent, m)
			}
		}
		if len(absent) == 0 {
			break
		}
		out, err := output(in, "go", append(command, absent...)...)
		if err != nil {
			return nil, err
		}
		for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
			var m struct{ Path, Dir string }
			if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("go %s: %w", command[0], err)
			}
			folders[m.Path] = m.Dir
		}
	}
	return folders, nil
}

func output(in, program string, args ...string) ([]byte, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = in
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", program, args[0], err)
	}
	return out, nil
}

func filesBelow(module, folder string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		kind := kindOf(d.Name())
		stat, err := d.Info()
		if err != nil || kind == "" || stat.Size() > maxFile {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil || !isText(text) {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		files = append(files, File{path.Join(module, filepath.ToSlash(relative)), kind, string(text)})
		return err
	})
	return files, err
}

func isText(b []byte) bool {
	return len(b) > 0 && utf8.Valid(b) && bytes.IndexByte(b, 0) < 0
}

// kindOf tells what a file is by its name; "" if it is none that people read.
func kindOf(name string) string {
	switch name {
	case "go.sum", "go.work.sum", "package-lock.json", "flake.lock", "pnpm-lock.yaml", "uv.lock", "yarn.lock":
		return "lock files"
	case "Makefile", "Dockerfile":
		return "scripts"
	case "LICENSE", "README", "CHANGELOG", "AUTHORS":
		return "plain text and test data"
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".go":
		return "Go"
	case ".md", ".markdown", ".rst":
		return "Markdown"
	case ".json":
		return "JSON"
	case ".yml", ".yaml", ".toml", ".ini", ".xml", ".conf", ".mod", ".properties":
		return "YAML and other settings"
	case ".js", ".ts", ".vue", ".css", ".html", ".tmpl", ".svg":
		return "web"
	case ".c", ".h", ".s", ".cpp":
		return "C and assembly"
	case ".sh", ".bash", ".py", ".pl", ".ps1", ".bat":
		return "scripts"
	case ".txt", ".txtar", ".golden", ".out", ".want", ".test", ".in", ".src", ".log", ".csv":
		return "plain text and test data"
	}
	return ""
}

// bounded chooses files of each kind up to its bound, by a hash of their names.
func bounded(files []File) []File {
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(cmp.Compare(hashed(a.Name), hashed(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	taken := make(map[string]int)
	var chosen []File
	for _, f := range files {
		limit, ok := perKind[f.Kind]
		if !ok {
			limit = othersPerKind
		}
		if taken[f.Kind]+len(f.Text) <= limit {
			taken[f.Kind] += len(f.Text)
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// Logs returns what tools print about this module: the commands of a build, the
// graph and the list of modules. Paths in them are the machine's.
func Logs(root string) ([]File, error) {
	var files []File
	for _, args := range [][]string{{"list", "-deps", "-json=ImportPath,Dir,Name,Doc,Root,GoFiles,Imports,Module", "./..."}, {"mod", "graph"}, {"list", "-m", "-json", "all"}} {
		out, err := output(root, "go", args...)
		if err != nil {
			return nil, err
		}
		files = append(files, File{"go " + strings.Join(args[:2], " "), "logs", string(out)})
	}
	// What go would run is printed on standard error.
	cmd := exec.Command("go", "build", "-a", "-n", ".")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go build -n: %w", err)
	}
	return append(files, File{"go build -n", "logs", string(out)}), nil
}

// Tracked returns this repository's own files, as git lists them.
func Tracked(root string) ([]File, error) {
	out, err := output(root, "git", "ls-files", "-z")
	if err != nil {
		return nil, err
	}
	var files []File
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err == nil && isText(text) { // else it is gone since, or no text
			files = append(files, File{name, "our own", string(text)})
		}
	}
	return files, nil
}
