# What one does here, with what it costs: processor time on a machine of two cores, beside compiling the first
# time. .ci/run holds all that must pass before a change lands.
export GOFLAGS += -buildvcs=false

.PHONY: help gen test golden many lint serve bench release everything fuzz browser conformance

help: ## This list.
	@sed -n 's/^\([a-z]*\):[^#]*## /\1 /p' $(MAKEFILE_LIST) | while read -r target what; do printf '%-12s %s\n' "$$target" "$$what"; done

gen: ## Generates the executor, prints the schema, packs the explorer's examples. 15 seconds; 80 after a change of the domain.
	go tool gqlgen generate
	go run . schema > schema.graphql
	go generate ./graph

test: ## Every test on both engines: many minutes. NOUN=member runs one noun's on SQLite: 5 to 15 seconds.
ifdef NOUN
	@.ci/noun "$$NOUN"
else
	go test -timeout=40m ./...
endif

golden: ## Every golden document on both engines. 20 seconds for SQLite, 3 minutes of clock for the MongoDB peer.
	go test -count=1 -timeout=40m -run '^TestGolden$$' ./graph -all

lint: ## Format, vet and staticcheck of everything. 3 seconds if little changed, 2 minutes the first time.
	@unformatted=$$(git ls-files '*.go' | grep -v '^graph/generated/' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet -tags browser,clients,conformance ./...
	go tool staticcheck -tags browser,clients,conformance ./...

serve: ## Starts the portal with its explorer on http://localhost:8080/, with flags in ARGS. 3 seconds, the first time.
	go run . serve $(ARGS)

bench: ## Every benchmark once, over 1,000 records. 30 seconds.
	go test -run '^$$' -bench '/^1000$$/' -benchtime 10x ./graph ./internal/...
	go test -run '^$$' -bench Hostile -benchtime 5x ./graph

release: ## Binaries, Debian packages, lists of parts and sums of the last commit, in dist. 10 minutes, the first time.
	release/build

# Checks that take longer than those of .ci/run, to be run once before an issue is closed.
everything: golden many fuzz browser conformance ## golden, many, fuzz, browser and conformance.

many: ## A run of invoices for 10,000 members. 11 seconds.
	go test -count=1 -v -run '^TestTenThousandMembers' ./internal/membership -many

fuzz: ## Documents that are made from the schema, as everybody; another seed each time. 10 minutes of clock.
	go test -count=1 -timeout=20m -v -run '^TestNoDocumentIsAFaultOfOurs$$' ./graph -generate=10m -seed=0

browser: ## Every journey in a browser; it needs Chromium. 40 seconds of clock.
	go test -count=1 -tags browser -run '^TestBrowser' ./graph/... ./internal/browser ./internal/cli/...

conformance: ## Audits, real clients and graphql-js; it needs Node 20 and npm. A minute of clock, half of it 2,161 requests.
	go test -count=1 -v -tags conformance ./conformance
