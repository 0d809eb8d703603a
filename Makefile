# make build    the aegis binary, here
# make test     every test, with the race detector: against a real Gitea and
#               real clients, both set up on first use (minutes, once)
# make check    formatting, vet, modules, staticcheck, known vulnerabilities
# make cross    that every released platform compiles
# make conformance    the public suite's scenarios against aegis serve
# make agents   that real agents start aegis by what aegis init wrote
# make bench    every benchmark, into bench.txt, and a table of the targets
# make image    the container image, as an OCI layout in dist/image
# make release-check   what a release would be, built in a scratch copy
#
# Needs Go, git, a C compiler (for the tests' Gitea and the race detector) and
# Node 20 or later with npm (for the tests' clients).

SHELL   := bash
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
SYSTEMS   := linux darwin windows
TOOLS     := -modfile=testdata/tools/go.mod
BENCHTIME ?= 1s

.PHONY: build test check format vet tidy staticcheck vulnerabilities cross bench release-check

# Functions begin at multiples of 16 bytes: with the usual 32 it would be 0.2 MB more.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -funcalign=16 -X aegis/cli.Version=$(VERSION)" -o aegis$(shell $(GO) env GOEXE) .

# The time limit is a package's own: the first one to need Gitea compiles it. What
# measures, or tries very much, tries less under the race detector, and all of it without.
test:
	$(GO) test -race -timeout 40m ./...
	$(GO) test -run 'Linear|EndsInTime' ./sanitize
	$(GO) test ./tools ./audit
	AEGIS_TEST_OVER_HTTP=2026-07-28 $(GO) test -timeout 40m -run 'TestI6|TestHole02|TestHole04|Identity|Paths|Secrets' ./internal/attack
	@$(MAKE) --no-print-directory deploy-check
	@$(MAKE) --no-print-directory conformance

check: format vet tidy staticcheck vulnerabilities

# The same commit gives the same digest, which is printed.
.PHONY: image
image:
	cd deploy && SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(GO) run ./image --version $(VERSION) --out ../dist/image

# What is in deploy/: the image is made twice and run, and each file is held against what
# reads it. What this machine lacks for that is told, as NOT RUN.
.PHONY: deploy-check
deploy-check:
	@deploy/check/run

# Text that tests read as data is not ours to format.
format:
	@files=$$(find . \( -name testdata -o -name node_modules -o -name .git -o -name dist \) -prune -o -name '*.go' -print | xargs gofmt -l); \
	if [ -n "$$files" ]; then echo "not formatted by gofmt:"; echo "$$files"; exit 1; fi

vet:
	@status=0; for system in $(SYSTEMS); do \
		echo "go vet ($$system)"; CGO_ENABLED=0 GOOS=$$system $(GO) vet ./... || status=1; \
	done; exit $$status

tidy:
	$(GO) mod tidy -diff
	cd testdata/tools && $(GO) mod tidy -diff

# GOOS must reach what the program looks at, not how it is built.
staticcheck:
	@program=$$($(GO) tool -n $(TOOLS) staticcheck) || exit 1; \
	status=0; for system in $(SYSTEMS); do \
		echo "staticcheck ($$system)"; CGO_ENABLED=0 GOOS=$$system "$$program" ./... || status=1; \
	done; exit $$status

# The list of known vulnerabilities is fetched; a machine that may not fetch it
# is told so and goes on. A finding, or any other failure, is one of the check.
vulnerabilities:
	@program=$$($(GO) tool -n $(TOOLS) govulncheck) || exit 1; \
	said=$$("$$program" ./... 2>&1); status=$$?; \
	if [ $$status -eq 1 ] && [[ "$$said" == *"fetching vulnerabilities"* ]]; then \
		echo "govulncheck: NOT RUN, its database can't be reached from here"; \
	else echo "govulncheck: $$said"; exit $$status; fi

cross:
	@set -e; for platform in $(PLATFORMS); do \
		echo "go build ($$platform)"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -trimpath -o /dev/null .; \
	done

# Benchmarks come in pairs, a baseline and ours; the ratio survives a noisy
# machine. go test runs one package's after the other's, all compiled before.
bench:
	@set -o pipefail; \
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) -timeout 20m \
		$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n1 dirname | sort -u) | tee bench.txt
	@echo
	@$(GO) run ./internal/bench/report bench.txt

release-check:
	.ci/release-check

# Recall by rule, context and encoding, what is cut from ordinary text, and how many
# files of each kind come back through a real Gitea as they were: many minutes. Modules
# whose text is read are fetched if they are not here.
.PHONY: corpus
corpus:
	@$(GO) run ./internal/corpus/report
	@AEGIS_FILES_PER_KIND=300 $(GO) test -count=1 -timeout 60m -run '^TestFilesComeBackAsTheyWere$$' -v ./internal/writetest

# The attacks, every tool, the writes and the model that obeys what it reads once more, over
# HTTP: each call on a connection of its own, in either era of the protocol.
.PHONY: over-http
over-http:
	@set -e; for era in 2025-11-25 2026-07-28; do \
		AEGIS_TEST_OVER_HTTP=$$era $(GO) test -count=1 -timeout 60m ./internal/attack ./internal/readtest ./internal/writetest ./internal/poisontest; \
	done

# Real agents start aegis by what aegis init wrote for them. They are more than a gigabyte.
.PHONY: agents
agents:
	AEGIS_TEST_AGENTS=1 $(GO) test -count=1 -timeout 30m -run '^TestAgentsStartWhatInitWrote$$' -v ./internal/clienttest

# The public conformance suite against aegis serve. Where it can't be had, that is said.
.PHONY: conformance
conformance:
	@set -o pipefail; $(GO) test -timeout 10m -run '^TestConformance$$' -v ./internal/clienttest | sed -n '/NOT RUN\|_test.go:\|^ok\|^FAIL\|^---/p'

# 200 callers, for half an hour at 80 % of the rate that they reach at once, beside 2,000
# connections that say nothing.
.PHONY: load
load:
	AEGIS_TEST_LOAD=30m $(GO) test -count=1 -timeout 60m -run '^TestLoad$$' -v ./serve/http
