# Checks that take longer than those of .ci/run, to be run once before an issue is closed. What they cost beside
# compiling: golden 20 seconds of processor time for SQLite and far more for the MongoDB peer; fuzz 10 minutes of
# clock; conformance about a minute of clock with npm, of which 30 seconds are 2,161 requests; browser half a minute.
export GOFLAGS += -buildvcs=false

.PHONY: everything golden fuzz browser conformance

everything: golden fuzz browser conformance

# Every golden document on SQLite and on the MongoDB peer.
golden:
	go test -count=1 -timeout=40m -run '^TestGolden$$' ./graph

# Documents that are made from the schema, as everybody, for 10 minutes; another seed each time.
fuzz:
	go test -count=1 -timeout=20m -v -run '^TestNoDocumentIsAFaultOfOurs$$' ./graph -generate=10m -seed=0

# Every journey in a browser; it needs Chromium.
browser:
	go test -count=1 -tags browser -run '^TestBrowser' ./graph/... ./internal/cli/...

# Audits, real clients and graphql-js; it needs Node 20 and npm.
conformance:
	go test -count=1 -v -tags conformance ./conformance
