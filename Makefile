# What a user types: `make demo`, `make test`. Both install the system packages that the build needs.
CONFIGURATION := -c release
SWIFT_BUILD   := swift build $(CONFIGURATION)

.PHONY: test build format lint packages

## Runs every test.
test: packages
	swift test $(CONFIGURATION)

build: packages
	$(SWIFT_BUILD)

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
