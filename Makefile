# What a user types: `make demo`, `make test`. Both install the system packages that the build needs.
# An arrow between modules that the manifest does not draw is an error.
CONFIGURATION := -c release --explicit-target-dependency-import-check error
SWIFT_BUILD   := swift build $(CONFIGURATION)
FORMATTED     := Package.swift Sources Tests Benchmarks

.PHONY: demo test build benchmark format lint fuzz packages test-python

## Runs the reference pipeline on the shipped data: alerts as a table, and how good they were.
demo: build
	"$$($(SWIFT_BUILD) --show-bin-path)/sluice" run pipelines/card-fraud.yaml --format table \
		--columns transaction_id,tx_datetime,customer_id,terminal_id,tx_amount,score,decision,reasons

## Runs every test.
test: packages test-python
	swift test $(CONFIGURATION)

build: packages
	$(SWIFT_BUILD)

## Measures the built programs; `make benchmark PARTS="throughput --runs 9"` for some of it.
benchmark: build
	"$$($(SWIFT_BUILD) --show-bin-path)/end-to-end" $(PARTS)

FUZZ_SECONDS ?= 60
FUZZ         := .build-fuzz

## Feeds damaged input of every kind to its reader; an input that traps or leaks is left in .build-fuzz/found.
fuzz: packages
	SLUICE_FUZZ=1 $(SWIFT_BUILD) --scratch-path $(FUZZ) --product fuzz
	mkdir -p $(FUZZ)/corpus $(FUZZ)/found
	SLUICE_FUZZ_CORPUS=$(FUZZ)/corpus SWIFT_BACKTRACE=enable=no $(FUZZ)/release/fuzz -max_total_time=$(FUZZ_SECONDS) \
		-rss_limit_mb=4096 -timeout=10 -dict=Tests/Fuzzing/words.dict \
		-artifact_prefix=$(FUZZ)/found/ $(FUZZ)/corpus

## Rewrites the sources in the project's format.
format:
	swift format --in-place --recursive --parallel $(FORMATTED)

## Fails where the sources are not in the project's format.
lint:
	swift format lint --strict --recursive --parallel $(FORMATTED)

## A Python with pyzmq and protobuf, and protoc: the tests feed a pipeline from another language.
test-python:
	@command -v python3 >/dev/null || if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy python3; \
	else sudo apt-get update -q && sudo apt-get install -qy python3; fi
	@bash Tests/PipelineTests/make-python.sh .build/test-python

## libzmq, the one system library of the default build.
packages:
	@if [ -e /usr/include/zmq.h ]; then :; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy libzmq3-dev; \
	else sudo apt-get update -q && sudo apt-get install -qy libzmq3-dev; fi
