package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/canon"

	"github.com/goccy/go-yaml"
)

// largePolicy is a policy of 10,000 sections of which 100 are patterns.
func largePolicy(limits string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nlimits: {%s}\npaths: {deny: [\"**/.env*\", \"**/*.pem\", \"secrets/**\"]}\nrepositories:\n", limits)
	for i := range 9_900 {
		fmt.Fprintf(&b, "  \"owner%d/repository%d\": {paths: {deny: [\"private/**\"]}}\n", i%50, i)
	}
	for i := range 50 {
		fmt.Fprintf(&b, "  \"owner%d/hr-%d-*\": {read: deny}\n  \"*/%d-hr-*\": {read: deny}\n", i, i, i)
	}
	return []byte(b.String())
}

// largePolicies are one of that size by itself, and one on a floor of the same size.
func largePolicies(b *testing.B) (alone, onFloor *policy.Policy) {
	b.Helper()
	alone, _, err := policy.Load(policyFile(b, "policy.yaml", largePolicy("calls_per_minute: 60")))
	if err != nil {
		b.Fatal(err)
	}
	floor, _, err := policy.LoadFloor(policyFile(b, "floor.yaml", largePolicy("calls_per_minute: 90")))
	if err != nil {
		b.Fatal(err)
	}
	return alone, policy.OnFloor(alone, floor)
}

func policyFile(b *testing.B, name string, source []byte) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(file, source, 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// BenchmarkPolicyLoad loads a policy of 10,000 sections, beside a YAML library that reads
// the same text into maps.
func BenchmarkPolicyLoad(b *testing.B) {
	source := largePolicy("calls_per_minute: 60")
	file := policyFile(b, "policy.yaml", source)
	b.Run("library", func(b *testing.B) {
		processor(b, func() {
			var all map[string]any
			if err := yaml.Unmarshal(source, &all); err != nil {
				b.Fatal(err)
			}
		})
	})
	for name, load := range map[string]func(string) (*policy.Policy, []policy.Warning, error){"ours": policy.Load, "floor": policy.LoadFloor} {
		b.Run(name, func(b *testing.B) {
			processor(b, func() {
				if _, _, err := load(file); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkPolicyCheck is what aegis policy check does: loading, and all that it tells.
func BenchmarkPolicyCheck(b *testing.B) {
	file := policyFile(b, "policy.yaml", largePolicy("calls_per_minute: 60"))
	below := policyFile(b, "floor.yaml", largePolicy("calls_per_minute: 90"))
	check := func(b *testing.B, floor string) {
		p, _, err := policy.Load(file)
		if err == nil && floor != "" {
			var f *policy.Policy
			f, _, err = policy.LoadFloor(floor)
			p = policy.OnFloor(p, f)
		}
		if err != nil || len(policy.Describe(p))+len(policy.Cautions(p)) == 0 {
			b.Fatal(err)
		}
	}
	b.Run("alone", func(b *testing.B) { processor(b, func() { check(b, "") }) })
	b.Run("floor", func(b *testing.B) { processor(b, func() { check(b, below) }) })
}

// BenchmarkPolicyDecide decides a call of somebody, by a policy and by one on a floor.
func BenchmarkPolicyDecide(b *testing.B) {
	alone, onFloor := largePolicies(b)
	var cases []policy.Case
	for _, name := range []string{"owner7/repository57", "owner7/hr-7-x", "elsewhere/entirely"} {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			b.Fatal(err)
		}
		path, err := canon.ParsePath("src/internal/thing/main.go")
		if err != nil {
			b.Fatal(err)
		}
		cases = append(cases, policy.Case{Tool: "get_file_contents", Capability: policy.Read, Principal: "tester", Repo: repo, Paths: []canon.Path{path}})
	}
	for _, by := range []struct {
		name   string
		policy *policy.Policy
	}{{"alone", alone}, {"floor", onFloor}} {
		b.Run(by.name, func(b *testing.B) {
			i := 0
			processor(b, func() {
				by.policy.Decide(cases[i%len(cases)])
				i++
			})
		})
	}
}
