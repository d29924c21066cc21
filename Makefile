# One word for each thing that one does here; `make` alone lists them.

# One configuration for everything, so that the demo, the tests and the benchmarks share their products.
SWIFTFLAGS := -c release --explicit-target-dependency-import-check error
EPROPC     := .build/release/epropc
TOOLS      := .build/tools
NETWORKS   := $(patsubst %/network.json,%,$(wildcard Generated/*/network.json))
SUITES     := $(patsubst %/Makefile,%,$(wildcard Generated/*/Makefile))
SWIFT_CODE := Package.swift Sources Tests

# EPROPC_SKIP_SETUP=1 takes everything as installed.
SETUP := $(if $(EPROPC_SKIP_SETUP),@:,@scripts/setup.sh)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-build setup-host setup-test setup-extras setup-lint build tools demo test test-swift test-c generate bench \
	extras lint lint-swift lint-c clean

help: ## this list
	@echo 'make WORD, where WORD is one of'
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r word text; do \
	    printf '  %-10s %s\n' "$$word" "$$text"; done

setup: ## install what is missing for everything below (apt; says what and why)
	$(SETUP) build host emulators lint
setup-build:
	$(SETUP) build
setup-host:
	$(SETUP) build host
setup-test:
	$(SETUP) build host emulators
setup-extras:
	$(SETUP) extras
setup-lint:
	$(SETUP) build host emulators lint

build: setup-build ## build the command line tool, .build/release/epropc
	swift build $(SWIFTFLAGS)

demo: setup-host build ## train nothing, install little: compile a network to C, let it learn here, check every bit
	$(EPROPC) demo

# A second make, because this one looked for the libraries of the tools before they were installed.
test: setup-test ## everything that can fail: Swift tests, emulated targets, the C suites
	@$(MAKE) --no-print-directory test-swift test-c

# Without testable imports the modules are compiled as `build` compiles them, and are not built a second time.
test-swift: tools
	swift test $(SWIFTFLAGS) --disable-testable-imports

test-c: $(addsuffix .suite,$(SUITES))
%.suite:
	@echo '== $*'
	@$(MAKE) --no-print-directory -C $* test

# The two development tools that the counting targets need. Each is left out where its library is not installed; the
# tests then say so.
tools: $(TOOLS)/qemu_counts.so $(if $(wildcard /usr/include/simavr/sim_avr.h),$(TOOLS)/simavr_runner)
TOOLFLAGS := -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror
$(TOOLS)/qemu_counts.so: targets/tools/qemu_counts.c targets/tools/call_counts.h
	@mkdir -p $(TOOLS)
	gcc $(TOOLFLAGS) -shared -fPIC $< -o $@
$(TOOLS)/simavr_runner: targets/tools/simavr_runner.c targets/tools/call_counts.h
	@mkdir -p $(TOOLS)
	gcc $(TOOLFLAGS) $< -o $@ -lsimavr -lelf

generate: build ## rewrite Generated/ from the descriptions in it
	@for network in $(NETWORKS); do echo "== $$network"; $(EPROPC) compile $$network/network.json -o $$network || exit 1; done

bench: setup-test build tools ## measure on this machine: instructions of the generated C on every target, what it learns, speed of the float reference
	$(EPROPC) bench kernels
	$(EPROPC) bench targets
	$(EPROPC) bench learning
	$(EPROPC) bench reference

# Nothing needs it: without it the comparison of `bench reference`, Tests/Extras/conventions.py and that of many drawn
# networks with snnTorch and Norse are skipped. The CPU build of PyTorch where it can be had.
EXTRAS := .build/extras
extras: setup-extras ## install PyTorch, JAX, snnTorch and Norse for Python under .build/extras, for comparisons with them
	python3 -m venv $(EXTRAS)
	$(EXTRAS)/bin/pip install --index-url https://download.pytorch.org/whl/cpu numpy torch || \
	    $(EXTRAS)/bin/pip install numpy torch
	$(EXTRAS)/bin/pip install safetensors 'jax[cpu]' snntorch norse nir
	@echo 'now: $(EPROPC) bench reference; $(EXTRAS)/bin/python3 Tests/Extras/conventions.py $(EPROPC)'

lint: setup-lint lint-swift lint-c ## format and static analysis of Swift and C

lint-swift:
	swift format lint --strict -r $(SWIFT_CODE)

lint-c: tools
	scripts/lint-c.sh

clean: ## remove what was built
	swift package clean
	rm -rf $(TOOLS)
	@for suite in $(SUITES); do $(MAKE) --no-print-directory -C $$suite clean; done
