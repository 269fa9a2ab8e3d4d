# What a user types: `make demo`, `make test`. Both install the system packages that the build needs.
CONFIGURATION := -c release
SWIFT_BUILD   := swift build $(CONFIGURATION)
FORMATTED     := Package.swift Sources Tests Benchmarks

.PHONY: test build benchmark format lint packages

## Runs every test.
test: packages
	swift test $(CONFIGURATION)

build: packages
	$(SWIFT_BUILD)

## Measures the built programs; `make benchmark PARTS="throughput --runs 9"` for some of it.
benchmark: build
	"$$($(SWIFT_BUILD) --show-bin-path)/end-to-end" $(PARTS)

## Rewrites the sources in the project's format.
format:
	swift format --in-place --recursive --parallel $(FORMATTED)

## Fails where the sources are not in the project's format.
lint:
	swift format lint --strict --recursive --parallel $(FORMATTED)

## libzmq, the one system library of the default build.
packages:
	@if [ -e /usr/include/zmq.h ]; then :; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy libzmq3-dev; \
	else sudo apt-get update -q && sudo apt-get install -qy libzmq3-dev; fi
