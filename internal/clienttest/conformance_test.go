package clienttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"aegis/internal/sampleforge"

	"github.com/goccy/go-yaml"
)

// conformanceNode is the oldest major version that the suite runs on.
const conformanceNode = 22

// expectations are testdata/conformance/expected.yaml.
type expectations struct {
	Met   map[string]int `yaml:"met"` // how many checks, by the protocol's version
	Unmet []struct {
		Reason string   `yaml:"reason"`
		Checks []string `yaml:"checks"`
	} `yaml:"unmet"`
}

// The public suite's scenarios, all of them, against aegis serve. What it finds is held to
// a list, both ways.
func TestConformance(t *testing.T) {
	t.Parallel()
	program := setup(t)
	suite, node := conformance(t, program)
	raw, err := os.ReadFile(filepath.Join(suite, "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var expected expectations
	if err := yaml.UnmarshalWithOptions(raw, &expected, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	unmet := make(map[string]bool) // and whether it was found so
	for _, group := range expected.Unmet {
		if group.Reason == "" {
			t.Errorf("%q are expected without a reason", group.Checks)
		}
		for _, check := range group.Checks {
			if !strings.Contains(check, " ") {
				check += " " + check
			}
			unmet[check] = false
		}
	}
	forge, err := sampleforge.Start(os.DirFS(filepath.Join(filepath.Dir(suite), "demo", "forge")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	for version, most := range expected.Met {
		s := serveAnyone(t, program, forge.URL(), demoLike)
		met := 0
		for name, status := range conform(t, node, suite, s.url, version) {
			_, is := unmet[name]
			switch {
			case status == "SUCCESS" && is:
				t.Errorf("%s: %s is met; take it off the list", version, name)
			case status == "SUCCESS":
				met++
			case !is:
				t.Errorf("%s: %s is not met: %s", version, name, status)
			default:
				unmet[name] = true
			}
		}
		if met != most {
			t.Errorf("%s: %d checks are met; want %d", version, met, most)
		}
	}
	for name, found := range unmet {
		if !found {
			t.Errorf("%s was not looked at; take it off the list", name)
		}
	}
}

// conformance returns the suite's folder, installed, and a Node that it runs on. Where
// either can't be had, that is said and nothing is tested.
func conformance(t *testing.T, program program) (suite, node string) {
	t.Helper()
	suite = filepath.Join(filepath.Dir(program.clients), "conformance")
	if err := install(t.Context(), suite); err != nil {
		t.Skipf("NOT RUN: the conformance suite can't be had: %v", err)
	}
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	bundled := filepath.Join(suite, "node_modules", "node-"+runtime.GOOS+"-"+arch, "bin", "node")
	for _, node := range []string{program.node, bundled} {
		if major, err := majorOf(t.Context(), node); err == nil && major >= conformanceNode {
			return suite, node
		}
	}
	t.Skipf("NOT RUN: the conformance suite needs Node %d or later", conformanceNode)
	return "", ""
}

// stamped ends the name of a folder of results.
var stamped = regexp.MustCompile(`-\d{4}-\d\d-\d\dT[0-9-]+Z$`)

// conform runs the suite's scenarios of a version, and returns the status of each check
// that has one, by its scenario's name and its own.
func conform(t *testing.T, node, suite, url, version string) map[string]string {
	t.Helper()
	results := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	defer cancel()
	script := filepath.Join(suite, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")
	command := exec.CommandContext(ctx, node, script, "server", "--url", url, "--suite", "all", "--spec-version", version, "-o", results)
	command.Dir = results
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(results, "*", "checks.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the suite has found nothing (%v):\n%s", err, out)
	}
	all := make(map[string]string)
	for _, file := range files {
		scenario := stamped.ReplaceAllString(strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "server-"), "")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var checks []struct{ ID, Status, ErrorMessage string }
		decode(t, raw, &checks)
		for i, check := range checks {
			name := scenario + " " + check.ID
			if _, twice := all[name]; twice {
				name = fmt.Sprintf("%s (%d)", name, i)
			}
			if !slices.Contains([]string{"INFO", "SKIPPED"}, check.Status) {
				all[name] = check.Status
				if check.Status != "SUCCESS" {
					all[name] += ": " + check.ErrorMessage
				}
			}
		}
	}
	return all
}
