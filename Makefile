# What a user types: `make demo`, `make test`. Both install the system packages that the build needs.
CONFIGURATION := -c release
SWIFT_BUILD   := swift build $(CONFIGURATION)

.PHONY: test build format lint fuzz packages

## Runs every test.
test: packages
	swift test $(CONFIGURATION)

build: packages
	$(SWIFT_BUILD)

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
	swift format --in-place --recursive --parallel Package.swift Sources Tests

## Fails where the sources are not in the project's format.
lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

## libzmq, the one system library of the default build.
packages:
	@if [ -e /usr/include/zmq.h ]; then :; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy libzmq3-dev; \
	else sudo apt-get update -q && sudo apt-get install -qy libzmq3-dev; fi
