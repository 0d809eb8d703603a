package tools_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// listedWrites is the list of what may change something once more, written without
// the matcher that is in force.
var listedWrites = regexp.MustCompile(`^(` +
	`POST /(issues|issues/\d+/comments|labels|milestones|branches|contents|pulls|pulls/\d+/reviews|releases|wiki/new|actions/workflows/[^/]+/dispatches|actions/runs/\d+/rerun)|` +
	`PATCH /(issues/\d+|issues/comments/\d+|pulls/\d+|releases/\d+|wiki/page/[^/]+)|` +
	`PUT /issues/\d+/labels` +
	`)$`)

// Without write mode nothing but questions leaves, whatever is called; with it what
// is on the list, to the one repository that may be written to, and only from
// tools that change something.
func TestI5_WhatAForgeSeesOfEveryTool(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	known := make(map[string]bool)
	for _, tool := range tools.All() {
		known[tool.Name] = true
	}
	for _, writing := range []bool{false, true} {
		t.Run(fmt.Sprintf("write mode %v", writing), func(t *testing.T) {
			t.Parallel()
			forge := giteatest.NewProxyTo(t, base)
			config := opened(t, changing()[0], gatetest.Config{URL: forge.URL})
			config.Policy = "version: 1\nrepositories: {\"*/*\": {write: allow, automation: allow, branches: {allow: [\"**\"]}}}\n" // the other keys have to do
			config.Write = writing
			door := gatetest.Open(t, config)
			for name, args := range samples {
				if !known[name] {
					continue
				}
				capability := ""
				for _, tool := range tools.All() {
					if tool.Name == name {
						capability = tool.Capability.String()
					}
				}
				for _, each := range []string{args, strings.ReplaceAll(args, `"website"`, `"playground"`), strings.ReplaceAll(args, `"website"`, `"service"`)} {
					forge.Reset()
					door.Anew() // that has read nothing yet
					door.Ask(name, each)
					for _, r := range writesOf(forge.Requests()) {
						below, ok := strings.CutPrefix(r.Path, "/api/v1/repos/"+writable)
						if !writing || capability == "read" || !ok || r.Query != "" || !listedWrites.MatchString(r.Method+" "+below) {
							t.Errorf("%s sent %s %s?%s", name, r.Method, r.Path, r.Query)
						}
					}
				}
			}
		})
	}
}
